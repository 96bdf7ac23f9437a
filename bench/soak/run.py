"""One run: load, kills, restarts, and the checks after each of them."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import httpx

from bench.soak.asking import HEADERS
from bench.soak.ledger import Ledger
from bench.soak.load import Load
from bench.soak.served import FAULTS, Served

FLAT = 1.1
"""By how much the second half of the last stretch may need more memory than the first."""


@attrs.frozen
class Result:
    """The number of requests, their outcomes, and the faults."""

    requests: int
    outcomes: dict[str, int]
    created: int
    kills: int
    memory: tuple[float, float]
    faults: tuple[str, ...]


def soak(
    folder: Path, seconds: float, kills: int, rate: float, say: Callable[[str], object]
) -> Result:
    """Load the mock for `seconds`, kill it `kills` times in the first half, and check its rows.

    Raises:
        CannotMeasure: the mock cannot be started.
    """
    served = Served(folder)
    ledger = Ledger(served.lines)
    load = Load(served.url, ledger, rate, seed=0)
    served.start()
    for number in range(kills):
        _run_stretch(served, load, seconds / 2 / kills)
        served.start()
        load.is_dying = False
        _check(served, load, ledger)
        say(f"killed {number + 1} times, {load.number} requests, {len(ledger.faults)} faults")
    sizes = _run_stretch(served, load, seconds / 2 if kills else seconds, to_the_end=True)
    rows = _check(served, load, ledger)
    code = served.stop()
    if code != 0:
        ledger.faults.append(f"SIGTERM ended the mock with exit code {code}")
    ledger.faults += [f"the mock said: {text}" for text in served.said if "Error" in text]
    half = len(sizes) // 2
    first, last = (statistics.median(part) / 1e6 for part in (sizes[:half], sizes[half:]))
    if last > first * FLAT:
        ledger.faults.append(f"memory grew from {first:.1f} to {last:.1f} MB")
    return Result(
        load.number, dict(ledger.outcomes), rows, kills, (first, last), tuple(ledger.faults)
    )


def _run_stretch(
    served: Served, load: Load, seconds: float, *, to_the_end: bool = False
) -> list[int]:
    """Asks for so long; the mock is killed in the midst of it at the end, unless it is the last."""
    end = time.monotonic() + seconds
    sizes: list[int] = []

    async def watch() -> None:
        while time.monotonic() < end:
            sizes.append(served.size)
            await asyncio.sleep(min(1, seconds / 20))
        if not to_the_end:
            load.is_dying = True
            await asyncio.to_thread(served.kill)

    async def run_both() -> None:
        over = asyncio.create_task(watch())
        await load.run(over.done)
        await over

    asyncio.run(run_both())
    return sizes


def _check(served: Served, load: Load, ledger: Ledger) -> int:
    """Judge the outcomes since the last check, and read the whole listing."""
    for seen in load.seen:
        ledger.judge(seen)
    load.seen.clear()
    with httpx.Client(base_url=served.url, timeout=60) as client:
        client.delete("/_driftline/faults").raise_for_status()
        rows = list(_list_rows(client))
        client.put("/_driftline/faults", json={"rules": list(FAULTS)}).raise_for_status()
    ledger.check_rows(rows)
    return len(rows)


def _list_rows(client: httpx.Client) -> Iterator[dict[str, Any]]:
    query: dict[str, Any] = {"limit": 100}
    while True:
        answer = client.get("/roark/v1/call", params=query, headers=HEADERS["roark"])
        page = answer.raise_for_status().json()
        yield from page["data"]
        if not page["pagination"]["hasMore"]:
            return
        query["after"] = page["pagination"]["nextCursor"]
