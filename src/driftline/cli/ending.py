"""How a command that makes a report ends: what it shows, what it writes, its exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import click

from driftline.cli.screen import color, width
from driftline.drift import Report, terminal, write

__all__ = ["interruptible", "leave", "say", "show"]


def show(report: Report, folder: Path | None) -> None:
    """On standard output, and then in the folder."""
    colored = color()
    # Whoever reads this may have left, as `head` does: the verdict is the same.
    with suppress(BrokenPipeError):
        click.echo(terminal.render(report, width=width(), color=colored), nl=False, color=colored)
    if folder is not None:
        write(report, folder)
        say(f"Report: {folder / 'report.html'}")


def say(line: str) -> None:
    """A line on standard output, if anybody still reads it."""
    with suppress(BrokenPipeError):
        click.echo(line)


@contextmanager
def interruptible() -> Generator[None]:
    """Ctrl-C ends the run even if something on the way swallows it."""
    pressed: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


def leave(code: int) -> None:
    """Ends the command with this exit code."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    click.get_current_context().exit(code)
