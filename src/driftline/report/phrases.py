"""The sentences of a report."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from driftline.checks import FROM_READINGS, Check, Coverage, Finding, Usage, is_editable
from driftline.markup import format_count
from driftline.openapi import READ_METHODS
from driftline.report.baseline import compute_fingerprint
from driftline.report.causes import Cause
from driftline.report.consequences import SHAPE
from driftline.report.report import MOCK, RECORDED, SEVERITIES, FailureRules, Report


def describe_sightings(finding: Finding) -> str:
    """Return how often a finding was seen, and where first; "" if in no request."""
    if finding.count == 1 and not finding.first:
        return ""
    times = "once" if finding.count == 1 else f"{finding.count:,} times"
    among = f" in {format_count(finding.requests, 'request')}" if finding.requests else ""
    prefix = "" if finding.count == 1 else "first "
    first = f", {prefix}in request {finding.first:,} of the run" if finding.first else ""
    if finding.source:
        first = f", {prefix}in {finding.source}"
    return f"seen {times}{among}{first}"


def count_severities(findings: Sequence[Finding]) -> str:
    """Return counts as in `2 breaking, 1 additive`."""
    number = Counter(finding.severity for finding in findings)
    return ", ".join(f"{number[name]} {name}" for name in SEVERITIES if number[name])


def _describe_findings(findings: Sequence[Finding], causes: str = "") -> str:
    return f"{format_count(len(findings), 'finding')}{causes} ({count_severities(findings)})"


def describe_parts(cause: Cause) -> list[str]:
    """Return a line for each finding but the first.

    It has the other locations of the cause, and the received values.
    """
    return [_describe_part(cause.lead, part) for part in cause.parts]


def describe_cause(cause: Cause) -> str:
    """Return what the findings of a cause have in common; "" for a single one."""
    lead, number = cause.lead, len(cause.findings)
    if number == 1:
        return ""
    operations = len({finding.operation for finding in cause.findings})
    ids = {finding.id for finding in cause.findings}
    if not ids <= SHAPE and len(ids) > 1:
        return f"probably the same cause: {format_count(number - 1, 'other finding')}"
    if lead.id.startswith("security."):
        return f"one cause: {number} findings in {format_count(operations, 'operation')}"
    if lead.id == "request.invalid.accepted":
        return f"one cause: the types of {format_count(number, 'field')} are not validated"
    if lead.id == "effect.field.reset":
        return f"one cause: an update changes {format_count(number, 'field')} that it does not name"
    among = f" in {format_count(operations, 'operation')}" if operations > 1 else ""
    if len(ids) > 1:
        return f"one cause: an object of another shape{among}"
    return f"one cause: the same clause, {format_count(number, 'finding')}{among}"


def _describe_part(lead: Finding, part: Finding) -> str:
    subject = "" if part.operation == lead.operation else f"{part.operation}: "
    name = "" if part.id == lead.id else f" ({part.id})"
    return f"{subject}{part.message}{name}; expected {part.expected}, got {part.got}"


def count_causes(report: Report) -> str:
    """Return ` with 2 causes`; "" if each finding has its own cause."""
    causes = len(report.causes)
    return f" with {format_count(causes, 'cause')}" if causes < len(report.findings) else ""


def describe_verdict(report: Report) -> str:
    """Return the result of the run in one sentence."""
    if report.is_empty_part:
        return f"Nothing to check: no operation is in shard {report.shard}."
    summary, counting = (
        _describe_findings(report.findings, count_causes(report)),
        list(filter(report.is_failure, report.findings)),
    )
    if report.exit_code == 2:
        reason = "no check was run" if not report.checks else _describe_error(report)
        return f"Could not check: {reason}" + (f"; {summary}." if report.findings else ".")
    if report.exit_code == 1:
        hit = {finding.api for finding in counting}
        failures = summary if report.rules == FailureRules() else _describe_findings(counting)
        return f"Drift: {failures} in {', '.join(api for api in report.targets if api in hit)}."
    if report.findings and report.rules == FailureRules():
        return f"No drift, except on assumed clauses: {summary}."
    if report.findings:
        is_single = len(report.findings) == 1
        end = ", which does not fail the run." if is_single else "; none of them fails the run."
        return summary + end
    return "No drift: everything that was checked agrees."


def _describe_error(report: Report) -> str:
    number = len(report.errors)
    return f"{number} of {format_count(len(report.checks), 'check')} could not run"


def group_errors(report: Report) -> dict[str, list[str]]:
    """Return the checks that could not run, one entry for each operation, by reason."""
    names: dict[tuple[str, str], list[str]] = {}
    for check in report.errors:
        operation = f"{check.api} {check.operation}".strip()
        names.setdefault((check.detail, operation), []).append(check.name)
    reasons: dict[str, list[str]] = {}
    for (reason, operation), checks in names.items():
        listing = ", ".join(checks)
        reasons.setdefault(reason, []).append(f"{operation} ({listing})" if operation else listing)
    return reasons


def group_skipped(report: Report) -> dict[str, list[str]]:
    """Return the checks that were skipped, one entry for each operation, by reason."""
    names: dict[tuple[str, str], list[str]] = {}
    for check in report.checks:
        if check.outcome == "not-sent":
            names.setdefault((check.detail, f"{check.api} {check.operation}"), []).append(
                check.name
            )
    reasons: dict[str, list[str]] = {}
    for (reason, operation), checks in names.items():
        summary = checks[0] if len(checks) == 1 else format_count(len(checks), "check")
        reasons.setdefault(reason, []).append(f"{operation} ({summary})")
    return reasons


def describe_extent(report: Report) -> str:
    """Return how much was checked."""
    operations = sum(len(api.operations) for api in report.apis)
    part = f" of shard {report.shard}" if report.shard.count > 1 else ""
    parts = [
        format_count(len(report.apis), "API"),
        format_count(operations, "operation") + part,
        format_count(len(report.checks), "check"),
        format_count(report.requests, "request"),
    ]
    skipped = sum(check.outcome == "not-sent" for check in report.checks)
    if skipped:
        parts.append(f"{format_count(skipped, 'check')} skipped")
    return f"{', '.join(parts)} in {report.seconds:.1f} s"


def describe_usage(usage: Usage) -> str:
    """Return the requests of a live run with their limits."""
    requests = format_count(usage.requests, "request")
    limits = f"{usage.max_requests:,} requests, {usage.rate} per second"
    return f"run id {usage.run}: {requests} (limits: {limits})"


def list_notes(report: Report) -> list[str]:
    """Return the notes of live runs."""
    return [f"{api.name}: {note}" for api in report.apis if api.usage for note in api.usage.notes]


def describe_targets(report: Report) -> str:
    """Return what was checked, as in `the mocks of shop, bank; post at https://…`."""
    mocked = [name for name, target in report.targets.items() if target == MOCK]
    parts = [f"the mock{'s' * (len(mocked) > 1)} of {', '.join(mocked)}"] if mocked else []
    recorded = [name for name, target in report.targets.items() if target == RECORDED]
    parts += [f"recorded traffic of {', '.join(recorded)}"] if recorded else []
    live = {name: url for name, url in report.targets.items() if url not in {MOCK, RECORDED}}
    parts += [f"{name} at {url}" for name, url in live.items()]
    return "; ".join(parts)


def describe_assumptions(report: Report) -> str:
    """Return the number of findings on assumptions, and how to confirm these."""
    assumed = [
        finding
        for finding in report.findings
        if finding.severity == "assumed" and not report.is_failure(finding)
        if report.targets.get(finding.api) not in {MOCK, RECORDED}
    ]
    if not assumed:
        return ""
    number = format_count(len(assumed), "finding")
    verb = "is on a clause" if len(assumed) == 1 else "are on clauses"
    sentence = f"{number} {verb} marked x-assumed and cannot fail the run."
    if report.folder is None:
        return sentence
    accept = _format_accept(report.folder)
    return f"{sentence}\nConfirm the assumptions that hold: {accept} --assumptions --write"


def describe_missing_report(report: Report) -> str:
    """Return how to accept findings if this run writes no report to read them from, or ""."""
    findings = (finding for finding in report.findings if finding.id != "generated.stale")
    if report.folder is not None or not any(list_commands(report, finding) for finding in findings):
        return ""
    return "To use driftline accept on these findings, run the command again with --report report"


def describe_next_step(report: Report) -> str:
    """Return how to run the curl commands of a report about mocks, or ""."""
    mocked = [
        finding.api
        for finding in report.findings
        if finding.curl and report.targets.get(finding.api) == MOCK
    ]
    if not mocked:
        return ""
    names = " ".join(dict.fromkeys(mocked))
    seed = f" --seed {report.seed}" if report.seed else ""
    return (
        f"To try a curl command, run: driftline mock {names}{seed}\n"
        "and paste the export lines that it prints."
    )


def list_commands(report: Report, finding: Finding) -> dict[str, str]:
    """Return the commands that resolve a finding about a server, a recording or the client.

    Findings about a mock have none: a mock is made from the spec, so no server has drifted.
    """
    if report.is_accepted(finding):
        return {}
    operations = (line for api in report.apis if api.name == finding.api for line in api.operations)
    writes = {line.id for line in operations if line.method not in READ_METHODS}
    target = report.targets.get(finding.api, MOCK)
    is_write = finding.operation in writes
    return choose_commands(finding, target, writes=is_write, folder=report.folder)


def choose_commands(
    finding: Finding, target: str, *, writes: bool, folder: Path | None
) -> dict[str, str]:
    """Return the commands for a finding about a target; `writes`: its operation is not a read.

    `folder` has the report for `driftline accept`, if there is one.
    """
    if finding.id == "generated.stale":
        return {"To regenerate the client": shlex.join(["driftline", "generate", finding.api])}
    if target == MOCK or finding.id in FROM_READINGS:
        return {}
    if target == RECORDED:
        recheck = f"driftline observe RECORDING --api {finding.api}"
        return describe_commands(finding, recheck, folder)
    return describe_commands(finding, format_check(finding, target, writes=writes), folder)


def format_check(finding: Finding, url: str, *, writes: bool) -> str:
    """Return the command that checks the operation of a finding again."""
    arguments = ["driftline", "check", finding.api, "--url", f"{finding.api}={url}"]
    if finding.operation:
        arguments += ["--operation", finding.operation]
        arguments += ["--allow-writes", finding.operation] if writes else []
    return shlex.join(arguments)


DEFAULT_FOLDER: Final = Path("report")
"""The directory whose report `driftline accept` reads by default."""


def _format_accept(folder: Path) -> str:
    """Return the command that reads the report in a folder."""
    arguments = [] if folder == DEFAULT_FOLDER else [str(folder)]
    return shlex.join(["driftline", "accept", *arguments])


def describe_commands(finding: Finding, recheck: str, folder: Path | None) -> dict[str, str]:
    """Return the commands that resolve a finding, by label.

    Without a `folder`, `driftline accept` has nothing to read.
    """
    check = {"After a fix of the server, check again": recheck}
    if folder is None:
        return check
    accept = f"{_format_accept(folder)} {compute_fingerprint(finding)[:8]}"
    edit = {"To change the spec": f"{accept} --write"} if is_editable(finding) else {}
    return {
        **check,
        **edit,
        "To add it to a baseline": f"{accept} --until DATE --reason TEXT --write",
    }


def share(coverage: Coverage) -> str:
    """Return a percentage as in `97 %`; 100 only if nothing is missing."""
    total = len(coverage.evidence)
    return f"{100 * coverage.covered // total if total else 100} %"


def _list_coverage(report: Report) -> Iterator[tuple[Check, Coverage]]:
    for check in report.checks:
        if check.coverage:
            yield check, check.coverage


def summarize_coverage(report: Report) -> str:
    """Return the sentence on coverage; "" if nothing was counted."""
    coverages = [coverage for _, coverage in _list_coverage(report)]
    total, covered_count = (
        sum(len(coverage.evidence) for coverage in coverages),
        sum(coverage.covered for coverage in coverages),
    )
    if not total:
        return ""
    missing = f"; {total - covered_count:,} not covered" if total - covered_count else ""
    return f"Covered: {covered_count:,} of {format_count(total, 'documented clause')}{missing}."


def list_not_covered(report: Report) -> Iterator[tuple[str, list[str]]]:
    """Yield each operation with a line for each clause that was not covered."""
    for check, coverage in _list_coverage(report):
        lines = [
            f"{evidence.subject}: {evidence.reason}  {evidence.location}"
            for evidence in coverage.uncovered
        ]
        if lines:
            yield f"{check.api} {check.operation}", lines
