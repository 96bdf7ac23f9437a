"""A page of the mock of few calls and of many: it is found, not sought, so it costs the same."""

from __future__ import annotations

import gc
import itertools
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from bench.figures import CannotMeasure, Comparison, Target, compare
from bench.pages import ROOT
from bench.rounds import Case, interleaved
from driftline.mock import Mock, Request
from driftline.spec import load

__all__ = ["holding", "measure", "questions"]

FEW, MANY = 100, 100_000
MADE = 100
"""So many rows are made; the others are the same ones with other IDs, at other times."""
SIZE = 20
TIMES = 200
SEARCHED = "found by a word, after any call"


def holding(count: int) -> Mock:
    """A mock of Roark with so many calls."""
    mock = Mock(load(ROOT / "specs" / "roark.yaml"), rows=MADE)
    snapshot = mock.snapshot()
    rows: list[dict[str, Any]] = snapshot["listings"]["call.list"]
    cycle = itertools.islice(itertools.cycle(rows), count - MADE)
    every = [*rows, *(_another(row, number) for number, row in enumerate(cycle))]
    # They are stored as they come in real life, one after the other.
    every.sort(key=lambda row: str(row["data"].get("createdAt")))
    snapshot["listings"]["call.list"] = every
    mock.load(snapshot)
    return mock


def _another(row: dict[str, Any], number: int) -> dict[str, Any]:
    source = random.Random(number)  # noqa: S311 (plausible, not secret)
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=source.randrange(2 * 10**7))
    other = {"id": str(UUID(int=number, version=4)), "createdAt": moment.isoformat()}
    return {**row, "data": {**row["data"], **other}}


def questions(mock: Mock) -> dict[str, Callable[[], dict[str, Any]]]:
    """What is asked for, by name; of the pages after a call another one each time."""
    cursors, sizes = _cursors(mock), itertools.cycle(range(5, 12))
    plain: dict[str, dict[str, Any]] = {
        "first page": {},
        "filtered": {"status": "ENDED"},
        "sorted": {"sortBy": "duration", "sortDirection": "desc"},
    }
    asked = {name: partial(dict[str, Any], query) for name, query in plain.items()}
    return {
        **asked,
        "after any call": lambda: {"after": next(cursors)},
        "filtered, after any call": lambda: {"after": next(cursors), "status": "ENDED"},
        SEARCHED: lambda: {
            "after": next(cursors),
            "searchText": "billing",
            "limit": next(sizes),  # so that it is another answer each time
        },
    }


def _cursors(mock: Mock) -> Iterator[str]:
    """IDs of calls from the newer half, which a whole page follows, again and again."""
    rows: list[dict[str, Any]] = mock.snapshot()["listings"]["call.list"]
    rows = rows[len(rows) // 2 :]
    step = max(1, len(rows) // 97)
    # Not 98, which seven sizes go into: then every page of a search would soon be asked for again.
    ids = [str(row["data"]["id"]) for row in rows[::step]][:97]
    return itertools.cycle(random.Random(0).sample(ids, len(ids)))  # noqa: S311


def _seconds(mock: Mock, query: Callable[[], dict[str, Any]], *, searches: bool) -> float:
    """CPU seconds of a question, of so many in a row; but for a search, none is remembered."""
    headers = (("Authorization", f"Bearer {mock.credentials['bearerToken']}"),)
    seconds = 0.0
    gc.collect()
    for _ in range(TIMES):
        request = Request("GET", "/v1/call", urlencode({"limit": SIZE, **query()}), headers)
        if not searches:
            mock.clock.stop()  # it is written down: what was found out before may not hold any more
        start = time.process_time()
        response = mock.handle(request)
        seconds += time.process_time() - start
        if response.status != 200:
            raise CannotMeasure("the mock refused a page")
    return seconds / TIMES


def measure(rounds: int) -> list[Comparison]:
    """Many stored calls against few."""
    cases: dict[str, Case] = {}
    kinds: list[str] = []
    for count in (FEW, MANY):
        mock = holding(count)
        asked = questions(mock)
        kinds = list(asked)
        for kind, query in asked.items():
            cases[f"{kind}, of {count:,}"] = partial(
                _seconds, mock, query, searches=kind == SEARCHED
            )
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
