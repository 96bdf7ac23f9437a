"""Standard output and its `--format`: what every command that shows a result shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import IO, Any, Final

import click

from driftline.cli.screen import use_color
from driftline.markup import make_printable

__all__ = ["TERMINAL", "echo", "format_option", "put"]

TERMINAL: Final = "terminal"


def format_option(forms: Iterable[str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds the option `--format`, as `form`: `terminal`, or one of `forms`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice([TERMINAL, *forms]),
        default=TERMINAL,
        show_default=True,
        help="Of what is written to standard output.",
    )


def echo(message: object, *, err: bool = False, file: IO[Any] | None = None) -> None:
    """Print a message on one line, and its hint on another.

    Strings of specs, servers and file names in it do nothing to a terminal, and are no command to
    the runner of a CI system.
    """
    line, has_hint, hint = str(message).rpartition("\n  ")
    lines = [line, f"  {hint}"] if has_hint else [hint]
    with suppress(BrokenPipeError):
        click.echo("\n".join(map(make_printable, lines)), file=file, err=err)


def put(text: str, form: str = TERMINAL) -> None:
    """On standard output, as it is. Whoever reads it may have left, as `head` does."""
    if form != TERMINAL and text.startswith(("{", "[")):
        text = text.replace("##[", "##\\u005b")  # a command in the log of GitHub Actions
    with suppress(BrokenPipeError):
        click.echo(text, nl=False, color=use_color() and form == TERMINAL)
