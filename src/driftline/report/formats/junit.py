"""A report as JUnit XML, for the test views of CI systems: a suite per API, a case per check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from driftline.checks import Check, Finding
from driftline.report.phrases import describe_sightings
from driftline.report.report import Report
from driftline.report.states import describe_acceptance, describe_state

FILE = "junit.xml"


def render(report: Report) -> str:
    """Return the report as one XML document."""
    document = JUnitXml("driftline")
    for name in dict.fromkeys([*report.targets, *(check.api for check in report.checks)]):
        checks = [check for check in report.checks if check.api == name]
        suite = TestSuite(name or "suite")
        suite.timestamp = report.started.isoformat(timespec="seconds")
        suite.add_property("target", report.targets.get(name, ""))
        suite.add_property("driftline", report.version)
        suite.add_testcases([_build_case(report, check) for check in checks])
        document.add_testsuite(suite)
    untyped: Any = document
    untyped.update_statistics()
    content: bytes = untyped.tostring()
    return content.decode() + "\n"


def _build_case(report: Report, check: Check) -> TestCase:
    classname = ".".join(filter(None, ("driftline", check.api, check.operation)))
    case = TestCase(check.name, classname, round(check.seconds, 3))
    counting = [finding for finding in check.findings if report.is_failure(finding)]
    if check.outcome == "error":
        case.result = [Error(check.detail, "error")]
    elif counting:
        failure = Failure("; ".join(finding.message for finding in counting), counting[0].id)
        failure.text = _format_findings(report, counting)
        case.result = [failure]
    elif check.outcome == "not-sent":
        case.result = [Skipped(check.detail)]
    elif check.findings:
        case.system_out = _format_findings(report, check.findings)
    return case


def _format_findings(report: Report, findings: Sequence[Finding]) -> str:
    return "\n\n".join(
        "\n".join(
            line
            for line in (
                f"{finding.severity} {finding.id}: {finding.message}",
                f"{finding.location} {finding.location.pointer}",
                f"expected: {finding.expected}",
                f"got:      {finding.got}",
                describe_state(report, finding),
                describe_acceptance(report, finding),
                describe_sightings(finding),
                finding.curl,
                finding.client,
            )
            if line
        )
        for finding in findings
    )
