"""A report as one HTML page that needs nothing but itself."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from driftline.drift.grid import columns, rows
from driftline.drift.report import Report
from driftline.drift.rules import SEVERITIES
from driftline.drift.standing import acceptance, gone, news, stale, summaries
from driftline.drift.words import extent, next_step, seen, targets, unmade, verdict

__all__ = ["render"]


def render(report: Report) -> str:
    """The page; every text in it is escaped."""
    environment = Environment(
        loader=PackageLoader("driftline.drift", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found = {finding.severity for finding in report.findings}
    hit = {finding.api for finding in report.findings}
    return environment.get_template("report.html.jinja").render(
        report=report,
        columns=columns(report),
        rows=rows(report),
        verdict=verdict(report),
        extent=extent(report),
        unmade=unmade(report),
        targets=targets(report),
        next_step=next_step(report),
        summaries=list(summaries(report)),
        leftovers=[
            ("Gone", "The earlier report had these, and this run did not find them.", gone(report)),
            ("Stale", "These entries of the baseline cover no finding.", stale(report)),
        ],
        news=news,
        acceptance=acceptance,
        seen=seen,
        severities=[severity for severity in SEVERITIES if severity in found],
        apis=[api for api in report.targets if api in hit],
    )
