"""The report of a run as one frozen value, and its formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.report.baseline import (
        Accepted as Accepted,
        Baseline as Baseline,
        compute_fingerprint as compute_fingerprint,
        escape as escape,
        find_valid as find_valid,
        open_baseline as open_baseline,
        read_baseline as read_baseline,
        write_baseline as write_baseline,
    )
    from driftline.report.causes import group_findings as group_findings
    from driftline.report.files import (
        FORMATS as FORMATS,
        name_file as name_file,
        write as write,
    )
    from driftline.report.phrases import (
        DEFAULT_FOLDER as DEFAULT_FOLDER,
        choose_commands as choose_commands,
        count_severities as count_severities,
        describe_commands as describe_commands,
        format_check as format_check,
    )
    from driftline.report.previous import (
        parse_coverage as parse_coverage,
        parse_findings as parse_findings,
        read_data as read_data,
        read_report as read_report,
    )
    from driftline.report.redact import (
        build_cleaner as build_cleaner,
        redact_check as redact_check,
        redact_url as redact_url,
    )
    from driftline.report.report import (
        FAIL_ON as FAIL_ON,
        RECORDED as RECORDED,
        SEVERITIES as SEVERITIES,
        FailOn as FailOn,
        FailureRules as FailureRules,
        OperationLine as OperationLine,
        Report as Report,
        ReportedApi as ReportedApi,
    )

if not TYPE_CHECKING:  # without this, a type checker takes any name for an export
    __getattr__ = load_later(__name__)
