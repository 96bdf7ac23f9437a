"""A command and its terminal: width, color, Ctrl-C and closed pipes."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

import click


def use_color() -> bool:
    """Return whether to use color: on a terminal or with FORCE_COLOR, unless NO_COLOR is set."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def measure_width() -> int:
    """Return the width in columns, from 40 to 140."""
    return max(40, min(shutil.get_terminal_size((100, 24)).columns, 140))


@contextmanager
def handle_interrupt() -> Generator[list[int]]:
    """End the run on Ctrl-C even if a library swallows the exception.

    The list that is yielded is not empty once Ctrl-C was pressed.
    """
    pressed: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


def leave(code: int) -> None:
    """End the command with this exit code, even if the reader closed the pipe."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    click.get_current_context().exit(code)
