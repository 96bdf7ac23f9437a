"""Responses that are much slower than the others are reported; nothing else is."""

from __future__ import annotations

from hypothesis import given, strategies as st

from driftline.suite.http.latency import FEWEST, LEAST, Timing, describe_outliers

USUAL = st.lists(st.floats(0.05, 0.15), min_size=FEWEST, max_size=200)


def build_timings(seconds: list[float]) -> list[Timing]:
    return [Timing(number, elapsed) for number, elapsed in enumerate(seconds, 1)]


@given(USUAL)
def test_similar_response_times_are_not_reported(seconds: list[float]) -> None:
    """Response times that are alike are not reported."""
    assert describe_outliers("call.list", build_timings(seconds)) == ""


@given(USUAL, st.integers(1, FEWEST // 4), st.floats(5, 30))
def test_a_few_late_responses_are_reported(
    seconds: list[float], late: int, slow_seconds: float
) -> None:
    """Late responses are reported with their number, the longest time and its request."""
    description = describe_outliers("call.list", build_timings([*seconds, *[slow_seconds] * late]))
    assert f"call.list: {late} of {len(seconds) + late} responses took over" in description
    assert f"the longest {slow_seconds:.2f} s (request {len(seconds) + 1})" in description


def test_short_times_are_in_milliseconds() -> None:
    """A median below a second is in milliseconds, so that it is not 0.00 s."""
    description = describe_outliers("call.list", build_timings([*[0.0023] * FEWEST, 7.5]))
    assert description == (
        f"call.list: 1 of {FEWEST + 1} responses took over 200 ms; the median is 2.3 ms, "
        f"the longest 7.50 s (request {FEWEST + 1})"
    )


@given(st.lists(st.floats(0, LEAST * 0.99), min_size=FEWEST))
def test_fast_responses_are_never_late(seconds: list[float]) -> None:
    """Responses faster than the minimum are not reported, even if others are ten times as fast."""
    assert describe_outliers("call.list", build_timings(seconds)) == ""


@given(st.lists(st.floats(0, 60), max_size=FEWEST - 1))
def test_too_few_responses_are_not_reported(seconds: list[float]) -> None:
    """With too few responses, nothing is reported."""
    assert describe_outliers("call.list", build_timings(seconds)) == ""
