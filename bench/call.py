"""One call after the other, end to end, over HTTP: CPU time of the client's process alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import httpx
import roark_analytics
from roark_client import Roark

from bench.figures import Comparison, Rounds, Target, compare
from bench.pages import PAGE
from bench.rounds import interleave, measure_cpu
from bench.server import run_server

OURS, HTTPX, VENDOR = "our client", "httpx + json.loads", "vendor's SDK"
TOKEN = "x"  # noqa: S105 - the server asks for none


def _measure_rounds(url: str, limit: int, times: int, rounds: int) -> Rounds:
    with ExitStack() as stack:
        ours = stack.enter_context(Roark(bearer_token=TOKEN, base_url=url))
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"}
        plain = stack.enter_context(httpx.Client(base_url=url, headers=headers))
        vendor = stack.enter_context(roark_analytics.Roark(bearer_token=TOKEN, base_url=url))
        query = {"limit": limit}
        actions: dict[str, Callable[[], object]] = {
            OURS: lambda: ours.call.list(limit=limit),
            HTTPX: lambda: json.loads(plain.get("/v1/call", params=query).content),
            VENDOR: lambda: vendor.call.list(limit=limit),
        }
        cases = {name: partial(measure_cpu, action, times) for name, action in actions.items()}
        return interleave(cases, rounds)


def measure(rounds: int) -> list[Comparison]:
    """Compare one row and a whole page with httpx and `json.loads`; the SDK for the record."""
    comparisons: list[Comparison] = []
    with run_server() as url:
        for limit, times, number in ((1, 60, 1.15), (PAGE, 25, 1.5)):
            measured = _measure_rounds(url, limit, times, rounds)
            target = Target("at most", number)
            subject = f"a call, rows: {limit}"
            comparisons += [
                compare(measured, OURS, *other, measurement="call", subject=subject, unit="CPU s")
                for other in ((HTTPX, target), (VENDOR, None))
            ]
    return comparisons
