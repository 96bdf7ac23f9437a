"""A comparison for the terminal, by operation, and as Markdown within the limit of a comment."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from rich.padding import Padding
from rich.text import Text

from driftline.changes.wire.change import Change
from driftline.changes.wire.report import (
    DiffReport,
    Group,
    describe_acceptance,
    describe_verdict,
    find_subject,
    format_heading,
    format_locations,
)
from driftline.markup import (
    COMMENT_LIMIT,
    Section,
    describe_left_out,
    escape_prose,
    fit_sections,
    format_code,
    format_short_code,
)
from driftline.terminal import SEVERITY_STYLES, PrintedPage


def render_terminal(
    report: DiffReport, *, width: int = 100, color: bool = False, title: str = ""
) -> str:
    """Return the comparison as text `width` columns wide.

    `title` precedes the names of the compared documents.
    """
    page = PrintedPage(width=width, color=color)
    line = Text(f"{title}: " if title else "", style="bold")
    line.append(f"{report.old} → {report.new}", style="not bold dim" if title else "dim")
    page.put(line)
    for group in report.group_changes():
        _print_group(page, report, group)
    page.print()
    style = "bold red" if report.count_severities()["breaking"] else "bold green"
    page.print(Text(describe_verdict(report), style=style))
    return page.text


def _print_group(page: PrintedPage, report: DiffReport, group: Group) -> None:
    page.print()
    page.print(Text(format_heading(report, group), style="bold"))
    for change in group.changes:
        _print_change(page, report, change)


def _print_change(page: PrintedPage, report: DiffReport, change: Change) -> None:
    line = Text(f"{change.severity:8}", style=SEVERITY_STYLES[change.severity]).append(
        "  ", style="not bold default"
    )
    subject = find_subject(change)
    if subject:
        line.append(f"{subject}: ", style="not bold cyan")
    line.append(change.message, style="not bold default")
    page.print(Padding(line, (0, 0, 0, 2)))
    notes = [f"the old clause was only assumed: {change.assumed}"] if change.assumed else []
    for note in filter(None, (*notes, describe_acceptance(report, change))):
        page.print(Padding(Text(note, style="yellow"), (0, 0, 0, 12)))
    # Paths are never wrapped, however narrow the terminal is.
    page.put(f"{'':12}{change.id}  {format_locations(change)}", "dim")


_ROOM: Final = 1_000
_TEXT: Final = 400
_HEAD: Final = "<table>\n<tr><th>where</th><th>what</th><th>id</th><th>line</th></tr>\n"


def render_markdown(report: DiffReport, limit: int = COMMENT_LIMIT, *, title: str = "") -> str:
    """Return the page: the verdict, then a table for each severity; cut from the end."""
    head = f"## {escape_prose(title)}\n\n" if title else ""
    head += f"**{escape_prose(describe_verdict(report))}**\n\n"
    head += f"{format_code(report.old)} → {format_code(report.new)}\n"
    sections, left_out = fit_sections(_list_sections(report), limit - _ROOM - len(head.encode()))
    return head + sections + describe_left_out(left_out, "--format json has them all.")


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
    row = "".join(f"<td>{cell}</td>" for cell in (*cells, _shorten(format_locations(change))))
    return f"<tr>{row}</tr>\n"


def _list_locations(change: Change, api: list[str]) -> Iterator[str]:
    operations = change.operations
    yield _shorten(" ".join(filter(None, (*api, *operations[:1], find_subject(change)))))
    if len(operations) > 1:
        yield f"and {len(operations) - 1:,} more"


def _shorten(string: str) -> str:
    return format_short_code(string, _TEXT)
