"""What one run changed, as data and as text. No value that a server sent is in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import attrs

from driftline.ci.night import Night
from driftline.history import RunEntry, TrackedClause, build_timeline
from driftline.markup import format_count, make_printable, shorten

MOST: Final = 10
"""So many findings of each kind are named in a message."""
TYPE: Final = "drift.changed"


@attrs.frozen(kw_only=True)
class Notice:
    """The changes of one run: findings that count, and APIs that could not be checked.

    `published` says what was done to pull requests and issues. `open` is the number of findings
    afterwards.
    """

    time: datetime
    apis: tuple[str, ...]
    new: tuple[TrackedClause, ...] = ()
    back: tuple[TrackedClause, ...] = ()
    gone: tuple[TrackedClause, ...] = ()
    accepted: tuple[TrackedClause, ...] = ()
    unchecked: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    open: int = 0
    report: str = ""

    @property
    def id(self) -> str:
        """Return the same id for the same message, so that a receiver can drop a repetition."""
        data = json.dumps(self.to_dict(), sort_keys=True)
        return f"msg_{hashlib.sha256(data.encode()).hexdigest()[:32]}"

    @property
    def title(self) -> str:
        """Return one line: `Drift in shop: 1 new, 2 gone, 3 findings open`."""
        counts = {"new": self.new, "back": self.back, "gone": self.gone, "accepted": self.accepted}
        parts = [f"{len(some)} {word}" for word, some in counts.items() if some]
        if self.unchecked:
            parts.append(f"{', '.join(self.unchecked)} not checked")
        parts.append(f"{format_count(self.open, 'finding')} open")
        return shorten(f"Drift in {', '.join(self.apis)}: {', '.join(parts)}", 200)

    def list_sections(self) -> Iterable[tuple[str, Sequence[str]]]:
        """Yield a heading and its lines for each kind of change."""
        findings = {
            "New": self.new,
            "Back": self.back,
            "Gone": self.gone,
            "Accepted by the baseline": self.accepted,
        }
        for heading, some in findings.items():
            lines = [_format_clause(clause) for clause in some[:MOST]]
            left_out = len(some) - len(lines)
            yield heading, [*lines, *([f"{left_out:,} more"] if left_out else [])]
        yield "Could not be checked", self.unchecked
        yield "Checked again", self.checked
        yield "Published", self.published

    def format_text(self) -> str:
        """Return the message as plain text, without its title."""
        parts = [
            "\n".join([f"{heading}:", *(f"- {line}" for line in lines)])
            for heading, lines in self.list_sections()
            if lines
        ]
        parts += [f"Report: {self.report}"] if self.report else []
        return "\n\n".join(parts) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data, in the envelope of Standard Webhooks."""
        data: dict[str, Any] = {
            "title": self.title,
            "apis": list(self.apis),
            "open": self.open,
            "unchecked": list(self.unchecked),
            "checked": list(self.checked),
            "published": list(self.published),
            "report": self.report,
        }
        for kind in ("new", "back", "gone", "accepted"):
            data[kind] = [attrs.asdict(clause) for clause in getattr(self, kind)]
        return {"type": TYPE, "timestamp": self.time.isoformat(), "data": data}


def _format_clause(clause: TrackedClause) -> str:
    return shorten(f"{clause.severity}: {clause.name} ({clause.file}:{clause.line})", 300)


def build_notice(
    runs: Sequence[RunEntry], night: Night, *, published: Sequence[str] = (), report: str = ""
) -> Notice | None:
    """Compare a run with those before it; None if nothing changed.

    `runs` are in the order of their times. Only findings that make a run fail count.
    """
    known = _list_until(runs, night)
    if not known:
        return None
    *earlier, run = known
    counting = [
        attrs.evolve(each, findings=tuple(clause for clause in each.findings if clause.counts))
        for each in (*earlier, run)
    ]
    timeline = build_timeline(counting)
    events = [event for event in timeline.events if event.time == run.time]
    kinds = {
        kind: [event.clause for event in events if event.kind == kind]
        for kind in ("new", "back", "gone")
    }
    excused = {clause.mark for clause in run.findings if not clause.counts}
    notice = Notice(
        time=run.time,
        apis=tuple(map(make_printable, run.targets)),
        new=tuple(kinds["new"]),
        back=tuple(kinds["back"]),
        gone=tuple(clause for clause in kinds["gone"] if clause.mark not in excused),
        accepted=tuple(clause for clause in kinds["gone"] if clause.mark in excused),
        unchecked=tuple(api for api in run.targets if _turns_unchecked(api, earlier, run)),
        checked=tuple(api for api in run.targets if _turns_checked(api, earlier, run)),
        published=tuple(published),
        open=len(timeline.open),
        report=report,
    )
    changes = (notice.unchecked, notice.checked, notice.published)
    return notice if events or any(changes) else None


def _list_until(runs: Sequence[RunEntry], night: Night) -> Sequence[RunEntry]:
    """Return the runs up to this one: other jobs may append to the same file at the same time."""
    for number in range(len(runs), 0, -1):
        run = runs[number - 1]
        is_same_time = run.time.isoformat(timespec="seconds") == night.started
        if is_same_time and run.targets.keys() == night.targets.keys():
            return runs[:number]
    return ()


def _turns_unchecked(api: str, earlier: Sequence[RunEntry], run: RunEntry) -> bool:
    before = _find_last(api, earlier)
    return _is_unchecked(api, run) and (before is None or not _is_unchecked(api, before))


def _turns_checked(api: str, earlier: Sequence[RunEntry], run: RunEntry) -> bool:
    before = _find_last(api, earlier)
    return before is not None and _is_unchecked(api, before) and not _is_unchecked(api, run)


def _find_last(api: str, runs: Sequence[RunEntry]) -> RunEntry | None:
    return next((run for run in reversed(runs) if api in run.targets), None)


def _is_unchecked(api: str, run: RunEntry) -> bool:
    """Return whether a check of the API ended in an error.

    Too many findings to keep are no error.
    """
    return api not in run.settled and not run.left_out
