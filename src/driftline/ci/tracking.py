"""The state of a tracking issue: the open findings, and since when they are open.

It is stored in a hidden line of the issue's text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import attrs

from driftline.checks import Finding
from driftline.ci.night import Night
from driftline.markup import shorten

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


def change(known: Sequence[TrackedFinding], night: Night) -> StateChange:
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
