"""A live server whose rows change while the suite reads them causes no false alarm."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from driftline.checks.exchange import Exchange
from driftline.checks.finding import Check, Usage
from driftline.checks.outgoing import Outgoing
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.http.flakiness import has_moved
from driftline.suite.run import run_suite

from .conftest import APIS, ROOT
from .plain_server import SERVERS, PlainRequest, PlainResponse, run_plain_server
from .test_false_alarms import format_alarms, lend_credentials

PROJECT = Project(ROOT)


def build_restless_server(
    api: str, seed: int, credentials: dict[str, str], *, often: float = 0.5
) -> Any:
    """Return a correct server that adds or removes a row after some of its requests."""
    server = SERVERS[api](seed, credentials)
    chance = random.Random(seed)
    handle_unchanged = server.handle

    def handle(request: PlainRequest) -> PlainResponse:
        response = handle_unchanged(request)
        if chance.random() < often:
            if chance.random() < 0.6 or len(server.calls) < 5:
                server.come()
            else:
                server.calls.pop(chance.randrange(len(server.calls)))
        return response

    server.handle = handle
    return server


def run_checks(
    spec: Spec, server: Any, *, writes: bool = False, seed: int = 0
) -> tuple[list[Check], Usage]:
    usages: list[Usage] = []
    with run_plain_server({spec.name: server}) as url:
        checks = run_suite(
            PROJECT,
            [spec],
            urls={spec.name: f"{url}/{spec.name}"},
            allow_writes=[operation.id for operation in spec.operations] if writes else (),
            seed=seed,
            rate=100_000,
            max_requests=100_000,
            on_end=usages.extend,
        )
    return checks, usages[0]


@pytest.mark.parametrize("seed", [0])
@pytest.mark.parametrize("api", APIS)
def test_changing_rows_of_a_live_server_are_not_drift(
    specs: dict[str, Spec], api: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Totals, lost rows and repeated rows are not reported if the rows of a live server change."""
    server = build_restless_server(api, seed, lend_credentials(specs[api], monkeypatch))
    checks, _ = run_checks(specs[api], server, writes=True, seed=seed)
    assert format_alarms(checks) == ""


def test_a_note_says_that_rows_changed(
    specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A note says that rows changed, and names the findings that were not certain."""
    server = build_restless_server("roark", 0, lend_credentials(specs["roark"], monkeypatch))
    _, usage = run_checks(specs["roark"], server)
    assert any("its rows changed while they were read" in note for note in usage.notes)
    assert any("listing.total.wrong" in note for note in usage.notes)


def test_a_repeated_last_row_is_drift_even_if_rows_change(
    specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that repeats the last row of the page before is found even if the rows change."""
    server = build_restless_server("roark", 0, lend_credentials(specs["roark"], monkeypatch))
    build_right_page = server._page

    def build_page(rows: list[Any], limit: int, after: str | None) -> PlainResponse:
        response = build_right_page(rows, limit, after)
        last = server.cursors.get(after or "", after)
        repeated_rows = [row for row in rows if row["id"] == last]
        if repeated_rows and response.status == 200:
            visible_rows = [{k: v for k, v in row.items() if k[0] != "_"} for row in repeated_rows]
            response.value["data"] = [*visible_rows, *response.value["data"]][:limit]
        return response

    monkeypatch.setattr(server, "_page", build_page)
    checks, _ = run_checks(specs["roark"], server)
    assert "listing.page.repeats" in {f.id for check in checks for f in check.findings}


def test_an_ignored_filter_is_drift_even_if_rows_change(
    specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ignored filter is found even if the rows change, since each response shows it."""
    server = build_restless_server("revox", 0, lend_credentials(specs["revox"], monkeypatch))
    handle_rightly = server.handle

    def handle(request: PlainRequest) -> PlainResponse:
        request.query = [pair for pair in request.query if pair[0] != "statuses"]
        return handle_rightly(request)

    server.handle = handle
    checks, _ = run_checks(specs["revox"], server)
    assert "listing.filter.ignored" in {f.id for check in checks for f in check.findings}


def test_a_wrong_total_of_unchanged_rows_is_drift(
    specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong total is found if the rows do not change between two equal requests."""
    server = build_restless_server(
        "roark", 0, lend_credentials(specs["roark"], monkeypatch), often=0
    )
    build_right_page = server._page

    def build_page(rows: list[Any], limit: int, after: str | None) -> PlainResponse:
        response = build_right_page(rows, limit, after)
        if response.status == 200:
            response.value["pagination"]["total"] += len(response.value["data"])
        return response

    monkeypatch.setattr(server, "_page", build_page)
    checks, _ = run_checks(specs["roark"], server)
    assert "listing.total.wrong" in {f.id for check in checks for f in check.findings}


@pytest.mark.parametrize(
    ("second", "is_moved"),
    [([1, 2], False), ([2, 1], False), ([2, 3], True), ([1], True)],
)
def test_rows_in_another_order_have_not_changed(
    specs: dict[str, Spec], second: list[int], is_moved: bool
) -> None:
    """The same rows in another order have not changed; other rows have."""
    operation = next(o for o in specs["roark"].operations if o.listing)
    assert operation.listing is not None
    request = Outgoing("GET", operation.path, "", (), b"")
    name = operation.listing.items.strip("/")
    exchanges = [
        Exchange(operation.id, request, "", 200, (), json.dumps({name: rows}).encode(), 0.0)
        for rows in ([{"id": row_id} for row_id in ids] for ids in ([1, 2], second))
    ]
    assert has_moved(operation, exchanges) is is_moved
