"""`driftline ci comment` and `driftline ci issue`: what people are told where the code is kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from driftline.ci import AUTHOR, ROOM, Host, Tracker, put_comment, read_night
from driftline.cli.output import echo
from driftline.errors import UsageError

__all__ = ["comment", "issue"]

COMMENT_EPILOG = """\b
Exit codes: 0 commented, or nothing to change; 2 could not be done.
gh has to be there, with GH_TOKEN (pull-requests: write) and GH_REPO or a checkout.

\b
Example:
  driftline ci comment report/comment.md --on 12
"""
ISSUE_EPILOG = """\b
Exit codes: 0 the issue says what the report says, 2 could not be done.
gh has to be there, with GH_TOKEN (issues: write) and GH_REPO or a checkout. A finding whose API
could not be checked stays in the issue; it is closed when nothing is left in it.

\b
Example:
  driftline ci issue report/report.json
"""


def _add_author_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--author",
        default=AUTHOR,
        show_default=True,
        help="As whom the token writes; only what they wrote is changed.",
    )(command)


@click.command("comment", epilog=COMMENT_EPILOG)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--on", "number", metavar="N", type=int, required=True, help="The pull request.")
@click.option("--name", default="change", show_default=True, help="Which comment of ours it is.")
@_add_author_option
def comment(*, file: Path, number: int, name: str, author: str) -> None:
    """Makes one comment on a pull request say what FILE says; there is never a second one."""
    text = file.read_text(encoding="utf-8")
    if len(text.encode()) > ROOM:
        raise UsageError(
            f"{file} is larger than {ROOM:,} bytes", "Name the comment.md of driftline ci change."
        )
    echo(put_comment(Host(author=author), number, text, _validate_name(name)))


@click.command("issue", epilog=ISSUE_EPILOG)
@click.argument("report", metavar="REPORT.json", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", default="live", show_default=True, help="Which issue of ours it is.")
@click.option("--label", default="driftline", show_default=True, help="Of the issue.")
@click.option("--title", default="Drift", show_default=True, help="What the title begins with.")
@_add_author_option
def issue(*, report: Path, name: str, label: str, title: str, author: str) -> None:
    """Opens one issue for what a report found, keeps it up to date, and closes it at the end."""
    tracker = Tracker(name=_validate_name(name), label=label, title=title, run=_run())
    echo(tracker.put(Host(author=author), read_night(report)))


def _validate_name(name: str) -> str:
    """It stands in a comment of HTML, and must not end it."""
    if not name.replace("-", "").isalnum() or "--" in name:
        raise UsageError(f"invalid --name {name!r}", "Use letters, digits and single hyphens.")
    return name


def _run(environ: Mapping[str, str] = os.environ) -> str:
    """The address of this run of a workflow; "" elsewhere."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    parts = [environ.get(name, "") for name in names]
    return "{}/{}/actions/runs/{}".format(*parts) if all(parts) else ""
