"""Opens, updates and closes one issue for the findings of a run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import attrs

from driftline.checks import Finding
from driftline.ci.host import ROOM, CodeHost, HostEntry, Publication, format_mark
from driftline.ci.nightly_run import NightlyRun
from driftline.markup import escape_prose, fit_items, format_code, format_count, shorten
from driftline.report import DEFAULT_FOLDER, choose_commands, count_severities

_MAX_LENGTH: Final = 300
_MAX_NAMED: Final = 20
"""Maximum findings that a comment names."""


@attrs.frozen(kw_only=True)
class IssueTracker:
    """An issue, identified by name and label, and the beginning of its title.

    `run` is the URL of the run with the complete report, or "".
    """

    name: str
    label: str
    title: str
    run: str = ""

    def put(self, host: CodeHost, night: NightlyRun) -> Publication:
        """Update the issue with the findings of a run; a second call changes nothing."""
        issues = host.list_issues(self.label)
        issue = next(
            (issue for issue in issues if issue.body.startswith(format_mark(self.name))), None
        )
        state_change = compare_findings(read_known(issue.body) if issue else (), night)
        if issue is None:
            if not state_change.open_findings:
                message = "No findings for an issue, and no open issue." + _format_unchecked(night)
                return Publication(message, is_changed=False)
            title, body = self._format_title(state_change), self._format_text(night, state_change)
            number = host.open_issue(title, body, self.label)
            return Publication(f"Opened issue {number}.", f"{host.issue_path}/{number}")
        if not state_change.open_findings:
            return self._close(host, issue, night, state_change)
        return self._update(host, issue, night, state_change)

    def _close(
        self, host: CodeHost, issue: HostEntry, night: NightlyRun, state_change: StateChange
    ) -> Publication:
        host.change_issue(
            issue.number, issue.title, self._format_text(night, state_change), closed=True
        )
        host.add_issue_comment(issue.number, self._format_comment(night, state_change))
        return Publication(f"Closed issue {issue.number}.", f"{host.issue_path}/{issue.number}")

    def _update(
        self, host: CodeHost, issue: HostEntry, night: NightlyRun, state_change: StateChange
    ) -> Publication:
        path = f"{host.issue_path}/{issue.number}"
        title, body = self._format_title(state_change), self._format_text(night, state_change)
        if (issue.title, issue.body.rstrip()) == (title, body.rstrip()):
            message = f"Issue {issue.number} is up to date."
            return Publication(message, path, is_changed=False)
        host.change_issue(issue.number, title, body)
        if state_change.new_findings or state_change.gone_findings:
            host.add_issue_comment(issue.number, self._format_comment(night, state_change))
        return Publication(f"Updated issue {issue.number}.", path)

    def _format_title(self, state: StateChange) -> str:
        apis = ", ".join(dict.fromkeys(finding.api for finding in state.open_findings))
        count = format_count(len(state.open_findings), "finding")
        return f"{self.title}: {count} in {shorten(apis, 150)}"

    def _format_text(self, night: NightlyRun, state_change: StateChange) -> str:
        targets = ", ".join(f"{name} at {target}" for name, target in night.targets.items())
        lines = [
            f"**{escape_prose(_format_counts(night, state_change))}**",
            f"<p>The last run was on {escape_prose(night.day)} against {format_code(targets)}.</p>",
            escape_prose(_format_unchecked(night).strip()),
            f"[The run]({self.run}) has the report." if self.run else "",
        ]
        top = "\n\n".join(filter(None, lines)) + "\n\n"
        first_days = {
            tracked.fingerprint: tracked.first_day for tracked in state_change.open_findings
        }
        items = [
            _format_item(night, finding, first_days[fingerprint])
            for fingerprint, finding in night.findings.items()
        ]
        items += [_format_unconfirmed(tracked) for tracked in state_change.unconfirmed_findings]
        head = format_mark(self.name) + format_state(state_change.open_findings)
        return f"{head}\n{top}" + _format_list(items, ROOM - MOST - len(top.encode()))

    def _format_comment(self, night: NightlyRun, state_change: StateChange) -> str:
        parts = [
            f"{escape_prose(heading)}\n\n"
            + _format_list(
                map(_format_name, tracked_findings[:_MAX_NAMED]), ROOM // 3, len(tracked_findings)
            )
            for heading, tracked_findings in (
                (
                    f"New on {night.day}: {len(state_change.new_findings)}.",
                    state_change.new_findings,
                ),
                (
                    f"Gone on {night.day}: {len(state_change.gone_findings)}.",
                    state_change.gone_findings,
                ),
            )
            if tracked_findings
        ]
        note = "" if state_change.open_findings else "All findings are resolved.\n"
        return "\n".join([*parts, note]) + (f"\n[The run]({self.run})\n" if self.run else "")


def _format_counts(night: NightlyRun, state_change: StateChange) -> str:
    counts = count_severities(list(night.findings.values()))
    open_findings = f"Open: {format_count(len(state_change.open_findings), 'finding')}"
    return f"{open_findings} ({counts})." if counts else f"{open_findings}."


def _format_unchecked(night: NightlyRun) -> str:
    names = ", ".join(night.unsettled)
    return f" Something could not be checked in {names}." if names else ""


def _format_list(items: Iterable[str], max_bytes: int, total: int = 0) -> str:
    """Return a list of the items that fit, and the number of the others."""
    lines = list(items)
    total, fitting = max(total, len(lines)), fit_items(lines, max_bytes)
    more = [f"<li>{total - len(fitting):,} more</li>"] if len(fitting) < total else []
    return "\n".join(["<ul>", *fitting, *more, "</ul>", ""])


def _format_item(night: NightlyRun, finding: Finding, first: str) -> str:
    return "".join(_build_parts(night, finding, first))


def _build_parts(night: NightlyRun, finding: Finding, first: str) -> Iterator[str]:
    name = " ".join(filter(None, (finding.api, finding.operation, finding.id)))
    yield f"<li>{finding.severity}, since {escape_prose(first)}: {_shorten(name)}<br>"
    yield f"{_shorten(finding.message)} {_shorten(str(finding.location))}<br>"
    # Received values may be personal data, and more people read issues than reports.
    yield f"expected {_shorten(finding.expected)}"
    writes = (finding.api, finding.operation) in night.writes
    target = night.targets.get(finding.api, "")
    ends = choose_commands(finding, target, writes=writes, folder=DEFAULT_FOLDER)
    if ends:
        commands = "<br>".join(f"{label}: {_shorten(command)}" for label, command in ends.items())
        yield f"<details><summary>Resolve it</summary>{commands}</details>"
    yield "</li>"


def _format_unconfirmed(finding: TrackedFinding) -> str:
    return f"<li>not checked in the last run: {_format_name(finding).removeprefix('<li>')}"


def _format_name(finding: TrackedFinding) -> str:
    name = _shorten(f"{finding.api} {finding.name}")
    return f"<li>since {escape_prose(finding.first_day)}: {name}</li>"


def _shorten(string: str) -> str:
    return format_code(shorten(string, _MAX_LENGTH))


MOST: Final = 24_000
"""Maximum bytes of the hidden line; findings that do not fit count as new each time."""
_LINE: Final = re.compile(r"^<!-- driftline-known: (.*) -->$", re.MULTILINE)


@attrs.frozen
class TrackedFinding:
    """A finding of the issue: its fingerprint, API and name, and its first day."""

    fingerprint: str
    api: str
    first_day: str
    name: str

    @classmethod
    def build(cls, fingerprint: str, finding: Finding, first: str) -> TrackedFinding:
        parts = (finding.operation, finding.id, finding.where)
        return cls(fingerprint, finding.api, first, shorten(" ".join(filter(None, parts)), 150))


@attrs.frozen
class StateChange:
    """The changes of an issue by a run, and its open findings afterwards.

    `unconfirmed_findings` were not found again, but their API could not be checked.
    """

    open_findings: tuple[TrackedFinding, ...]
    new_findings: tuple[TrackedFinding, ...]
    gone_findings: tuple[TrackedFinding, ...]
    unconfirmed_findings: tuple[TrackedFinding, ...]


def compare_findings(tracked_findings: Sequence[TrackedFinding], night: NightlyRun) -> StateChange:
    """Compare a run with the stored findings."""
    first_days = {tracked.fingerprint: tracked.first_day for tracked in tracked_findings}
    open_findings = [
        TrackedFinding.build(fingerprint, finding, first_days.get(fingerprint, night.day))
        for fingerprint, finding in night.findings.items()
    ]
    absent_findings = [
        tracked for tracked in tracked_findings if tracked.fingerprint not in night.findings
    ]
    unconfirmed_findings = tuple(
        tracked for tracked in absent_findings if tracked.api not in night.settled
    )
    return StateChange(
        open_findings=(*open_findings, *unconfirmed_findings),
        new_findings=tuple(
            tracked for tracked in open_findings if tracked.fingerprint not in first_days
        ),
        gone_findings=tuple(tracked for tracked in absent_findings if tracked.api in night.settled),
        unconfirmed_findings=unconfirmed_findings,
    )


def format_state(tracked_findings: Iterable[TrackedFinding]) -> str:
    """Return findings as a hidden line; no string in it can end the comment."""
    rows: list[str] = []
    remaining_bytes = MOST
    for tracked in tracked_findings:
        row = json.dumps(attrs.astuple(tracked))
        row = "".join(f"\\u{ord(char):04x}" if char in "<>&-" else char for char in row)
        remaining_bytes -= len(row) + 2
        if remaining_bytes < 0:
            break
        rows.append(row)
    return f"<!-- driftline-known: [{', '.join(rows)}] -->\n"


def read_known(body: str) -> list[TrackedFinding]:
    """Return the findings stored in an issue's text; none if the line is damaged."""
    match = _LINE.search(body.replace("\r", ""))
    try:
        rows: Any = json.loads(match[1]) if match else []
        return [
            TrackedFinding(*map(str, row))
            for row in rows
            if len(row) == len(attrs.fields(TrackedFinding))
        ]
    except (ValueError, TypeError):
        return []
