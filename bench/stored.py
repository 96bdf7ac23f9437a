"""Pages of a mock with few calls and with many: an index finds both at the same cost."""

from __future__ import annotations

import gc
import itertools
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from bench.figures import CannotMeasure, Comparison, Target, compare
from bench.pages import ROOT
from bench.rounds import Case, interleave
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.openapi import load

FEW, MANY = 100, 100_000
MADE = 100
"""So many rows are made; the others are the same ones with other IDs, at other times."""
SIZE = 20
SIZES = range(5, 12)
"""Of the pages of a search: fewer calls are found, and each is to be another page."""
TIMES = 200
SEARCHED = "found by a word, after any call"


def build_mock(count: int) -> Mock:
    """Return a mock of Roark with `count` calls."""
    mock = Mock(load(ROOT / "specs" / "roark.yaml"), rows=MADE)
    snapshot = mock.snapshot()
    rows: list[dict[str, Any]] = snapshot["listings"]["call.list"]
    cycle = itertools.islice(itertools.cycle(rows), count - MADE)
    every = [*rows, *(_make_row(row, number) for number, row in enumerate(cycle))]
    # They are stored as they come in real life, one after the other.
    every.sort(key=lambda row: str(row["data"].get("createdAt")))
    snapshot["listings"]["call.list"] = every
    mock.load(snapshot)
    return mock


def _make_row(row: dict[str, Any], number: int) -> dict[str, Any]:
    source = random.Random(number)  # noqa: S311 (plausible, not secret)
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=source.randrange(2 * 10**7))
    other = {"id": str(UUID(int=number, version=4)), "createdAt": moment.isoformat()}
    return {**row, "data": {**row["data"], **other}}


def build_questions(mock: Mock) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return the queries by name; those for pages after a call use another call each time."""
    word = {"searchText": "billing"}
    ended = {"status": "ENDED"}
    any_, of_ended, of_found = (_generate_cursors(mock, query) for query in ({}, ended, word))
    sizes = itertools.cycle(SIZES)
    plain: dict[str, dict[str, Any]] = {
        "first page": {},
        "filtered": ended,
        "sorted": {"sortBy": "duration", "sortDirection": "desc"},
    }
    plain_questions = {name: partial(dict[str, Any], query) for name, query in plain.items()}
    return {
        **plain_questions,
        "after any call": lambda: {"after": next(any_)},
        "filtered, after any call": lambda: {"after": next(of_ended), **ended},
        # With another size it is another answer each time.
        SEARCHED: lambda: {"after": next(of_found), "limit": next(sizes), **word},
    }


def _generate_cursors(mock: Mock, query: Mapping[str, str]) -> Iterator[str]:
    """IDs of calls from all over the newer half, again and again; a whole page follows each."""
    rows: list[dict[str, Any]] = mock.snapshot()["listings"]["call.list"]
    rows = rows[len(rows) // 2 :] if len(rows) > FEW else rows
    size = SIZES[-1] if "searchText" in query else SIZE
    ids = [str(row["data"]["id"]) for row in rows[:: max(1, len(rows) // 97)]]
    ids = [
        row_id
        for row_id in ids
        if _count_rows(mock, {**query, "after": row_id, "limit": size}) == size
    ]
    # Not as many as the sizes go into: then every page of a search would soon be asked for again.
    ids = ids[:97] if len(ids) > 97 else ids[: len(ids) - (len(ids) % len(SIZES) == 0)]
    return itertools.cycle(random.Random(0).sample(ids, len(ids)))  # noqa: S311


def _count_rows(mock: Mock, query: Mapping[str, Any]) -> int:
    """Return the number of calls on a page."""
    return len(json.loads(_answer(mock, query).body)["data"])


def _answer(mock: Mock, query: Mapping[str, Any]) -> HttpResponse:
    headers = (("Authorization", f"Bearer {mock.credentials['bearerToken']}"),)
    response = mock.handle(HttpRequest("GET", "/v1/call", urlencode(query), headers))
    if response.status != 200:
        raise CannotMeasure("the mock refused a page")
    return response


def _measure_seconds(mock: Mock, query: Callable[[], dict[str, Any]], *, searches: bool) -> float:
    """Return the CPU seconds of a query, averaged; only searches may be cached."""
    seconds = 0.0
    gc.collect()
    for _ in range(TIMES):
        full_query = {"limit": SIZE, **query()}
        if not searches:
            mock.clock.stop()  # it is written down: what was found out before may not hold any more
        start = time.process_time()
        _answer(mock, full_query)
        seconds += time.process_time() - start
    return seconds / TIMES


def measure(rounds: int) -> list[Comparison]:
    """Compare many stored calls with few."""
    cases: dict[str, Case] = {}
    kinds: list[str] = []
    for count in (FEW, MANY):
        mock = build_mock(count)
        questions = build_questions(mock)
        kinds = list(questions)
        for kind, query in questions.items():
            cases[f"{kind}, of {count:,}"] = partial(
                _measure_seconds, mock, query, searches=kind == SEARCHED
            )
    rounds_by_name = interleave(cases, rounds)
    return [
        compare(
            rounds_by_name,
            f"{kind}, of {MANY:,}",
            f"{kind}, of {FEW:,}",
            Target("at most", 1.2),
            measurement="stored",
            subject=f"a page of {SIZE} calls",
            unit="CPU s",
        )
        for kind in kinds
    ]
