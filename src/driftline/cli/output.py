"""Standard output and its `--format`: what every command that shows a result shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final

import click

from driftline.cli.screen import color

__all__ = ["TERMINAL", "format_option", "put"]

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


def put(text: str, form: str = TERMINAL) -> None:
    """On standard output, as it is. Whoever reads it may have left, as `head` does."""
    if form != TERMINAL and text.startswith(("{", "[")):
        text = text.replace("##[", "##\\u005b")  # a command in the log of GitHub Actions
    with suppress(BrokenPipeError):
        click.echo(text, nl=False, color=color() and form == TERMINAL)
