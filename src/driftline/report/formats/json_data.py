"""A report as JSON, for machines; report.schema.json describes it."""

from __future__ import annotations

import json

from driftline.report.report import Report


def render(report: Report) -> str:
    """The report as one JSON document."""
    return json.dumps(report.to_dict(), ensure_ascii=False, indent=2) + "\n"
