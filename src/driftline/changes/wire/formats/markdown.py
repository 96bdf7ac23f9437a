"""A comparison as Markdown, for the comment of a pull request, and never longer than one may be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from driftline.changes.wire.change import Change
from driftline.changes.wire.formats.phrases import (
    describe_acceptance,
    describe_verdict,
    find_subject,
    format_locations,
)
from driftline.changes.wire.report import DiffReport
from driftline.markup import escape_prose, format_code, shorten

__all__ = ["LIMIT", "render"]

LIMIT: Final = 65_536
"""Of a comment on GitHub, in bytes."""
_ROOM: Final = 1_000
_TEXT: Final = 400
_HEAD: Final = (
    "<table>\n<tr><th>where</th><th>what</th><th>id</th><th>line</th></tr>\n",
    "</table>\n",
)


def render(report: DiffReport, limit: int = LIMIT, *, title: str = "") -> str:
    """The page: the verdict, then a table for each severity; cut from the end."""
    text = f"## {escape_prose(title)}\n\n" if title else ""
    text += f"**{escape_prose(describe_verdict(report))}**\n\n"
    text += f"{format_code(report.old)} → {format_code(report.new)}\n"
    room = limit - _ROOM - _measure(text)
    left = 0
    for severity, changes in groupby(report.changes, key=lambda change: change.severity):
        opening = f"\n### {severity.capitalize()}\n\n{_HEAD[0]}"
        room -= _measure(opening + _HEAD[1])
        rows: list[str] = []
        for change in changes:
            row = _format_row(report, change)
            room -= _measure(row)
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


def _measure(text: str) -> int:
    return len(text.encode())


def _format_row(report: DiffReport, change: Change) -> str:
    api = [change.api] if len(report.apis) > 1 else []
    accepted = describe_acceptance(report, change)
    cells = (
        "<br>".join(_list_locations(change, api)),
        "<br>".join(map(_shorten, filter(None, (change.message, accepted)))),
        format_code(change.id),
    )
    told = "".join(f"<td>{cell}</td>" for cell in (*cells, _shorten(format_locations(change))))
    return f"<tr>{told}</tr>\n"


def _list_locations(change: Change, api: list[str]) -> Iterator[str]:
    operations = change.operations
    yield _shorten(" ".join(filter(None, (*api, *operations[:1], find_subject(change)))))
    if len(operations) > 1:
        yield f"and {len(operations) - 1:,} more"


def _shorten(text: str) -> str:
    return format_code(shorten(text, _TEXT))
