"""A page of the mock of few calls and of many: it is found, not sought, so it costs the same."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from bench.figures import CannotMeasure, Comparison, Target, compare
from bench.pages import ROOT
from bench.rounds import Case, cpu, interleaved
from driftline.mock import Mock, Request
from driftline.spec import load

__all__ = ["holding", "measure", "questions"]

FEW, MANY = 100, 100_000
MADE = 100
"""So many rows are made; the others are the same ones with other IDs, at other times."""
SIZE = 20
TIMES = 200


def holding(count: int) -> Mock:
    """A mock of Roark with so many calls."""
    mock = Mock(load(ROOT / "specs" / "roark.yaml"), rows=MADE)
    snapshot = mock.snapshot()
    rows: list[dict[str, Any]] = snapshot["listings"]["call.list"]
    cycle = itertools.islice(itertools.cycle(rows), count - MADE)
    more = [_another(row, number) for number, row in enumerate(cycle)]
    snapshot["listings"]["call.list"] = [*rows, *more]
    mock.load(snapshot)
    return mock


def _another(row: dict[str, Any], number: int) -> dict[str, Any]:
    source = random.Random(number)  # noqa: S311 (plausible, not secret)
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=source.randrange(2 * 10**7))
    other = {"id": str(UUID(int=number, version=4)), "createdAt": moment.isoformat()}
    return {**row, "data": {**row["data"], **other}}


def questions(mock: Mock) -> dict[str, Callable[[], dict[str, Any]]]:
    """What is asked for, by name; of the pages after a call another one each time."""
    cursors = _cursors(mock)
    plain: dict[str, dict[str, Any]] = {
        "first page": {},
        "filtered": {"status": "ENDED"},
        "sorted": {"sortBy": "duration", "sortDirection": "desc"},
        "found by a word": {"searchText": "billing"},
    }
    asked = {name: partial(dict[str, Any], query) for name, query in plain.items()}
    return {
        **asked,
        "after any call": lambda: {"after": next(cursors)},
        "filtered, after any call": lambda: {"after": next(cursors), "status": "ENDED"},
    }


def _cursors(mock: Mock) -> Iterator[str]:
    """IDs of calls from all over the listing, again and again."""
    rows: list[dict[str, Any]] = mock.snapshot()["listings"]["call.list"]
    step = max(1, len(rows) // 97)
    return itertools.cycle([str(row["data"]["id"]) for row in rows[::step]])


def _asking(mock: Mock, query: Callable[[], dict[str, Any]]) -> Callable[[], None]:
    headers = (("Authorization", f"Bearer {mock.credentials['bearerToken']}"),)

    def ask() -> None:
        request = Request("GET", "/v1/call", urlencode({"limit": SIZE, **query()}), headers)
        if mock.handle(request).status != 200:
            raise CannotMeasure("the mock refused a page")

    return ask


def measure(rounds: int) -> list[Comparison]:
    """Many stored calls against few."""
    cases: dict[str, Case] = {}
    kinds: list[str] = []
    for count in (FEW, MANY):
        mock = holding(count)
        asked = questions(mock)
        kinds = list(asked)
        for kind, query in asked.items():
            cases[f"{kind}, of {count:,}"] = partial(cpu, _asking(mock, query), TIMES)
    found = interleaved(cases, rounds)
    return [
        compare(
            found,
            f"{kind}, of {MANY:,}",
            f"{kind}, of {FEW:,}",
            Target("at most", 1.2),
            measurement="stored",
            what=f"a page of {SIZE} calls",
            unit="CPU s",
        )
        for kind in kinds
    ]
