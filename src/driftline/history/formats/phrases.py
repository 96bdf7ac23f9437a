"""Phrases about a history."""

from __future__ import annotations

from collections.abc import Iterator

from driftline.history.timeline import ClauseTimeline, CoveragePoint, Timeline
from driftline.markup import format_count


def describe_clause(clause: ClauseTimeline) -> str:
    """Return `open`, `open, flaky`, `gone` or `not checked`."""
    state = {"open": "open", "gone": "gone", "unknown": "not checked"}[clause.state]
    return f"{state}, flaky" if clause.flaky else state


def describe_timeline(timeline: Timeline) -> str:
    """Return one sentence: the number of runs, and the open findings."""
    if not timeline.runs:
        return "No run yet."
    first, last = timeline.runs[0].time, timeline.runs[-1].time
    flaky = sum(each.flaky for each in timeline.open)
    more = f", {flaky} flaky" if flaky else ""
    runs = format_count(len(timeline.runs), "run")
    return (
        f"{runs} from {first:%Y-%m-%d} to {last:%Y-%m-%d}: "
        f"{format_count(len(timeline.open), 'finding')} open{more}, "
        f"{len(timeline.clauses) - len(timeline.open)} gone."
    )


def find_latest_coverage(timeline: Timeline) -> dict[str, list[CoveragePoint]]:
    """Return the points of each API, the oldest first."""
    points: dict[str, list[CoveragePoint]] = {}
    for point in timeline.coverage:
        points.setdefault(point.api, []).append(point)
    return points


def list_coverage(timeline: Timeline) -> Iterator[str]:
    """Return `shop: 97 % covered (31 of 32), 90 % at first`, for each API."""
    for api, points in find_latest_coverage(timeline).items():
        first, last = points[0], points[-1]
        line = f"{api}: {_format_share(last)} covered ({last.covered} of {last.total})"
        yield line + (f", {_format_share(first)} at first" if len(points) > 1 else "")


def _format_share(point: CoveragePoint) -> str:
    return f"{100 * point.covered // point.total if point.total else 100} %"
