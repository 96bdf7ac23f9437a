"""How a command that makes a report ends: what it shows, and what it writes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from driftline.cli.screen import color, width
from driftline.drift import Report, terminal, write

__all__ = ["say", "show"]


def show(report: Report, folder: Path | None, *, with_unseen: bool = False) -> None:
    """On standard output, and then in the folder."""
    colored = color()
    text = terminal.render(report, width=width(), color=colored, with_unseen=with_unseen)
    # Whoever reads this may have left, as `head` does: the verdict is the same.
    with suppress(BrokenPipeError):
        click.echo(text, nl=False, color=colored)
    if folder is not None:
        write(report, folder)
        say(f"Report: {folder / 'report.html'}")


def say(line: str) -> None:
    """A line on standard output, if anybody still reads it."""
    with suppress(BrokenPipeError):
        click.echo(line)
