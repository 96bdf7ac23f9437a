"""Standard output and its `--format`: what every command that shows a result shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final

import click

from driftline.cli.screen import color
from driftline.marks import printable

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


def echo(line: str, *, err: bool = False) -> None:
    """One line of ours; what specs, servers and file names say in it does nothing to a terminal,
    and is no command to the runner of a CI system."""
    with suppress(BrokenPipeError):
        click.echo(printable(line), err=err)


def put(text: str, form: str = TERMINAL) -> None:
    """On standard output, as it is. Whoever reads it may have left, as `head` does."""
    with suppress(BrokenPipeError):
        click.echo(text, nl=False, color=color() and form == TERMINAL)
