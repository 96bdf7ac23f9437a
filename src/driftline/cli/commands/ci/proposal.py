"""Builds the proposal of `driftline ci watch`, and publishes it on a code host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

import attrs

from driftline.ci import (
    CodeHost,
    IssueTracker,
    ProposalBranch,
    Publication,
    PullRequest,
    read_night,
    summarize,
)
from driftline.cli.commands.ci.host import find_repository_url, find_run_url
from driftline.cli.group import run
from driftline.cli.options import load_specs
from driftline.cli.output import echo
from driftline.errors import UsageError
from driftline.files import make_folder, replace
from driftline.markup import shorten
from driftline.project import Project
from driftline.rules import Severity

if TYPE_CHECKING:
    from driftline.accept import Acceptance
    from driftline.changes import Change, DiffReport
    from driftline.checks import Finding

PROPOSED: Final = ("specs", "generated", "CHANGELOG.md", "pyproject.toml")
"""The files and folders of a project that a proposal may change."""
_NAME: Final = "watch"
_INTRODUCTION: Final = """\
The API or its published document has changed. This pull request changes spec, client, changelog and
version to match. Merge it if the change is intended.

If the server is wrong, have it fixed, or add the finding to a baseline: `driftline accept FINDING
--until DATE --reason TEXT --write`, and pass the baseline to `driftline ci watch`. Each run updates
this pull request, and closes it when nothing is left to change. Close it yourself to reject the
change: it is not opened again until something else changes.
"""


@attrs.frozen
class ProposedChange:
    """The content of a pull request; the text is "" if there is nothing to propose.

    `change` is equal in two nights with the same proposal.
    """

    title: str
    body: str
    change: str = ""

    @classmethod
    def build(
        cls, project: Project, specs: Path | None, acceptance: Acceptance | None, folder: Path
    ) -> ProposedChange:
        from driftline.changes import compare_with_base  # noqa: PLC0415 - not for --help

        comparison = compare_with_base(project, load_specs(project, specs, ()), "HEAD")
        if not (comparison.wire.changes or comparison.python.changes or acceptance):
            return cls("", "")
        run("release", "--since", "HEAD", *([] if specs is None else ["--specs", str(specs)]))
        reported_changes = comparison.wire.changes or comparison.python.changes
        apis = ", ".join(dict.fromkeys(change.api for change in reported_changes)) or "the specs"
        markdown = format_proposal(acceptance, comparison.wire, comparison.python)
        make_folder(folder)
        replace({folder / "watch.md": markdown})
        summarize(markdown)
        title = shorten(f"Update {apis}: {_count(reported_changes)}", 72)
        return cls(title, markdown, _identify(reported_changes, acceptance))


def require_commit(root: Path) -> None:
    """Reject a folder outside of a git checkout, with nothing to compare edits with.

    Raises:
        UsageError: the folder is outside a git repository, or the repository has no commit.
    """
    from driftline.changes import Repository  # noqa: PLC0415 - not for --help

    repository = Repository.find(root)
    if repository is None:
        hint = "Run the command in a git checkout."
        raise UsageError("not a git repository, or git is not installed", hint)
    if not repository.has_revision("HEAD"):
        raise UsageError("the git repository has no commit", "Commit the project first.")


def format_proposal(acceptance: Acceptance | None, wire: DiffReport, python: DiffReport) -> str:
    """Return the text of a pull request, which is never longer than a host allows.

    Findings without an edit are in the issue.
    """
    from driftline.accept import formats  # noqa: PLC0415 - not for --help
    from driftline.changes.wire import formats as changes  # noqa: PLC0415

    parts = [_INTRODUCTION]
    if acceptance is not None:
        edits = attrs.evolve(acceptance, rejections=())
        parts.append(formats.render_markdown(edits, limit=30_000))
    parts.append(changes.render_markdown(wire, limit=15_000, title="On the wire"))
    parts.append(changes.render_markdown(python, limit=15_000, title="In Python"))
    return "\n".join(parts)


def _identify(changes: Sequence[Change], acceptance: Acceptance | None) -> str:
    """Return the identity of the changes, without days, lines and revisions."""
    parts = {
        (change.api, change.id, change.message, change.before, change.after) for change in changes
    }
    for edit in acceptance.edits if acceptance else ():
        parts.add((edit.api, edit.proposal.summary, "", "", ""))
    return repr(sorted(parts))


def _count(changes: Sequence[Change]) -> str:
    """Return how many changes there are by severity: `2 breaking, 1 additive`."""
    counts = Counter(change.severity for change in changes)
    severities: tuple[Severity, ...] = get_args(Severity)
    return ", ".join(
        f"{counts[severity]} {severity}" for severity in severities if counts[severity]
    )


@attrs.frozen
class ProposalPublisher:
    """The targets of the proposal and the issue."""

    host: CodeHost | None
    branch: ProposalBranch
    base: str
    label: str
    folder: Path

    def publish(
        self, proposal: ProposedChange, undecided: Sequence[Finding], notify: Callable[..., int]
    ) -> int:
        """Update branch, pull request and issue, and send notifications even if the host fails."""
        news: list[str] = []
        try:
            for publication in self._publish(proposal, undecided):
                echo(publication.message)
                if publication.is_changed:
                    news.append(_format_publication(publication))
        finally:
            unsent = notify(list_reports(self.folder)[0], news)
        return unsent

    def _publish(
        self, proposal: ProposedChange, undecided: Sequence[Finding]
    ) -> Iterator[Publication]:
        host = self.host
        if host is None:
            return
        commit = self.branch.commit(PROPOSED, proposal.title) if proposal.body else ""
        pull = PullRequest(
            name=_NAME, branch=self.branch.name, base=self.base, change=proposal.change
        )
        rejection = pull.find_rejection(host) if commit else None
        if rejection is not None:
            yield rejection
        elif commit:
            self.branch.push(commit)
            yield pull.put(host, proposal.title, proposal.body)
        elif self.branch.exists():
            yield pull.close(host)
            self.branch.delete()
        if list_reports(self.folder)[0].is_file():
            yield self._put_issue(host, undecided)

    def _put_issue(self, host: CodeHost, undecided: Sequence[Finding]) -> Publication:
        first, *other_nights = map(read_night, list_reports(self.folder))
        other_findings = {
            mark: finding for night in other_nights for mark, finding in night.findings.items()
        }
        night = attrs.evolve(first, findings=first.findings | other_findings)
        undecided_keys = {finding.key for finding in undecided}
        findings = {
            mark: finding
            for mark, finding in night.findings.items()
            if finding.key in undecided_keys
        }
        tracker = IssueTracker(
            name=_NAME, label=self.label, title="Decide by hand", run=find_run_url()
        )
        return tracker.put(host, attrs.evolve(night, findings=findings))


def list_reports(folder: Path) -> list[Path]:
    """Return the reports of this run; at least one, which may not be there."""
    paths = [folder / "report.json", folder / "recorded" / "report.json"]
    return [path for path in paths if path.is_file()] or paths[:1]


def _format_publication(publication: Publication) -> str:
    url = find_repository_url()
    is_linked = url and publication.path
    return f"{publication.message} {url}/{publication.path}" if is_linked else publication.message
