"""`driftline ci` and the commands below it."""

from __future__ import annotations

import click

from driftline.cli.commands.ci.change import change
from driftline.cli.commands.ci.host import comment, issue
from driftline.cli.commands.ci.live import live
from driftline.cli.commands.ci.watch import watch

EPILOG = """\
GitHub Actions shows the results in the job summary and as annotations of the specs. On any other
CI system, use the log, the exit code and the report files.

\b
Exit codes:
  0    no drift, or published
  1    drift
  2    error
  3    ci live, ci watch: as 0, but a notification could not be sent

\b
Examples:
  driftline ci change --base origin/main --report report
  driftline ci live shop --report report
  driftline ci watch --host github --history history.jsonl
  driftline ci comment report/comment.md --on 12
  driftline ci issue report/report.json
"""


@click.group("ci", epilog=EPILOG, commands=[change, live, watch, comment, issue])
def command() -> None:
    """Run all checks for a pull request or nightly job, and publish the results."""
