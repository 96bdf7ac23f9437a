"""One issue for the findings of a run: opened, updated, and closed when none is left."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import attrs

from driftline.checks import Finding
from driftline.ci.host import ROOM, CodeHost, HostEntry, Publication, mark
from driftline.ci.night import NightlyRun
from driftline.markup import escape_prose, fit_items, format_code, format_count, shorten
from driftline.report import choose_ends, count_severities

_TEXT: Final = 300
_NAMED: Final = 20
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
        """Update the issue by a run; return what was done. Idempotent."""
        issues = host.list_issues(self.label)
        ours = next((each for each in issues if each.text.startswith(mark(self.name))), None)
        found = change(read_known(ours.text) if ours else (), night)
        if ours is None:
            if not found.open:
                message = "No findings for an issue, and no open issue." + _format_unchecked(night)
                return Publication(message, changed=False)
            title, text = self._format_title(found), self._format_text(night, found)
            number = host.open_issue(title, text, self.label)
            return Publication(f"Opened issue {number}.", f"{host.issue_path}/{number}")
        if not found.open:
            return self._close(host, ours, night, found)
        return self._update(host, ours, night, found)

    def _close(
        self, host: CodeHost, ours: HostEntry, night: NightlyRun, found: StateChange
    ) -> Publication:
        host.change_issue(ours.number, ours.title, self._format_text(night, found), closed=True)
        host.add_issue_comment(ours.number, self._format_comment(night, found))
        return Publication(f"Closed issue {ours.number}.", f"{host.issue_path}/{ours.number}")

    def _update(
        self, host: CodeHost, ours: HostEntry, night: NightlyRun, found: StateChange
    ) -> Publication:
        path = f"{host.issue_path}/{ours.number}"
        title, text = self._format_title(found), self._format_text(night, found)
        if (ours.title, ours.text.rstrip()) == (title, text.rstrip()):
            message = f"Issue {ours.number} is up to date."
            return Publication(message, path, changed=False)
        host.change_issue(ours.number, title, text)
        if found.new or found.gone:  # what the issue mentions; the report has the rest
            host.add_issue_comment(ours.number, self._format_comment(night, found))
        return Publication(f"Updated issue {ours.number}.", path)

    def _format_title(self, found: StateChange) -> str:
        apis = ", ".join(dict.fromkeys(each.api for each in found.open))
        return f"{self.title}: {format_count(len(found.open), 'finding')} in {shorten(apis, 150)}"

    def _format_text(self, night: NightlyRun, found: StateChange) -> str:
        where = ", ".join(f"{name} at {target}" for name, target in night.targets.items())
        lines = [
            f"**{escape_prose(_open(night, found))}**",
            f"<p>The last run was on {escape_prose(night.day)} against {format_code(where)}.</p>",
            escape_prose(_format_unchecked(night).strip()),
            f"[The run]({self.run}) has the report." if self.run else "",
        ]
        top = "\n\n".join(filter(None, lines)) + "\n\n"
        first = {each.mark: each.first for each in found.open}
        items = [
            _format_item(night, finding, first[each]) for each, finding in night.findings.items()
        ]
        items += [_format_state(each) for each in found.kept]
        head = mark(self.name) + format_state(found.open)
        return f"{head}\n{top}" + _format_list(items, ROOM - MOST - len(top.encode()))

    def _format_comment(self, night: NightlyRun, found: StateChange) -> str:
        parts = [
            f"{escape_prose(word)}\n\n"
            + _format_list(map(_name, some[:_NAMED]), ROOM // 3, len(some))
            for word, some in (
                (f"New on {night.day}: {len(found.new)}.", found.new),
                (f"Gone on {night.day}: {len(found.gone)}.", found.gone),
            )
            if some
        ]
        left = "" if found.open else "All findings are resolved.\n"
        return "\n".join([*parts, left]) + (f"\n[The run]({self.run})\n" if self.run else "")


def _open(night: NightlyRun, found: StateChange) -> str:
    counts = count_severities(list(night.findings.values()))
    open_findings = f"Open: {format_count(len(found.open), 'finding')}"
    return f"{open_findings} ({counts})." if counts else f"{open_findings}."


def _format_unchecked(night: NightlyRun) -> str:
    names = ", ".join(night.unsettled)
    return f" Something could not be checked in {names}." if names else ""


def _format_list(items: Iterable[str], room: int, total: int = 0) -> str:
    """Return as many items as fit, and the number of the others."""
    lines = list(items)
    total, taken = max(total, len(lines)), fit_items(lines, room)
    more = [f"<li>{total - len(taken):,} more</li>"] if len(taken) < total else []
    return "\n".join(["<ul>", *taken, *more, "</ul>", ""])


def _format_item(night: NightlyRun, finding: Finding, first: str) -> str:
    return "".join(_build_parts(night, finding, first))


def _build_parts(night: NightlyRun, finding: Finding, first: str) -> Iterator[str]:
    name = " ".join(filter(None, (finding.api, finding.operation, finding.id)))
    yield f"<li>{finding.severity}, since {escape_prose(first)}: {_shorten(name)}<br>"
    yield f"{_shorten(finding.message)} {_shorten(str(finding.location))}<br>"
    # Received values may be personal data, and more people read issues than reports.
    yield f"expected {_shorten(finding.expected)}"
    writes = (finding.api, finding.operation) in night.writes
    ends = choose_ends(finding, night.targets.get(finding.api, ""), writes=writes)
    if ends:
        commands = "<br>".join(f"{label}: {_shorten(text)}" for label, text in ends.items())
        yield f"<details><summary>Resolve it</summary>{commands}</details>"
    yield "</li>"


def _format_state(known: TrackedFinding) -> str:
    return f"<li>not checked in the last run: {_name(known).removeprefix('<li>')}"


def _name(known: TrackedFinding) -> str:
    return f"<li>since {escape_prose(known.first)}: {_shorten(f'{known.api} {known.name}')}</li>"


def _shorten(text: str) -> str:
    return format_code(shorten(text, _TEXT))


MOST: Final = 24_000
"""Maximum bytes of the line; findings that do not fit count as new each time."""
_LINE: Final = re.compile(r"^<!-- driftline-known: (.*) -->$", re.MULTILINE)


@attrs.frozen
class TrackedFinding:
    """A finding of the issue: its fingerprint, API and name, and its first day."""

    mark: str
    api: str
    first: str
    name: str

    @classmethod
    def build(cls, mark: str, finding: Finding, first: str) -> TrackedFinding:
        parts = (finding.operation, finding.id, finding.where)
        return cls(mark, finding.api, first, shorten(" ".join(filter(None, parts)), 150))


@attrs.frozen
class StateChange:
    """The changes of an issue by a run, and the findings that are `open` afterwards.

    `kept` findings were not found again, but their API could not be checked.
    """

    open: tuple[TrackedFinding, ...]
    new: tuple[TrackedFinding, ...]
    gone: tuple[TrackedFinding, ...]
    kept: tuple[TrackedFinding, ...]


def change(known: Sequence[TrackedFinding], night: NightlyRun) -> StateChange:
    """Compare a run with the stored findings."""
    first = {each.mark: each.first for each in known}
    found = [
        TrackedFinding.build(mark, finding, first.get(mark, night.day))
        for mark, finding in night.findings.items()
    ]
    missed = [each for each in known if each.mark not in night.findings]
    kept = tuple(each for each in missed if each.api not in night.settled)
    return StateChange(
        open=(*found, *kept),
        new=tuple(each for each in found if each.mark not in first),
        gone=tuple(each for each in missed if each.api in night.settled),
        kept=kept,
    )


def format_state(known: Iterable[TrackedFinding]) -> str:
    """Return the hidden line. No string can end its comment."""
    rows: list[str] = []
    room = MOST
    for each in known:
        row = json.dumps(attrs.astuple(each))
        row = "".join(f"\\u{ord(char):04x}" if char in "<>&-" else char for char in row)
        room -= len(row) + 2
        if room < 0:
            break
        rows.append(row)
    return f"<!-- driftline-known: [{', '.join(rows)}] -->\n"


def read_known(text: str) -> list[TrackedFinding]:
    """Return the findings stored in an issue's text; none if the line is damaged."""
    found = _LINE.search(text.replace("\r", ""))
    try:
        rows: Any = json.loads(found[1]) if found else []
        return [
            TrackedFinding(*map(str, row))
            for row in rows
            if len(row) == len(attrs.fields(TrackedFinding))
        ]
    except (ValueError, TypeError):
        return []
