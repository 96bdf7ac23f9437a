"""`driftline ci`: what a CI system runs, and what it tells people."""

from __future__ import annotations

import click

from driftline.cli.commands.ci_change import change
from driftline.cli.commands.ci_host import comment, issue
from driftline.cli.commands.ci_live import live

__all__ = ["command"]

EPILOG = """\b
Exit codes: 0 agreed, or told; 1 drift; 2 could not be done.
On a page of the run and at the lines of the specs what was found is shown by GitHub Actions; any
other CI system has the log, the exit code and the files of the report.

\b
Examples:
  driftline ci change --base origin/main --report report
  driftline ci live shop --report report
  driftline ci comment report/comment.md --on 12
  driftline ci issue report/report.json
"""


@click.group("ci", epilog=EPILOG, commands=[change, live, comment, issue])
def command() -> None:
    """Runs all that a change or a night is to be checked for, and tells people what came of it."""
