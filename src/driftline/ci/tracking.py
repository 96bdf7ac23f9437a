"""What a tracking issue knows: which findings are open, and since when.

It keeps that in its own text, in a line that nobody sees; so there is no other place to lose.
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
"""Bytes of the line; what does not fit counts as new each time."""
_LINE: Final = re.compile(r"^<!-- driftline-known: (.*) -->$", re.MULTILINE)


@attrs.frozen
class TrackedFinding:
    """A finding that the issue tells of: its fingerprint, API and name, and its first day."""

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
    """What a run makes of an issue: what is `open` then, and how that came about.

    `kept` was not found again, and was not looked for either: its API could not be checked.
    """

    open: tuple[TrackedFinding, ...]
    new: tuple[TrackedFinding, ...]
    gone: tuple[TrackedFinding, ...]
    kept: tuple[TrackedFinding, ...]


def change(known: Sequence[TrackedFinding], night: Night) -> StateChange:
    """Hold a run against what is known."""
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
    """Return the line that keeps them. No text can end the comment that it stands in."""
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
    """Return what the text of an issue keeps; nothing if somebody has broken that line."""
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
