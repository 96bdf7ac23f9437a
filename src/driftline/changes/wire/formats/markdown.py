"""A comparison as Markdown, within the size limit of a pull request comment."""

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
from driftline.markup import (
    COMMENT_LIMIT,
    Section,
    describe_left_out,
    escape_prose,
    fit_sections,
    format_code,
    format_short_code,
)

_ROOM: Final = 1_000
_TEXT: Final = 400
_HEAD: Final = "<table>\n<tr><th>where</th><th>what</th><th>id</th><th>line</th></tr>\n"


def render(report: DiffReport, limit: int = COMMENT_LIMIT, *, title: str = "") -> str:
    """Return the page: the verdict, then a table for each severity; cut from the end."""
    text = f"## {escape_prose(title)}\n\n" if title else ""
    text += f"**{escape_prose(describe_verdict(report))}**\n\n"
    text += f"{format_code(report.old)} → {format_code(report.new)}\n"
    sections, left = fit_sections(_list_sections(report), limit - _ROOM - len(text.encode()))
    return text + sections + describe_left_out(left, "--format json has them all.")


def _list_sections(report: DiffReport) -> Iterator[Section]:
    for severity, changes in groupby(report.changes, key=lambda change: change.severity):
        opening = f"\n### {severity.capitalize()}\n\n{_HEAD}"
        rows = [_format_row(report, change) for change in changes]
        yield Section(f"{severity} change", opening, rows, "</table>\n")


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
    return format_short_code(text, _TEXT)
