"""From nothing to a client that can call: import and construction, in a fresh process each time."""

from __future__ import annotations

from functools import partial

from bench.children import report
from bench.figures import Comparison, Rounds, Target, compare
from bench.rounds import generate_turns

CHILD = """\
import time
start, cpu = time.perf_counter(), time.process_time()
{code}
print([time.perf_counter() - start, time.process_time() - cpu])
"""
OURS, HTTPX, VENDOR = "our client", "httpx.Client", "vendor's SDK"
CODE = {
    OURS: "import roark_client; roark_client.Roark(bearer_token='x')",
    HTTPX: "import httpx; httpx.Client()",
    VENDOR: "import roark_analytics; roark_analytics.Roark(bearer_token='x')",
}


def _measure_rounds(rounds: int) -> tuple[Rounds, Rounds]:
    """Return the seconds by the clock, and the CPU seconds."""
    seconds_by_name: dict[str, list[tuple[float, float]]] = {name: [] for name in CODE}
    for number, name in generate_turns(list(CODE), rounds):
        clock, cpu = report("-I", "-c", CHILD.format(code=CODE[name]))
        if number >= 0:
            seconds_by_name[name].append((clock, cpu))
    on_the_clock = {
        name: tuple(clock for clock, _ in both) for name, both in seconds_by_name.items()
    }
    return on_the_clock, {
        name: tuple(cpu for _, cpu in both) for name, both in seconds_by_name.items()
    }


def measure(rounds: int) -> list[Comparison]:
    """Compare ours with httpx alone; for the record, with the vendor's SDK, and in CPU time."""
    clock, cpu = _measure_rounds(rounds)
    start = partial(compare, measurement="start", subject="import and construct")
    return [
        start(clock, OURS, HTTPX, Target("at most", 1.15), unit="s"),
        start(cpu, OURS, HTTPX, unit="CPU s"),
        start(clock, OURS, VENDOR, unit="s"),
    ]
