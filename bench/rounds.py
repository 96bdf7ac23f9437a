"""Rounds: everything that is compared takes turns, so that noise falls on all alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from bench.figures import Rounds

Case = Callable[[], float]
"""Measures one thing once, and gives its figure."""


def generate_turns(names: Sequence[str], rounds: int) -> Iterator[tuple[int, str]]:
    """Whose turn it is, and in which round: another is first each time; round -1 is to warm up."""
    for number in range(-1, rounds):
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            yield number, name


def interleave(cases: Mapping[str, Case], rounds: int) -> Rounds:
    """The figures of each case, all measured in turns; the round that warms up does not count."""
    figures_by_name: dict[str, list[float]] = {name: [] for name in cases}
    for number, name in generate_turns(list(cases), rounds):
        figure = cases[name]()
        if number >= 0:
            figures_by_name[name].append(figure)
    return {name: tuple(figures) for name, figures in figures_by_name.items()}


def measure_cpu(action: Callable[[], object], times: int) -> float:
    """CPU seconds of this process that an action takes, of so many in a row."""
    gc.collect()
    start = time.process_time()
    for _ in range(times):
        action()
    return (time.process_time() - start) / times
