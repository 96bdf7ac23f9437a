"""A history as JSON, for programs."""

from __future__ import annotations

import attrs

from driftline.history.timeline import Timeline
from driftline.markup import format_json


def render(timeline: Timeline) -> str:
    """Return one JSON document."""
    clauses = [
        {
            **attrs.asdict(each.clause),
            "state": each.state,
            "flaky": each.flaky,
            "first": each.first.isoformat(),
            "last": each.last.isoformat(),
            "seen": each.seen,
            "runs": each.runs,
        }
        for each in timeline.clauses
    ]
    coverage = [{**attrs.asdict(p), "time": p.time.isoformat()} for p in timeline.coverage]
    data = {"runs": len(timeline.runs), "clauses": clauses, "coverage": coverage}
    return format_json(data)
