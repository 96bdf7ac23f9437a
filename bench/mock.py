"""The mock as a server: how soon it answers, how large it is, and how many requests it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial

import attrs

from bench.figures import Comparison, Rounds, Target, compare
from bench.load import count_responses
from bench.pages import ROOT
from bench.rounds import generate_turns
from bench.servers import HEADERS, STARLETTE, Running, build_prism_command, mock, run_server
from driftline.mock import Mock
from driftline.openapi import load

ROWS, SIZE = 250, 20
SECONDS = 1.0
PATH = f"/v1/call?limit={SIZE}"
OURS, FIXED, DYNAMIC = "our mock", "Prism, one fixed row", "Prism, dynamic"
PRISM, HANDLER = "Prism", "a handler on Starlette"
OURS_AFTER, HANDLER_AFTER = "our mock, another page each", "the handler, another page each"


def _measure_starts(rounds: int) -> tuple[Rounds, Rounds, Rounds]:
    """Seconds to the first response, CPU seconds and megabytes then; each in a fresh process."""
    commands = {OURS: (mock(ROWS), "/roark" + PATH), PRISM: (build_prism_command(), PATH)}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    cpu: dict[str, list[float]] = {name: [] for name in commands}
    sizes: dict[str, list[float]] = {name: [] for name in commands}
    for number, name in generate_turns(list(commands), rounds):
        with run_server(*commands[name]) as server:
            if number >= 0:
                seconds[name].append(server.seconds)
                cpu[name].append(server.measure_cpu())
                sizes[name].append(server.measure_resident())
    return _freeze(seconds), _freeze(cpu), _freeze(sizes)


def _freeze(figures_by_name: Mapping[str, list[float]]) -> Rounds:
    return {name: tuple(figures) for name, figures in figures_by_name.items()}


@attrs.frozen(eq=False)
class _Asked:
    """The requests to one server, by a client of its own."""

    server: Running
    paths: Sequence[str]
    headers: Mapping[str, str] = HEADERS

    def measure(self) -> tuple[float, float]:
        """Seconds and CPU seconds of the server for a request, with many on their way."""
        before = self.server.measure_cpu()
        count = count_responses(
            [self.server.url + path for path in self.paths], self.headers, SECONDS
        )
        return SECONDS / max(1, count), (self.server.measure_cpu() - before) / max(1, count)


def _list_ids() -> list[str]:
    """The IDs of all calls, the same in every process."""
    rows = Mock(load(ROOT / "specs" / "roark.yaml"), rows=ROWS).snapshot()["listings"]["call.list"]
    return [str(row["data"]["id"]) for row in rows]


def _measure_loads(rounds: int) -> tuple[Rounds, Rounds, Rounds]:
    """Seconds a request, CPU seconds of the server, and its megabytes after the last of them."""
    after = [f"{PATH}&after={id_}" for id_ in _list_ids()]
    with ExitStack() as stack:
        ours = stack.enter_context(run_server(mock(ROWS), "/roark" + PATH))
        theirs = stack.enter_context(run_server(build_prism_command(), PATH))
        plain = stack.enter_context(run_server((*STARLETTE, str(ROWS)), PATH))
        cases = {
            OURS: _Asked(ours, ["/roark" + PATH]),
            FIXED: _Asked(theirs, [PATH]),
            DYNAMIC: _Asked(theirs, [PATH], {**HEADERS, "Prefer": "dynamic=true"}),
            HANDLER: _Asked(plain, [PATH]),
            OURS_AFTER: _Asked(ours, ["/roark" + path for path in after]),
            HANDLER_AFTER: _Asked(plain, after),
        }
        clock: dict[str, list[float]] = {name: [] for name in cases}
        cpu: dict[str, list[float]] = {name: [] for name in cases}
        for number, name in generate_turns(list(cases), rounds):
            on_the_clock, on_the_cpu = cases[name].measure()
            if number >= 0:
                clock[name].append(on_the_clock)
                cpu[name].append(on_the_cpu)
        sizes = {OURS: (ours.measure_resident(),), PRISM: (theirs.measure_resident(),)}
        return _freeze(clock), _freeze(cpu), sizes


def measure(rounds: int) -> list[Comparison]:
    """Compare ours with Prism and with a handler written by hand."""
    seconds, busy, sizes = _measure_starts(rounds)
    clock, cpu, later = _measure_loads(rounds)
    compare_start = partial(
        compare, measurement="mock", subject=f"start to the first answer, {ROWS} rows"
    )
    compare_listing = partial(
        compare, measurement="mock", subject=f"a listing of {SIZE} rows, over HTTP"
    )
    compare_after = partial(compare, measurement="mock", subject="after all these requests")
    pairs = (
        (FIXED, Target("at most", 1)),
        (DYNAMIC, Target("at least", 10)),
        (HANDLER, Target("at least", 1.5)),
    )
    figure = partial(Target, "at most", of="figure")
    return [
        compare_start(seconds, OURS, PRISM, figure(1.0), unit="s"),
        compare_start(busy, OURS, PRISM, unit="CPU s"),
        compare_start(sizes, OURS, PRISM, figure(90), unit="MB"),
        *(compare_listing(clock, OURS, name, target, unit="s") for name, target in pairs),
        compare_listing(clock, OURS_AFTER, HANDLER_AFTER, unit="s"),
        *(compare_listing(cpu, OURS, name, unit="CPU s") for name, _ in pairs),
        compare_listing(cpu, OURS_AFTER, HANDLER_AFTER, unit="CPU s"),
        compare_after(later, OURS, PRISM, figure(90), unit="MB"),
    ]
