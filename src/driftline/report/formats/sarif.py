"""A report as SARIF 2.1.0, for code scanning: each finding at its line of the spec.

One run per API, so that an upload with some of the APIs keeps the results of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from driftline.checks import CATALOGUE, Check, Finding, Severity
from driftline.markup import format_count, format_json
from driftline.report.baseline import compute_fingerprint
from driftline.report.report import MOCK, Report
from driftline.report.states import describe_acceptance
from driftline.suite import finding_docs as prose

FILE = "report.sarif"

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
BASE: Final = "%SRCROOT%"
"""Stands for the project's folder: no path of the machine is in the file."""
# Limits of code scanning: more runs are rejected, more results are not shown.
MAX_RUNS: Final = 20
MAX_RESULTS: Final = 5_000
MAX_TEXT: Final = 1_000
_STATES: Final = {"new": "new", "still": "unchanged"}


def render(report: Report) -> str:
    """Return the report as one JSON document."""
    names = list(dict.fromkeys([*report.targets, *(f.api for f in report.findings)]))
    groups = [[name] for name in names] if len(names) <= MAX_RUNS else [names]
    runs = [_build_run(report, group) for group in groups]
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": runs}
    return format_json(log)


def _build_run(report: Report, apis: Sequence[str]) -> dict[str, Any]:
    gone_findings = [finding for finding in report.gone if finding.api in apis]
    current_findings = [finding for finding in report.findings if finding.api in apis]
    findings = [*current_findings, *gone_findings][:MAX_RESULTS]
    kinds = list(dict.fromkeys(finding.id for finding in findings))
    targets = {name: report.targets.get(name, "") for name in apis}
    return {
        "tool": {
            "driver": {
                "name": "driftline",
                "version": report.version,
                "rules": [build_rule(kind) for kind in kinds],
            }
        },
        "automationDetails": _build_details(report, targets),
        "invocations": [
            _build_invocation(
                report, apis, len(current_findings) + len(gone_findings) - len(findings)
            )
        ],
        "originalUriBaseIds": {
            BASE: {"description": {"text": "The directory that contains specs/."}}
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _build_result(report, finding, kinds.index(finding.id), number >= len(current_findings))
            for number, finding in enumerate(findings)
        ],
        "properties": {"seed": report.seed, "targets": targets},
    }


def _build_details(report: Report, targets: dict[str, str]) -> dict[str, Any]:
    """Return the identity of a run; an upload replaces results of the same identity."""
    name = quote(next(iter(targets)), safe="") if len(targets) == 1 else "all"
    live = any(target != MOCK for target in targets.values())
    part = f"{report.shard}/" if report.shard.count > 1 else ""
    return {"id": f"driftline/{name}/{'live' if live else 'mock'}/{part}"}


def _build_invocation(report: Report, apis: Sequence[str], cut: int) -> dict[str, Any]:
    errors = [check for check in report.errors if not check.api or check.api in apis]
    notes = [_note("error", _describe_error(check)) for check in errors]
    if cut:
        message = (
            f"Left out here: {format_count(cut, 'result')}. All are in report.json and report.html."
        )
        notes.append(_note("warning", message))
    return {
        "executionSuccessful": not errors,
        "exitCode": report.exit_code,
        "startTimeUtc": report.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "toolExecutionNotifications": notes,
    }


def _describe_error(check: Check) -> str:
    subject = " ".join(filter(None, (check.api, check.operation, check.name)))
    return f"Could not check {subject}: {check.detail}"


def _note(level: str, message: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": _escape_links(message)}}


def _build_result(report: Report, finding: Finding, index: int, is_gone: bool) -> dict[str, Any]:
    return {
        "ruleId": finding.id,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": _format_message(finding)},
        "locations": [_build_location(finding)],
        "partialFingerprints": {
            # Code scanning uses the first one; without it, it would compute one from the line.
            "primaryLocationLineHash": f"{compute_fingerprint(finding)}:1",
            "driftline/v1": compute_fingerprint(finding),
        },
        "occurrenceCount": finding.count,
        **dict(_list_states(report, finding, is_gone)),
        "properties": _build_properties(report, finding, is_gone),
    }


def _format_message(finding: Finding) -> str:
    """Return the message, with the sentence for narrow views first."""
    parts = (finding.message, f"Expected: {finding.expected}", f"Got: {finding.got}")
    return " ".join(f"{_escape_links(part)}." for part in parts)


def _escape_links(string: str) -> str:
    """Return text without SARIF's link syntax, `[text](target)`, and not too long."""
    short = string if len(string) <= MAX_TEXT else string[: MAX_TEXT - 1] + "…"
    return short.replace("](", "] (")


def _build_location(finding: Finding) -> dict[str, Any]:
    source = finding.location
    artifact = {"uri": _format_uri(source.file), "uriBaseId": BASE}
    region = {"startLine": max(source.line, 1)}
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": artifact, "region": region}
    }
    if source.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": source.pointer}]
    return location


def _format_uri(file: Path) -> str:
    """Return a relative path; only the name of a file outside the project."""
    return quote(file.name if file.is_absolute() else file.as_posix())


def _list_states(report: Report, finding: Finding, is_gone: bool) -> Iterator[tuple[str, Any]]:
    """Yield the state against the earlier report and the baseline; all results have it, or none."""
    rules = report.rules
    if rules.since:
        state = report.compare_with_earlier(finding)
        yield "baselineState", "absent" if is_gone or state is None else _STATES[state]
    if rules.since or rules.baseline:
        yield "suppressions", list(_list_suppressions(report, finding, is_gone))


def _list_suppressions(report: Report, finding: Finding, is_gone: bool) -> Iterator[dict[str, Any]]:
    if is_gone:
        # Some readers ignore baselineState, and must not show a gone finding as open.
        yield _build_suppression("gone: the earlier report had it, and this run did not find it")
        return
    if report.is_accepted(finding):
        yield _build_suppression(describe_acceptance(report, finding))


def _build_suppression(why: str) -> dict[str, Any]:
    return {"kind": "external", "status": "accepted", "justification": why}


def _build_properties(report: Report, finding: Finding, is_gone: bool) -> dict[str, Any]:
    """Return the properties of a finding that SARIF has no field for, as in report.json."""
    names = ("api", "operation", "severity", "where", "expected", "got", "curl", "client", "first")
    fields = {name: getattr(finding, name) for name in (*names, "requests")}
    return {**fields, "counts": not is_gone and report.is_failure(finding)}


LEVELS: Final[Mapping[Severity, str]] = {
    "breaking": "error",
    "additive": "warning",
    "assumed": "note",
}
_NAMES: Final = {"error": "error", "warning": "warning", "note": "recommendation"}


def build_rule(kind: str) -> dict[str, Any]:
    """Return the description of an id for all its results."""
    entry = CATALOGUE.get(kind)
    if entry is None:
        return {"id": kind, "shortDescription": {"text": kind}}
    level = LEVELS[entry.severity]
    return {
        "id": kind,
        "name": "".join(part.capitalize() for part in kind.replace("-", ".").split(".")),
        "shortDescription": {"text": prose.format_sentence(entry.summary)},
        "fullDescription": {"text": f"{prose.format_sentence(entry.summary)} {entry.meaning}"},
        "help": {"text": prose.format_text(entry), "markdown": prose.format_markdown(entry)},
        "defaultConfiguration": {"level": level},
        "properties": {
            "tags": ["api-contract", kind.partition(".")[0]],
            "precision": "very-high",
            "problem.severity": _NAMES[level],
        },
    }
