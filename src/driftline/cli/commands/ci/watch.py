"""`driftline ci watch`: propose edits in a pull request, and list the rest in an issue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from driftline.ci import (
    HOSTS,
    ProposalBranch,
    open_host,
)
from driftline.cli.commands.ci.host import add_author_option
from driftline.cli.commands.ci.proposal import (
    PROPOSED,
    ProposalPublisher,
    ProposedChange,
    list_reports,
    require_commit,
)
from driftline.cli.commands.ci.report import (
    NightlyOptions,
    add_nightly_options,
    clear,
    load_channels,
    notify,
)
from driftline.cli.group import choose_exit_code, format_options, run
from driftline.cli.options import (
    add_apis_argument,
    find_project,
    load_specs,
)
from driftline.cli.output import leave
from driftline.openapi import is_overlay
from driftline.openapi.read.reader import read
from driftline.project import Project, load_configuration

if TYPE_CHECKING:
    from driftline.accept import Acceptance
    from driftline.checks import Finding

EPILOG: Final = """\
Read the document of each added API again (driftline add --update), check the live servers (ci
live) and the recordings, and turn findings into edits (driftline accept).
Make one commit on one branch, with one pull request. Findings without an edit go into one
issue. If nothing has changed, nothing is pushed.

GitHub requires gh and GH_TOKEN (contents, pull-requests and issues: write). GitLab requires
GITLAB_TOKEN (api, write_repository), and CI_API_V4_URL and CI_PROJECT_ID, which GitLab sets in
every job. With --host none, the edits stay in the working tree, and watch.md in the report
directory describes them.

\b
Exit codes:
  0    nothing changed, or published
  1    edits or findings, and no host to publish them
  2    something could not be fetched or checked
  3    nothing changed, or published, but a notification could not be sent

\b
Examples:
  driftline ci watch
  driftline ci watch shop --url shop=https://api.example.com --history history.jsonl
  driftline ci watch --recorded traffic.har --host github --base main
"""


@click.command("watch", epilog=EPILOG)
@add_apis_argument
@click.option(
    "--recorded",
    metavar="FILE",
    multiple=True,
    help="Check this recorded traffic too. Repeatable.",
)
@click.option("--no-live", is_flag=True, help="Do not check live servers.")
@click.option(
    "--host",
    type=click.Choice([*HOSTS, "none"]),
    default="none",
    show_default=True,
    help="Code host of the pull request and the issue.",
)
@click.option("--branch", default="driftline/watch", show_default=True, help="Branch to push.")
@click.option("--base", default="main", show_default=True, help="Branch to merge into.")
@click.option("--label", default="driftline", show_default=True, help="Label of the issue.")
@add_author_option
@add_nightly_options
def watch(
    *,
    names: tuple[str, ...],
    recorded: tuple[str, ...],
    no_live: bool,
    host: str,
    branch: str,
    base: str,
    label: str,
    author: str,
    **shared: Any,
) -> None:
    """Open a pull request and an issue for changes to an API."""
    options = NightlyOptions(**shared)
    folder, specs = options.folder, options.specs
    project = find_project(specs)
    require_commit(project.root)
    target = ProposalBranch(project.root, branch)
    channels = load_channels(
        load_configuration(project.root), options.history, silent=options.silent
    )
    if host != "none":
        target.require_clean(PROPOSED)
    publisher = ProposalPublisher(
        None if host == "none" else open_host(host, author), target, base, label, folder
    )
    clear(folder)
    clear(folder / "recorded")
    code = _update_documents(project, specs, names)
    history_options = format_options({"--history": options.history})
    if not no_live:
        code = choose_exit_code(code, _check_servers(names, options, history_options))
    if recorded:
        arguments = ["--report", str(folder / "recorded"), *options.shared_words]
        code = choose_exit_code(
            code, run("observe", *recorded, *arguments, *(history_options if no_live else []))
        )
    acceptance, undecided = _accept(project, specs, folder)
    proposal = ProposedChange.build(project, specs, acceptance, folder)
    unsent = publisher.publish(proposal, undecided, partial(notify, channels, options.history))
    is_open = bool(proposal.body or undecided) and host == "none"
    leave(2 if code == 2 else int(is_open) or unsent)


def _check_servers(
    names: Sequence[str], options: NightlyOptions, extra_arguments: Sequence[str]
) -> int:
    """Run `ci live`; the message is sent later, when the pull request is known."""
    servers = [argument for url in options.urls for argument in ("--url", url)]
    fixed_arguments = ("--skip-missing-credentials", "--no-notify", "--report", str(options.folder))
    limits = (*options.limit_words, *options.shared_words)
    return run("ci", "live", *names, *servers, *limits, *extra_arguments, *fixed_arguments)


def _update_documents(project: Project, specs: Path | None, names: Sequence[str]) -> int:
    """Fetch each document again that says where it came from."""
    code = 0
    for spec in load_specs(project, specs, names):
        source = read(spec.path)
        if is_overlay(source) and "x-source" in source.data:
            arguments = [] if specs is None else ["--specs", str(specs)]
            exit_code = run("add", "--name", spec.name, "--update", "--no-check", *arguments)
            code = choose_exit_code(code, 2 if exit_code == 2 else 0)
    return code


def _accept(
    project: Project, specs: Path | None, folder: Path
) -> tuple[Acceptance | None, list[Finding]]:
    """Write the edits of all findings that have one; return the others that fail the run."""
    from driftline.accept import Acceptance, build_plan, commit_plan, stage_plan  # noqa: PLC0415
    from driftline.report import parse_findings, read_data  # noqa: PLC0415

    findings: list[Finding] = []
    counting: set[tuple[str, ...]] = set()
    for path in list_reports(folder):
        if not path.is_file():
            continue
        data = read_data(path)
        for finding, row in zip(parse_findings(data), data["findings"], strict=True):
            accepted = row["accepted"]
            if accepted is None or accepted["expired"]:
                findings.append(finding)
                counting |= {finding.key} if row["counts"] else set()
    specs_folder = project.specs if specs is None else specs.resolve()
    plan = build_plan(
        load_specs(project, specs, ()), findings, reason="", day=datetime.now(UTC).date()
    )
    undecided = [r.finding for r in plan.rejections if r.finding.key in counting]
    if not plan.contents:
        return None, undecided
    with stage_plan(project, specs_folder, plan) as staged:
        commit_plan(project, specs_folder, plan, staged)
    return Acceptance.build(project.root, plan, None, None), undecided
