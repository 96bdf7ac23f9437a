"""`driftline ci watch`: each night, propose what has changed, or ask a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

import attrs
import click

from driftline.ci import (
    HOSTS,
    CodeHost,
    ProposalBranch,
    Publication,
    PullRequest,
    Tracker,
    open_host,
    read_night,
    summarize,
)
from driftline.cli.commands.ci.host import add_author_option, find_repository_url, find_run_url
from driftline.cli.commands.ci.report import (
    NightlyOptions,
    add_nightly_options,
    clear,
    load_channels,
    notify,
)
from driftline.cli.group import find_worst, format_options, run
from driftline.cli.options import (
    add_apis_argument,
    load_specs,
    place,
)
from driftline.cli.output import echo, leave
from driftline.files import make_folder, replace
from driftline.markup import shorten
from driftline.openapi import is_overlay
from driftline.openapi.read.reader import read
from driftline.project import Project, load_configuration
from driftline.rules import Severity

if TYPE_CHECKING:
    from driftline.accept import Acceptance
    from driftline.changes import Change
    from driftline.checks import Finding

EPILOG: Final = """\
Fetch the document again for each API that was added from a URL (driftline add --update), check
the live servers (ci live) and the recordings, and turn findings into edits (driftline accept).
Make one commit on one branch, with one pull request. Findings without an edit go into one
issue. If nothing has changed, nothing is pushed.

