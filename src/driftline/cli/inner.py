"""Run other commands inside a command."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import click

from driftline.cli.group import driftline
from driftline.cli.output import echo

INTERRUPTED = 130


def run(*words: str) -> int:
    """Run `driftline WORDS` and return its exit code; an interrupt also ends this command."""
    click.echo()
    echo(f"$ {shlex.join(['driftline', *words])}")
    try:
        code = driftline.main(words, prog_name="driftline", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    if code == INTERRUPTED:
        click.get_current_context().exit(INTERRUPTED)
    return code or 0


def format_options(values: Mapping[str, object]) -> list[str]:
    """Return the options that have a value, as words of a command."""
    pairs = ((name, str(value)) for name, value in values.items() if value is not None)
    return [word for pair in pairs for word in pair]


def find_worst(*codes: int) -> int:
    """Return the worst of several exit codes."""
    return max(codes, default=0)
