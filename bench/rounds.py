"""Rounds: everything that is compared takes turns, so that noise falls on all alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from bench.figures import Rounds

Case = Callable[[], float]
"""Measures one thing once, and gives its figure."""


def generate_turns(names: Sequence[str], rounds: int) -> Iterator[tuple[int, str]]:
    """Yield round and name; each round begins with another name, and round -1 warms up."""
    for number in range(-1, rounds):
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            yield number, name


def interleave(cases: Mapping[str, Case], rounds: int) -> Rounds:
    """Return the figures of each case, measured in turns, without the round that warms up."""
    figures_by_name: dict[str, list[float]] = {name: [] for name in cases}
    for number, name in generate_turns(list(cases), rounds):
        figure = cases[name]()
        if number >= 0:
            figures_by_name[name].append(figure)
    return {name: tuple(figures) for name, figures in figures_by_name.items()}


def measure_cpu(action: Callable[[], object], times: int) -> float:
    """Return the CPU seconds of one action, averaged over `times` calls."""
    gc.collect()
    start = time.process_time()
    for _ in range(times):
        action()
    return (time.process_time() - start) / times
