"""Responses that took much longer than the others of their operation: reported, never failed."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import attrs

FEWEST = 20
"""Responses: with fewer, no median is reliable."""
DEVIATIONS = 10
TIMES = 3
LEAST = 0.2
"""Seconds: what is faster than this is not a fault, however unusual."""


@attrs.frozen
class Timing:
    """How many seconds the request of this number took."""

    number: int
    seconds: float


def describe_outliers(operation: str, timings: Sequence[Timing]) -> str:
    """Return one sentence about those far above the median, by the median deviation from it.

    "" if none.

    Neither of the two moves when a few responses are very late, as mean and variance do.
    """
    if len(timings) < FEWEST:
        return ""
    middle = median(timing.seconds for timing in timings)
    deviation = median(abs(timing.seconds - middle) for timing in timings)
    bound = max(middle + DEVIATIONS * deviation, TIMES * middle, LEAST)
    late = [timing for timing in timings if timing.seconds > bound]
    if not late:
        return ""
    worst = max(late, key=lambda timing: timing.seconds)
    return (
        f"{operation}: {len(late)} of {len(timings)} responses took over {bound:.2f} s; the median "
        f"is {middle:.2f} s, the longest {worst.seconds:.2f} s (request {worst.number})"
    )
