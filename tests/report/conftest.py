"""Reports for the tests of renderings, built from values without a run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from driftline.checks.finding import Check, Finding
from driftline.errors import Location
from driftline.report import OperationLine, Report, ReportedApi

FINDING = Finding(
    id="response.required.missing",
    severity="breaking",
    api="shop",
    operation="order.list",
    location=Location(Path("specs/shop.yaml"), 42, "/components/schemas/Order/required"),
    message="field `data[].id` is required but missing",
    expected="the field id",
    got="only total, state",
    where="data[].id",
    curl="curl 'http://127.0.0.1:8080/shop/orders?limit=2' -H 'X-Key: '\"${SHOP_KEY}\"",
    client="shop.order.list(limit=2)",
    first=12,
    count=3,
    requests=40,
)
CHECK = Check(api="shop", operation="order.list", name="pages", outcome="passed", requests=2)
REPORT = Report(
    apis=(
        ReportedApi(
            "shop",
            "The shop",
            "mock",
            (
                OperationLine("order.list", "GET", "/orders", "Lists orders"),
                OperationLine("order.create", "POST", "/orders", "Makes an order"),
            ),
        ),
        ReportedApi(
            "bank", "The bank", "https://bank.example/v1", (OperationLine("ping", "GET", "/", ""),)
        ),
    ),
    checks=(
        attrs.evolve(CHECK, operation="", name="spec", requests=0),
        CHECK,
        attrs.evolve(CHECK, operation="order.create", name="creation"),
        attrs.evolve(CHECK, api="bank", operation="ping"),
    ),
    started=datetime(2025, 1, 31, 12, 0, tzinfo=UTC),
    seconds=1.25,
    version="1.2.3",
)


@pytest.fixture
def finding() -> Callable[..., Finding]:
    """Return a function that builds a finding with the given fields changed."""
    return lambda **changes: attrs.evolve(FINDING, **changes)


@pytest.fixture
def agreeing_report() -> Report:
    """Return a report of two APIs, one of them live, without findings."""
    return REPORT


@pytest.fixture
def report_of() -> Callable[..., Report]:
    """Return a function that builds a report with these findings in an additional check."""

    def build(*findings: Finding, **check: Any) -> Report:
        options: dict[str, Any] = {"outcome": "drift" if findings else "passed", **check}
        drifted_check = attrs.evolve(CHECK, findings=findings, **options)
        return attrs.evolve(REPORT, checks=(*REPORT.checks, drifted_check))

    return build