GitHub needs gh and GH_TOKEN (contents, pull-requests and issues: write). GitLab needs GITLAB_TOKEN
(api, write_repository), and CI_API_V4_URL and CI_PROJECT_ID, which GitLab sets in every job. With
--host none, the edits stay in the working tree, and watch.md in the report directory describes
them.

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
_PATHS: Final = ("specs", "generated", "CHANGELOG.md", "pyproject.toml")
_NAME: Final = "watch"
_INTRODUCTION: Final = """\
The API or its published document has changed. This pull request changes spec, client, changelog and
version to match. Merge it if the change is intended.

If the server is wrong, have it fixed, or accept the finding until a date: `driftline accept FINDING
--until DATE --reason TEXT --write`, and pass the baseline to `driftline ci watch`. Each run updates
this pull request, and closes it when nothing is left to change.
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
    """Open a pull request with edits for what has changed, and an issue for the rest."""
    options = NightlyOptions(**shared)
    folder, specs = options.folder, options.specs
    project = place(specs)
    target = ProposalBranch(project.root, branch)
    channels = load_channels(
        load_configuration(project.root), options.history, silent=options.silent
    )
    if host != "none":
        target.require_clean(_PATHS)
    publisher = _Publisher(
        None if host == "none" else open_host(host, author), target, base, label, folder
    )
    clear(folder)
    clear(folder / "recorded")
    code = _update_documents(project, specs, names)
    kept = format_options({"--history": options.history})
    if not no_live:
        code = find_worst(code, _check_servers(names, options, kept))
    if recorded:
        words = ["--report", str(folder / "recorded"), *options.shared_words]
        code = find_worst(code, run("observe", *recorded, *words, *(kept if no_live else [])))
    acceptance, undecided = _accept(project, specs, folder)
    proposal = _Proposal.build(project, specs, acceptance, folder)
    unsent = publisher.publish(proposal, undecided, partial(notify, channels, options.history))
    is_open = bool(proposal.text or undecided) and host == "none"
    leave(2 if code == 2 else int(is_open) or unsent)


def _check_servers(names: Sequence[str], options: NightlyOptions, words: Sequence[str]) -> int:
    """Run `ci live`; the message is sent later, when the pull request is known."""
    servers = [word for url in options.urls for word in ("--url", url)]
    own = ("--skip-missing-credentials", "--no-notify", "--report", str(options.folder))
    limits = (*options.limit_words, *options.shared_words)
    return run("ci", "live", *names, *servers, *limits, *words, *own)


def _list_reports(folder: Path) -> list[Path]:
    """Return the reports of this run; at least one, which may not be there."""
    paths = [folder / "report.json", folder / "recorded" / "report.json"]
    return [path for path in paths if path.is_file()] or paths[:1]


def _format_publication(publication: Publication) -> str:
    url = find_repository_url()
    is_linked = url and publication.path
    return f"{publication.message} {url}/{publication.path}" if is_linked else publication.message


def _update_documents(project: Project, specs: Path | None, names: Sequence[str]) -> int:
    """Fetch each document again that says where it came from."""
    code = 0
    for spec in load_specs(project, specs, names):
        source = read(spec.path)
        if is_overlay(source) and "x-source" in source.data:
            words = [] if specs is None else ["--specs", str(specs)]
            done = run("add", "--name", spec.name, "--update", "--no-check", *words)
            code = find_worst(code, 2 if done == 2 else 0)
    return code


def _accept(
    project: Project, specs: Path | None, folder: Path
) -> tuple[Acceptance | None, list[Finding]]:
    """Write the edits of all findings that have one; return the others that fail the run."""
    from driftline.accept import Acceptance, build_plan, commit_plan, stage_plan  # noqa: PLC0415
    from driftline.report import parse_findings, read_data  # noqa: PLC0415

    findings: list[Finding] = []
    counting: set[tuple[str, ...]] = set()
    for path in _list_reports(folder):
        if not path.is_file():
            continue
        data = read_data(path)
        for finding, beside in zip(parse_findings(data), data["findings"], strict=True):
            accepted = beside["accepted"]
            if accepted is None or accepted["expired"]:
                findings.append(finding)
                counting |= {finding.key} if beside["counts"] else set()
    below = project.specs if specs is None else specs.resolve()
    plan = build_plan(
        load_specs(project, specs, ()), findings, reason="", day=datetime.now(UTC).date()
    )
    undecided = [r.finding for r in plan.rejections if r.finding.key in counting]
    if not plan.texts:
        return None, undecided
    with stage_plan(project, below, plan) as staged:
        commit_plan(project, below, plan, staged)
    return Acceptance.build(project.root, plan, None, None), undecided


@attrs.frozen
class _Proposal:
    """What a pull request says; the text is "" if there is nothing to propose."""

    title: str
    text: str

    @classmethod
    def build(
        cls, project: Project, specs: Path | None, acceptance: Acceptance | None, folder: Path
    ) -> _Proposal:
        from driftline.accept import formats  # noqa: PLC0415 - not for --help
        from driftline.changes import compare_with_base  # noqa: PLC0415
        from driftline.changes.wire import formats as changes  # noqa: PLC0415

        told = compare_with_base(project, load_specs(project, specs, ()), "HEAD")
        if not (told.wire.changes or told.python.changes or acceptance):
            return cls("", "")
        run("release", "--since", "HEAD", *([] if specs is None else ["--specs", str(specs)]))
        found = told.wire.changes or told.python.changes
        apis = ", ".join(dict.fromkeys(change.api for change in found)) or "the specs"
        parts = [_INTRODUCTION]
        parts += [] if acceptance is None else [formats.render_markdown(acceptance, limit=30_000)]
        parts.append(changes.render_markdown(told.wire, limit=15_000, title="On the wire"))
        parts.append(changes.render_markdown(told.python, limit=15_000, title="In Python"))
        text = "\n".join(parts)
        make_folder(folder)
        replace({folder / "watch.md": text})
        summarize(text)
        return cls(shorten(f"Update {apis}: {_count(found)}", 72), text)


def _count(changes: Sequence[Change]) -> str:
    """Return how many changes there are by severity: `2 breaking, 1 additive`."""
    counts = Counter(change.severity for change in changes)
    severities: tuple[Severity, ...] = get_args(Severity)
    return ", ".join(f"{counts[each]} {each}" for each in severities if counts[each])


@attrs.frozen
class _Publisher:
    """Where the proposal and the issue go."""

    host: CodeHost | None
    branch: ProposalBranch
    base: str
    label: str
    folder: Path

    def publish(
        self, proposal: _Proposal, undecided: Sequence[Finding], tell: Callable[..., int]
    ) -> int:
        """Bring branch, pull request and issue up to date, and tell even if the host fails."""
        news: list[str] = []
        try:
            for publication in self._publish(proposal, undecided):
                echo(publication.message)
                if publication.changed:
                    news.append(_format_publication(publication))
        finally:
            unsent = tell(_list_reports(self.folder)[0], news)
        return unsent

    def _publish(self, proposal: _Proposal, undecided: Sequence[Finding]) -> Iterator[Publication]:
        host = self.host
        if host is None:
            return
        commit = self.branch.commit(_PATHS, proposal.title) if proposal.text else ""
        pull = PullRequest(name=_NAME, branch=self.branch.name, base=self.base)
        if commit:
            self.branch.push(commit)
            yield pull.put(host, proposal.title, proposal.text)
        elif self.branch.exists():
            yield pull.close(host)
            self.branch.delete()
        if _list_reports(self.folder)[0].is_file():
            yield self._put_issue(host, undecided)

    def _put_issue(self, host: CodeHost, undecided: Sequence[Finding]) -> Publication:
        first, *others = map(read_night, _list_reports(self.folder))
        found = {mark: each for night in others for mark, each in night.findings.items()}
        night = attrs.evolve(first, findings=first.findings | found)
        wanted = {finding.key for finding in undecided}
        kept = {mark: each for mark, each in night.findings.items() if each.key in wanted}
        tracker = Tracker(
            name=_NAME, label=self.label, title="A person has to decide", run=find_run_url()
        )
        return tracker.put(host, attrs.evolve(night, findings=kept))
