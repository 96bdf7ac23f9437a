"""The report of a run as one frozen value, and its formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.report.baseline import (
        Accepted,
        Baseline,
        compute_fingerprint,
        escape,
        find_valid,
        open_baseline,
        read_baseline,
        write_baseline,
    )
    from driftline.report.files import FORMATS, write
    from driftline.report.phrases import choose_ends, count_severities, describe_ends, format_check
    from driftline.report.previous import parse_coverage, parse_findings, read_data, read_report
    from driftline.report.redacted import build_cleaner, redact_check, redact_url
    from driftline.report.report import (
        FAIL_ON,
        RECORDED,
        SEVERITIES,
        FailOn,
        FailureRules,
        OperationLine,
        Report,
        ReportedApi,
    )

if not TYPE_CHECKING:  # without this, a type checker takes any name for an export
    __getattr__ = load_later(__name__)
