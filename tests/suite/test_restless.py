"""A live server whose rows come and go while the suite reads them: no false alarm."""

from __future__ import annotations

import random
from typing import Any

import pytest

from driftline.checks.finding import Check, Usage
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.run import run_suite

from .conftest import APIS, ROOT
from .plain_server import SERVERS, Answer, Asked, serving
from .test_false_alarms import alarms, lend

PROJECT = Project(ROOT)


def restless(api: str, seed: int, credentials: dict[str, str], *, often: float = 0.5) -> Any:
    """The second implementation, with a row more or less after every other request."""
    server = SERVERS[api](seed, credentials)
    chance = random.Random(seed)
    still = server.handle

    def handle(asked: Asked) -> Answer:
        given = still(asked)
        if chance.random() < often:
            if chance.random() < 0.6 or len(server.calls) < 5:
                server.come()
            else:
                server.calls.pop(chance.randrange(len(server.calls)))
        return given

    server.handle = handle
    return server


def run_checks(
    spec: Spec, server: Any, *, writes: bool = False, seed: int = 0
) -> tuple[list[Check], Usage]:
    usages: list[Usage] = []
    with serving({spec.name: server}) as url:
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
def test_rows_that_come_and_go_are_no_drift(
    specs: dict[str, Spec], api: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Totals, lost rows and repeated ones are not compared with a server that is merely busy."""
    server = restless(api, seed, lend(specs[api], monkeypatch))
    checks, _ = run_checks(specs[api], server, writes=True, seed=seed)
    assert alarms(checks) == ""


def test_it_is_said_that_rows_changed(
    specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be told for sure is a note, with the findings that there would have been."""
    server = restless("roark", 0, lend(specs["roark"], monkeypatch))
    _, usage = run_checks(specs["roark"], server)
    assert any("its rows changed while they were read" in note for note in usage.notes)
    assert any("listing.total.wrong" in note for note in usage.notes)


def test_a_cursor_that_goes_back_is_drift_even_then(
    specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page after a row begins with that row again: no change of rows explains that."""
    server = restless("roark", 0, lend(specs["roark"], monkeypatch))
    right = server._page

    def page(rows: list[Any], limit: int, after: str | None) -> Answer:
        given = right(rows, limit, after)
        last = server.cursors.get(after or "", after)
        again = [row for row in rows if row["id"] == last]
        if again and given.status == 200:
            shown = [{k: v for k, v in row.items() if k[0] != "_"} for row in again]
            given.value["data"] = [*shown, *given.value["data"]][:limit]
        return given

    monkeypatch.setattr(server, "_page", page)
    checks, _ = run_checks(specs["roark"], server)
    assert "listing.page.repeats" in {f.id for check in checks for f in check.findings}


def test_what_one_answer_shows_is_drift_even_then(
    specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A filter that is ignored is seen in each single answer."""
    server = restless("revox", 0, lend(specs["revox"], monkeypatch))
    right = server.handle

    def handle(asked: Asked) -> Answer:
        asked.query = [pair for pair in asked.query if pair[0] != "statuses"]
        return right(asked)

    server.handle = handle
    checks, _ = run_checks(specs["revox"], server)
    assert "listing.filter.ignored" in {f.id for check in checks for f in check.findings}


def test_wrong_totals_of_rows_that_stand_still_are_drift(
    specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same request gets the same response, so it is no change of rows."""
    server = restless("roark", 0, lend(specs["roark"], monkeypatch), often=0)
    right = server._page

    def page(rows: list[Any], limit: int, after: str | None) -> Answer:
        given = right(rows, limit, after)
        if given.status == 200:
            given.value["pagination"]["total"] += len(given.value["data"])
        return given

    monkeypatch.setattr(server, "_page", page)
    checks, _ = run_checks(specs["roark"], server)
    assert "listing.total.wrong" in {f.id for check in checks for f in check.findings}
