"""Rounds: everything that is compared takes turns, so that noise falls on all alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping

from bench.figures import Rounds

__all__ = ["Case", "cpu", "interleaved"]

Case = Callable[[], float]
"""Measures one thing once, and gives its figure."""


def interleaved(cases: Mapping[str, Case], rounds: int) -> Rounds:
    """Each case once a round, another one first each time; a round before all does not count."""
    names = list(cases)
    found: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-1, rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            figure = cases[name]()
            if number >= 0:
                found[name].append(figure)
    return {name: tuple(figures) for name, figures in found.items()}


def cpu(action: Callable[[], object], times: int) -> float:
    """CPU seconds of this process that an action takes, of so many in a row."""
    gc.collect()
    start = time.process_time()
    for _ in range(times):
        action()
    return (time.process_time() - start) / times
