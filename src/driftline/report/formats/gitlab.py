"""A report as GitLab's code quality report: each finding at its line of the spec."""

from __future__ import annotations

from typing import Any, Final

from driftline.checks import Finding
from driftline.markup import format_json, shorten
from driftline.report.baseline import compute_fingerprint
from driftline.report.report import Report

FILE = "gl-code-quality.json"

_LEVELS: Final = {"breaking": "major", "additive": "minor", "assumed": "info"}
_TEXT: Final = 500


def render(report: Report) -> str:
    """Return a JSON list of the findings that are not in the baseline."""
    issues = [
        _build_issue(finding) for finding in report.findings if not report.is_accepted(finding)
    ]
    return format_json(issues)


def _build_issue(finding: Finding) -> dict[str, Any]:
    name = " ".join(filter(None, (finding.api, finding.operation)))
    description = f"{name}: {finding.message}; expected {finding.expected}, got {finding.got}"
    location = finding.location
    return {
        "description": shorten(description, _TEXT),
        "check_name": finding.id,
        "fingerprint": compute_fingerprint(finding),
        "severity": _LEVELS[finding.severity],
        "location": {
            "path": location.file.name if location.file.is_absolute() else location.file.as_posix(),
            "lines": {"begin": max(location.line, 1)},
        },
    }
