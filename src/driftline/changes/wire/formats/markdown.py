"""A comparison as Markdown, for the comment of a pull request, and never longer than one may be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from driftline.changes.wire.change import Change
from driftline.changes.wire.formats.phrases import places, subject, verdict
from driftline.changes.wire.report import Report
from driftline.markup import code, prose, shortened

__all__ = ["LIMIT", "render"]

LIMIT: Final = 65_536
"""Of a comment on GitHub, in bytes."""
_ROOM: Final = 1_000
_TEXT: Final = 400
_HEAD: Final = (
    "<table>\n<tr><th>where</th><th>what</th><th>id</th><th>line</th></tr>\n",
    "</table>\n",
)


def render(report: Report, limit: int = LIMIT, *, title: str = "") -> str:
    """The page: the verdict, then a table for each severity; cut from the end."""
    text = f"## {prose(title)}\n\n" if title else ""
    text += f"**{prose(verdict(report))}**\n\n{code(report.old)} → {code(report.new)}\n"
    room = limit - _ROOM - _size(text)
    left = 0
    for severity, changes in groupby(report.changes, key=lambda change: change.severity):
        opening = f"\n### {severity.capitalize()}\n\n{_HEAD[0]}"
        room -= _size(opening + _HEAD[1])
        rows: list[str] = []
        for change in changes:
            row = _row(change, with_api=len(report.apis) > 1)
            room -= _size(row)
            if room >= 0:
                rows.append(row)
            else:
                left += 1
        if rows:
            text += opening + "".join(rows) + _HEAD[1]
    if left:
        text += (
            f"\n**Left out here, for want of room: {left:,} more.** --format json has them all.\n"
        )
    return text


def _size(text: str) -> int:
    return len(text.encode())


def _row(change: Change, *, with_api: bool) -> str:
    api = [change.api] if with_api else []
    cells = ("<br>".join(_where(change, api)), _short(change.message), code(change.id))
    told = "".join(f"<td>{cell}</td>" for cell in (*cells, _short(places(change))))
    return f"<tr>{told}</tr>\n"


def _where(change: Change, api: list[str]) -> Iterator[str]:
    operations = change.operations
    yield _short(" ".join(filter(None, (*api, *operations[:1], subject(change)))))
    if len(operations) > 1:
        yield f"and {len(operations) - 1:,} more"


def _short(text: str) -> str:
    return code(shortened(text, _TEXT))
