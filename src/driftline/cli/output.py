"""Standard output and its `--format`, shared by all commands with a result."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import IO, Any, Final

import click

from driftline.cli.screen import use_color
from driftline.markup import make_printable

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


def put(text: str, form: str = TERMINAL) -> None:
    """Write to standard output unchanged; a reader may have closed the pipe (`head`)."""
    if form != TERMINAL and text.startswith(("{", "[")):
        text = text.replace("##[", "##\\u005b")  # a command in the log of GitHub Actions
    with suppress(BrokenPipeError):
        click.echo(text, nl=False, color=use_color() and form == TERMINAL)
