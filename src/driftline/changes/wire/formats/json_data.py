"""A comparison as JSON, for machines; diff.schema.json describes it."""

from __future__ import annotations

import json

from driftline.changes.wire.report import DiffReport


def render(report: DiffReport) -> str:
    """The comparison as one JSON document."""
    return json.dumps(report.to_dict(), ensure_ascii=False, indent=2) + "\n"
