"""A comparison for the terminal: by operation, the gravest first, then the verdict."""

from __future__ import annotations

from io import StringIO
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from driftline.diff.change import Change
from driftline.diff.phrases import heading, places, subject, verdict
from driftline.diff.report import Group, Report

__all__ = ["STYLES", "render"]

STYLES: Final = {"breaking": "bold red", "additive": "bold yellow", "harmless": "green"}


def render(report: Report, *, width: int = 100, color: bool = False) -> str:
    """The comparison as text `width` columns wide."""
    file = StringIO()
    console = Console(
        file=file,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    console.print(Text(f"{report.old} → {report.new}", style="dim"), soft_wrap=True)
    for group in report.groups():
        _print_group(console, report, group)
    console.print()
    style = "bold red" if report.numbers()["breaking"] else "bold green"
    console.print(Text(verdict(report), style=style))
    lines = file.getvalue().splitlines()
    return "\n".join(line if color else line.rstrip() for line in lines) + "\n"


def _print_group(console: Console, report: Report, group: Group) -> None:
    console.print()
    console.print(Text(heading(report, group), style="bold"))
    for change in group.changes:
        _print_change(console, change)


def _print_change(console: Console, change: Change) -> None:
    line = Text(f"{change.severity:8}", style=STYLES[change.severity]).append(
        "  ", style="not bold default"
    )
    where = subject(change)
    if where:
        line.append(f"{where}: ", style="not bold cyan")
    line.append(change.message, style="not bold default")
    console.print(Padding(line, (0, 0, 0, 2)))
    if change.assumed:
        said = Text(f"the old clause was only assumed: {change.assumed}", style="yellow")
        console.print(Padding(said, (0, 0, 0, 12)))
    spot = Text(f"{change.id}  {places(change)}", style="dim")
    console.print(Padding(spot, (0, 0, 0, 12)), soft_wrap=True)
