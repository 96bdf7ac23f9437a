"""Standard output: its `--format`, width and colors, shared by all commands with a result."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from types import FrameType
from typing import IO, Any, Final

import click

from driftline.printable import make_printable

TERMINAL: Final = "terminal"


def format_option(forms: Iterable[str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the option `--format`, as `form`: `terminal`, or one of `forms`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice([TERMINAL, *forms]),
        default=TERMINAL,
        show_default=True,
        help="Output format.",
    )


def echo(message: object, *, err: bool = False, file: IO[Any] | None = None) -> None:
    """Print a message on one line, and its hint on another.

    Control characters and workflow commands are escaped: strings of specs, servers and file names
    are not trusted.
    """
    line, has_hint, hint = str(message).rpartition("\n  ")
    lines = [line, f"  {hint}"] if has_hint else [hint]
    with suppress(BrokenPipeError):
        click.echo("\n".join(map(make_printable, lines)), file=file, err=err)


def put(string: str, form: str = TERMINAL) -> None:
    """Write to standard output unchanged; a reader may have closed the pipe (`head`)."""
    if form != TERMINAL and string.startswith(("{", "[")):
        string = string.replace("##[", "##\\u005b")  # a command in the log of GitHub Actions
    with suppress(BrokenPipeError):
        click.echo(string, nl=False, color=use_color() and form == TERMINAL)


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
    """End the command on Ctrl-C even if a library swallows the exception.

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
