"""A comparison for the terminal: by operation, the most severe first, then the verdict."""

from __future__ import annotations

from rich.padding import Padding
from rich.text import Text

from driftline.changes.wire.change import Change
from driftline.changes.wire.formats.phrases import (
    describe_acceptance,
    describe_verdict,
    find_subject,
    format_heading,
    format_locations,
)
from driftline.changes.wire.report import DiffReport, Group
from driftline.terminal import SEVERITY_STYLES, PrintedPage


def render(report: DiffReport, *, width: int = 100, color: bool = False, title: str = "") -> str:
    """Return the comparison as text `width` columns wide.

    `title` stands before what is compared.
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
    where = find_subject(change)
    if where:
        line.append(f"{where}: ", style="not bold cyan")
    line.append(change.message, style="not bold default")
    page.print(Padding(line, (0, 0, 0, 2)))
    notes = [f"the old clause was only assumed: {change.assumed}"] if change.assumed else []
    for note in filter(None, (*notes, describe_acceptance(report, change))):
        page.print(Padding(Text(note, style="yellow"), (0, 0, 0, 12)))
    # A path is not to be broken, however narrow the terminal is.
    page.put(f"{'':12}{change.id}  {format_locations(change)}", "dim")
