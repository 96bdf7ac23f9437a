"""The state of findings in words: in the baseline, new, known or gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from driftline.checks import Finding
from driftline.report.report import Report

_NEWS = {"new": "new", "still": "still there", None: ""}


def describe_state(report: Report, finding: Finding) -> str:
    """Return `new` or `still there`, or "" without an earlier report."""
    return _NEWS[report.compare_with_earlier(finding)]


def describe_acceptance(report: Report, finding: Finding) -> str:
    """Return until when the finding is in the baseline, and why; "" if it is not."""
    entry = report.find_acceptance(finding)
    if entry is None:
        return ""
    over = ", which has passed" if report.is_over(entry) else ""
    return f"in the baseline until {entry.expires.isoformat()}{over}: {entry.reason}"


def describe_stale(report: Report) -> list[str]:
    """Return each entry of the baseline that covers nothing, with its file and line."""
    path = report.rules.baseline.path if report.rules.baseline else Path()
    return [
        " ".join(filter(None, (f"{path}:{e.line}", e.api, e.operation, e.id, e.where)))
        for e in report.stale
    ]


def describe_gone(report: Report) -> list[str]:
    """Return each finding of the earlier report that this run did not find."""
    return [
        " ".join(filter(None, (f.api, f.operation, f.id))) + f": {f.message}" for f in report.gone
    ]


def summarize(report: Report) -> Iterator[str]:
    """Yield a line for the baseline and one for the earlier report, if there are any."""
    rules = report.rules
    if rules.baseline:
        entries = [entry for f in report.findings if (entry := report.find_acceptance(f))]
        over = sum(map(report.is_over, entries))
        numbers = {"valid": len(entries) - over, "expired": over, "stale": len(report.stale)}
        yield f"Baseline {rules.baseline.path}: {_format_counts(numbers)}."
    if rules.since:
        states = [describe_state(report, finding) for finding in report.findings]
        numbers = {state: states.count(state) for state in ("new", "still there")}
        numbers["gone"] = len(report.gone)
        only = "; only new findings fail" if rules.only_new else ""
        started = rules.since.started.replace("T", " ").replace("+00:00", " UTC")
        yield f"Since the run at {started}: {_format_counts(numbers)}{only}."


def _format_counts(numbers: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {label}" for label, number in numbers.items())
