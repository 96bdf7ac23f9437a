"""`driftline ci comment` and `driftline ci issue`: publish results on a code host."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from driftline.ci import HOSTS, ROOM, IssueTracker, open_host, put_comment, read_night
from driftline.cli.output import echo
from driftline.errors import UsageError
from driftline.files import read_file

_HINT = "Pass the comment.md of driftline ci change."

COMMENT_EPILOG = """\
GitHub requires gh, GH_TOKEN (pull-requests: write), and GH_REPO or a checkout; GitLab requires
GITLAB_TOKEN (api), and CI_API_V4_URL and CI_PROJECT_ID, which GitLab sets in every job.

\b
Exit codes:
  0    the comment is up to date
  2    error

\b
Examples:
  driftline ci comment report/comment.md --on 12
  driftline ci comment report/comment.md --host gitlab --on "$CI_MERGE_REQUEST_IID"
"""
ISSUE_EPILOG = """\
GitHub requires gh, GH_TOKEN (issues: write), and GH_REPO or a checkout; GitLab requires
GITLAB_TOKEN (api), and CI_API_V4_URL and CI_PROJECT_ID, which GitLab sets in every job. Findings
of an API that could not be checked stay in the issue.

\b
Exit codes:
  0    the issue is up to date
  2    error

\b
Examples:
  driftline ci issue report/report.json
"""


def add_author_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option `--author LOGIN`, as `author`."""
    return click.option(
        "--author",
        metavar="LOGIN",
        default="",
        help="Edit only comments, issues and pull requests of this author. [default: the user of "
        "the token; in GitHub Actions github-actions[bot]]",
    )(command)


def _add_host_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--host", type=click.Choice([*HOSTS]), default="github", show_default=True,
        help="Code host to publish to.",
    )(command)  # fmt: skip


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
@_add_host_option
@add_author_option
def comment(*, file: Path, number: int, name: str, host: str, author: str) -> None:
    """Publish FILE as a comment on a pull request, or update it."""
    try:
        body = read_file(file).decode("utf-8", "replace")
    except OSError as error:
        message = f"{file}: could not be read: {error.strerror or error}"
        raise UsageError(message, _HINT) from None
    if len(body.encode()) > ROOM:
        raise UsageError(f"{file} is larger than {ROOM:,} bytes", _HINT)
    echo(put_comment(open_host(host, author), number, body, _validate_name(name)))


@click.command("issue", epilog=ISSUE_EPILOG)
@click.argument("report", metavar="REPORT.json", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--name", default="live", show_default=True, help="Name of the issue, if you publish several."
)
@click.option("--label", default="driftline", show_default=True, help="Label of the issue.")
@click.option("--title", default="Drift", show_default=True, help="Start of the title.")
@_add_host_option
@add_author_option
def issue(*, report: Path, name: str, label: str, title: str, host: str, author: str) -> None:
    """Open, update or close an issue for the findings of a report."""
    tracker = IssueTracker(name=_validate_name(name), label=label, title=title, run=find_run_url())
    night = read_night(report)
    echo(tracker.put(open_host(host, author), night).message)


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
