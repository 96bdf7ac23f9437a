"""The changes of one run, as data and as text, without values of a server."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import attrs

from driftline.ci.nightly_run import NightlyRun
from driftline.history import RunEntry, TrackedClause, build_timeline
from driftline.markup import format_count, shorten
from driftline.printable import make_printable

MOST: Final = 10
"""Maximum findings of each kind that a message names."""
TYPE: Final = "drift.changed"


@attrs.frozen(kw_only=True)
class Notification:
    """The changes of one run: findings that count, and APIs that could not be checked.

    `published` lists updates of pull requests and issues. `open` is the number of findings
    afterwards, and `last_reported` the time of the last run that was reported to the channel.
    """

    time: datetime
    last_reported: datetime | None
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
        """Return the ID of the message, so that a receiver can discard duplicates.

        A message that is sent again after a later run without changes has the same ID.
        """
        changes = {k: v for k, v in self.to_dict()["data"].items() if k != "report"}
        data = json.dumps([str(self.last_reported), changes], sort_keys=True)
        return f"msg_{hashlib.sha256(data.encode()).hexdigest()[:32]}"

    @property
    def title(self) -> str:
        """Return one line: `Drift in shop: 1 new, 3 findings open`, `No drift in shop: 1 gone`."""
        counts = {
            "new": self.new,
            "back": self.back,
            "gone": self.gone,
            "in the baseline": self.accepted,
        }
        parts = [f"{len(some)} {label}" for label, some in counts.items() if some]
        if self.unchecked:
            parts.append(f"{', '.join(self.unchecked)} not checked")
        if self.open:
            parts.append(f"{format_count(self.open, 'finding')} open")
        subject = "Drift" if self.open else "No finding open" if self.unchecked else "No drift"
        title = f"{subject} in {', '.join(self.apis)}"
        return shorten(": ".join(filter(None, (title, ", ".join(parts)))), 200)

    def list_sections(self) -> Iterable[tuple[str, Sequence[str]]]:
        """Yield a heading and its lines for each kind of change."""
        findings = {
            "New": self.new,
            "Back": self.back,
            "Gone": self.gone,
            "In the baseline": self.accepted,
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
    runs: Sequence[RunEntry], known_count: int, *, published: Sequence[str] = (), report: str = ""
) -> Notification | None:
    """Compare the last run with the `known_count` reported ones; None without changes.

    `runs` are sorted by time. Only findings that make a run fail count.
    """
    counting = [
        attrs.evolve(run, findings=tuple(clause for clause in run.findings if clause.counts))
        for run in runs
    ]
    before, after = build_timeline(counting[:known_count]), build_timeline(counting)
    earlier_fingerprints = {entry.clause.fingerprint for entry in before.clauses}
    was_open = {entry.clause.fingerprint: entry.clause for entry in before.open}
    is_open = {entry.clause.fingerprint: entry.clause for entry in after.open}
    opened_clauses = [clause for key, clause in is_open.items() if key not in was_open]
    gone_clauses = [clause for key, clause in was_open.items() if key not in is_open]
    earlier, later = runs[:known_count], runs[known_count:]
    excused = {clause.fingerprint for run in later for clause in run.findings if not clause.counts}
    apis = dict.fromkeys(api for run in later for api in run.targets)
    was_unchecked = {api for api in apis if _is_unchecked(api, earlier)}
    is_unchecked = {api for api in apis if _is_unchecked(api, runs)}
    notice = Notification(
        time=runs[-1].time,
        last_reported=earlier[-1].time if earlier else None,
        apis=tuple(apis),
        new=tuple(c for c in opened_clauses if c.fingerprint not in earlier_fingerprints),
        back=tuple(c for c in opened_clauses if c.fingerprint in earlier_fingerprints),
        gone=tuple(clause for clause in gone_clauses if clause.fingerprint not in excused),
        accepted=tuple(clause for clause in gone_clauses if clause.fingerprint in excused),
        unchecked=tuple(api for api in apis if api in is_unchecked - was_unchecked),
        checked=tuple(api for api in apis if api in was_unchecked - is_unchecked),
        published=tuple(map(make_printable, published)),
        open=len(is_open),
        report=report,
    )
    changes = (opened_clauses, gone_clauses, notice.unchecked, notice.checked, notice.published)
    return notice if any(changes) else None


def list_until(runs: Sequence[RunEntry], night: NightlyRun) -> Sequence[RunEntry]:
    """Return the runs up to this one, since other jobs may append to the file meanwhile."""
    for number in range(len(runs), 0, -1):
        run = runs[number - 1]
        is_same_time = run.time.isoformat(timespec="seconds") == night.started
        if is_same_time and run.targets.keys() == night.targets.keys():
            return runs[:number]
    return ()


def _is_unchecked(api: str, runs: Sequence[RunEntry]) -> bool:
    """Return whether a check of the API ended in an error in its last run.

    More findings than the history stores are not an error.
    """
    last = next((run for run in reversed(runs) if api in run.targets), None)
    return last is not None and api not in last.settled and not last.left_out
