"""Reports responses that took much longer than others of their operation; never a failure."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import attrs

FEWEST = 20
"""The minimum number of responses for a reliable median."""
DEVIATIONS = 10
TIMES = 3
LEAST = 0.2
"""In seconds; a faster response is not reported, however unusual."""


@attrs.frozen
class Timing:
    """The number of a request, and the seconds that it took."""

    number: int
    seconds: float


def describe_outliers(operation: str, timings: Sequence[Timing]) -> str:
    """Return one sentence about the responses far above the median.

    "" if none.

    Measured by the median deviation, which a few late responses do not change, unlike the variance.
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
    limit, typical, longest = map(_format_time, (bound, middle, worst.seconds))
    return (
        f"{operation}: {len(late)} of {len(timings)} responses took over {limit}; the median is "
        f"{typical}, the longest {longest} (request {worst.number})"
    )


def _format_time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"
