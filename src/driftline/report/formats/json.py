"""A report as JSON, for machines; report.schema.json describes it."""

from __future__ import annotations

from driftline.markup import format_json
from driftline.report.report import Report

FILE = "report.json"


def render(report: Report) -> str:
    """Return the report as one JSON document."""
    return format_json(report.to_dict())
