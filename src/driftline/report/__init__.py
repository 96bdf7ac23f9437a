"""What a run came to, as one frozen value, and its renderings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.report.baseline import Accepted, Baseline, escape, find_valid
    from driftline.report.baseline_file import open_baseline, read_baseline, write_baseline
    from driftline.report.failure_rules import FAIL_ON, FailOn, FailureRules
    from driftline.report.fingerprint import compute_fingerprint
    from driftline.report.formats.files import FORMATS, write
    from driftline.report.phrases import count_severities, format_count
    from driftline.report.previous import parse_coverage, parse_findings, read_data, read_report
    from driftline.report.redacted import build_cleaner, redact_check, redact_url
    from driftline.report.report import RECORDED, OperationLine, Report, ReportedApi

__all__ = [
    "FAIL_ON",
    "FORMATS",
    "RECORDED",
    "Accepted",
    "Baseline",
    "FailOn",
    "FailureRules",
    "OperationLine",
    "Report",
    "ReportedApi",
    "build_cleaner",
    "compute_fingerprint",
    "count_severities",
    "escape",
    "find_valid",
    "format_count",
    "open_baseline",
    "parse_coverage",
    "parse_findings",
    "read_baseline",
    "read_data",
    "read_report",
    "redact_check",
    "redact_url",
    "write",
    "write_baseline",
]

_MODULES = {
    "Accepted": "baseline",
    "Baseline": "baseline",
    "FAIL_ON": "failure_rules",
    "FORMATS": "formats.files",
    "FailOn": "failure_rules",
    "FailureRules": "failure_rules",
    "OperationLine": "report",
    "RECORDED": "report",
    "Report": "report",
    "ReportedApi": "report",
    "build_cleaner": "redacted",
    "compute_fingerprint": "fingerprint",
    "count_severities": "phrases",
    "escape": "baseline",
    "find_valid": "baseline",
    "format_count": "phrases",
    "open_baseline": "baseline_file",
    "parse_coverage": "previous",
    "parse_findings": "previous",
    "read_baseline": "baseline_file",
    "read_data": "previous",
    "read_report": "previous",
    "redact_check": "redacted",
    "redact_url": "redacted",
    "write": "formats.files",
    "write_baseline": "baseline_file",
}

if not TYPE_CHECKING:  # or else a type checker would take any name for an export
    __getattr__ = load_later(__name__, _MODULES)
