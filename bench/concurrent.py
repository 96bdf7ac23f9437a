"""Many calls at once, on one event loop, over HTTP: CPU time of the client's process alone."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

import aiohttp
import roark_analytics
from roark_client import AsyncRoark

from bench.figures import Comparison, Rounds, Target, compare
from bench.pages import PAGE
from bench.rounds import generate_turns
from bench.server import run_server

AT_ONCE, EACH = 50, 2
OURS, OURS_HTTPX = "our client on aiohttp", "our client on httpx"
AIOHTTP, VENDOR = "aiohttp + json.loads", "vendor's SDK"
TOKEN = "x"  # noqa: S105 - the server asks for none
Call = Callable[[], Awaitable[object]]


async def _measure_cpu(call: Call) -> float:
    """CPU seconds a call."""

    async def call_sequentially() -> None:
        for _ in range(EACH):
            await call()

    gc.collect()
    start = time.process_time()
    await asyncio.gather(*(call_sequentially() for _ in range(AT_ONCE)))
    return (time.process_time() - start) / (AT_ONCE * EACH)


async def _build_calls(url: str, stack: AsyncExitStack) -> Mapping[str, Call]:
    ours = AsyncRoark(bearer_token=TOKEN, base_url=url, backend="aiohttp")
    ours_httpx = AsyncRoark(bearer_token=TOKEN, base_url=url)
    vendor = roark_analytics.AsyncRoark(bearer_token=TOKEN, base_url=url)
    for client in (ours, ours_httpx, vendor):
        await stack.enter_async_context(client)
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"}
    session = await stack.enter_async_context(aiohttp.ClientSession(url, headers=headers))

    async def call_plainly() -> object:
        async with session.get("/v1/call", params={"limit": PAGE}) as response:
            return json.loads(await response.read())

    return {
        OURS: lambda: ours.call.list(limit=PAGE),
        OURS_HTTPX: lambda: ours_httpx.call.list(limit=PAGE),
        AIOHTTP: call_plainly,
        VENDOR: lambda: vendor.call.list(limit=PAGE),
    }


async def _measure_rounds(url: str, rounds: int) -> Rounds:
    async with AsyncExitStack() as stack:
        calls = await _build_calls(url, stack)
        figures_by_name: dict[str, list[float]] = {name: [] for name in calls}
        for number, name in generate_turns(list(calls), rounds):
            figure = await _measure_cpu(calls[name])
            if number >= 0:
                figures_by_name[name].append(figure)
        return {name: tuple(figures) for name, figures in figures_by_name.items()}


def measure(rounds: int) -> list[Comparison]:
    """Compare concurrent calls with the vendor's SDK, and with aiohttp and `json.loads`."""
    with run_server() as url:
        rounds_by_name = asyncio.run(_measure_rounds(url, rounds))
    pairs = (
        (OURS, VENDOR, Target("at least", 5)),
        (OURS, AIOHTTP, Target("at most", 2)),
        (OURS_HTTPX, VENDOR, None),
        (OURS_HTTPX, AIOHTTP, None),
    )
    subject = f"a call, {AT_ONCE} at once, rows: {PAGE}"
    return [
        compare(rounds_by_name, *pair, measurement="concurrent", subject=subject, unit="CPU s")
        for pair in pairs
    ]
