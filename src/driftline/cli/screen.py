"""A command and its terminal: how wide it is, whether in colour, Ctrl-C, and a reader who left."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

import click

__all__ = ["handle_interrupt", "leave", "measure_width", "use_color"]


def use_color() -> bool:
    """Whether to colour: on a terminal, unless NO_COLOR; FORCE_COLOR wins over no terminal."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def measure_width() -> int:
    """In columns, within what can be read."""
    return max(40, min(shutil.get_terminal_size((100, 24)).columns, 140))


@contextmanager
def handle_interrupt() -> Generator[list[int]]:
    """Ctrl-C ends the run even if something on the way swallows it; what is given is not empty
    once it was pressed."""
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
    """Ends the command with this exit code, even if nobody reads on."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    click.get_current_context().exit(code)
