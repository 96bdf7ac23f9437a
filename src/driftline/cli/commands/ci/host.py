"""`driftline ci comment` and `driftline ci issue`: publish results on GitHub."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from driftline.ci import AUTHOR, ROOM, Host, Tracker, put_comment, read_night
from driftline.cli.output import echo
from driftline.errors import UsageError

COMMENT_EPILOG = """\
Requires gh, GH_TOKEN (pull-requests: write), and GH_REPO or a checkout.

\b
Exit codes:
  0    the comment is up to date
  2    error

\b
Examples:
  driftline ci comment report/comment.md --on 12
"""
ISSUE_EPILOG = """\
Requires gh, GH_TOKEN (issues: write), and GH_REPO or a checkout. Findings of an API that could not
be checked stay in the issue.

\b
Exit codes:
  0    the issue is up to date
  2    error

\b
Examples:
  driftline ci issue report/report.json
"""


def _add_author_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--author",
        default=AUTHOR,
        show_default=True,
        help="Login of the token; only comments and issues of this author are edited.",
    )(command)


@click.command("comment", epilog=COMMENT_EPILOG)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--on", "number", metavar="N", type=int, required=True, help="Number of the pull request."
)
@click.option(
    "--name",
    default="change",
    show_default=True,
    help="Name of the comment, if you publish several.",
)
@_add_author_option
def comment(*, file: Path, number: int, name: str, author: str) -> None:
    """Publish FILE as a comment on a pull request, or update the comment."""
    text = file.read_text(encoding="utf-8")
    if len(text.encode()) > ROOM:
        raise UsageError(
            f"{file} is larger than {ROOM:,} bytes", "Name the comment.md of driftline ci change."
        )
    echo(put_comment(Host(author=author), number, text, _validate_name(name)))


@click.command("issue", epilog=ISSUE_EPILOG)
@click.argument("report", metavar="REPORT.json", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--name", default="live", show_default=True, help="Name of the issue, if you publish several."
)
@click.option("--label", default="driftline", show_default=True, help="Label of the issue.")
@click.option("--title", default="Drift", show_default=True, help="Start of the title.")
@_add_author_option
def issue(*, report: Path, name: str, label: str, title: str, author: str) -> None:
    """Open, update or close an issue for the findings of a report."""
    tracker = Tracker(name=_validate_name(name), label=label, title=title, run=find_run_url())
    echo(tracker.put(Host(author=author), read_night(report)).message)


def _validate_name(name: str) -> str:
    """Return the name if it is safe inside an HTML comment."""
    if not name.replace("-", "").isalnum() or "--" in name:
        raise UsageError(f"invalid --name {name!r}", "Use letters, digits and single hyphens.")
    return name


def find_repository_url(environ: Mapping[str, str] = os.environ) -> str:
    """Return the URL of the repository on its code host, or "" outside of its CI system."""
    server, name = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
    return f"{server}/{name}" if server and name else environ.get("CI_PROJECT_URL", "")


def find_run_url(environ: Mapping[str, str] = os.environ) -> str:
    """Return the URL of this run of a workflow or job, or "" elsewhere."""
    run, repository = environ.get("GITHUB_RUN_ID", ""), find_repository_url(environ)
    return (
        f"{repository}/actions/runs/{run}" if run and repository else environ.get("CI_JOB_URL", "")
    )
