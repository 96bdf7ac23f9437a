"""Whether a server lacks an operation is decided by all its responses in a run."""

from __future__ import annotations

from collections import Counter

import pytest
from accept.conftest import SHOP

from driftline.checks import Check, Finding
from driftline.errors import Location
from driftline.openapi import load
from driftline.report.phrases import describe_sightings
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.missing import MISSING_OPERATION, count_responses, may_be_missing


@pytest.mark.parametrize(
    ("operation", "statuses", "unknown", "missing"),
    [
        ("health.get", [404], [], True),
        ("health.get", [405, 401], [], True),
        ("health.get", [404, 200], [], False),
        ("health.get", [401], [], False),
        ("health.get", [500], [], False),
        ("health.get", [], [], False),
        ("health.get", [404], ["customer_id"], False),
        ("health.get", [501], ["customer_id"], True),
        ("order.get", [404], [], False),
        ("order.get", [405], [], True),
    ],
)
def test_an_operation_may_be_missing_if_all_are_404_or_405(
    operation: str, statuses: list[int], unknown: list[str], missing: bool
) -> None:
    """An operation may be missing if all responses are 404 or 405, unless the 404 may be about a
    row.
    """
    spec = load(SHOP)
    found_operation = spec.find_operation(operation)
    assert found_operation is not None
    with Session(Target.mock(spec)) as session:
        session.statuses[operation] = Counter(statuses)
        session.unknown_values[operation] = unknown
        assert may_be_missing(session, found_operation) is missing


def test_a_missing_operation_is_counted_in_all_responses() -> None:
    """The finding counts each response that lacks the operation, not only the confirming one."""
    location = Location(SHOP, 1, "")
    finding = Finding(
        id=MISSING_OPERATION,
        severity="breaking",
        api="shop",
        operation="health.get",
        location=location,
        message="the server does not have the operation",
        expected="a response of the operation",
        got="404 Not Found",
        first=9,
    )
    check = Check(
        api="shop", operation="health.get", name="coverage", outcome="drift", findings=(finding,)
    )
    (counted_finding,) = count_responses(check, Counter({404: 7, 401: 2})).findings
    assert describe_sightings(counted_finding) == "seen 7 times in 9 requests"
