"""A command that runs other commands, as if each had been typed."""

from __future__ import annotations

import shlex

import click

from driftline.cli.group import driftline
from driftline.cli.output import echo

__all__ = ["find_worst", "run"]

INTERRUPTED = 130


def run(*words: str) -> int:
    """The exit code of `driftline WORDS`; ends this command, too, if that was interrupted."""
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


def find_worst(*codes: int) -> int:
    """2 if something could not be done, else 1 if something disagrees."""
    return max(codes, default=0)
