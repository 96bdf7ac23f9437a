"""The branch and pull request of `driftline ci watch`, without running checks."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from driftline.accept import Acceptance
from driftline.accept.edits import Proposal, SpecEdit
from driftline.accept.outcome import Hunk
from driftline.changes import Change, DiffReport
from driftline.ci import ProposalBranch, open_host
from driftline.cli.commands.ci.proposal import (
    ProposalPublisher,
    ProposedChange,
    format_proposal,
)
from driftline.errors import Location

from .watched import Repository

NightlyRun = Callable[..., list[str]]
LONGEST = 65_536
"""Maximum characters of a pull request on GitHub."""


@pytest.fixture
def night(tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> NightlyRun:
    """Return a function that publishes a state of a spec on a day and returns what it wrote."""
    root, remote = tmp_path / "work", tmp_path / "remote.git"
    spec = root / "specs" / "a.yaml"
    spec.parent.mkdir(parents=True)
    spec.write_text("a: 1\n")

    def run_git(*arguments: str) -> str:
        git_words = ["git", "-c", "user.email=a@example.com", "-c", "user.name=A", *arguments]
        process = subprocess.run(git_words, cwd=root, check=True, capture_output=True, text=True)
        return process.stdout.strip()

    run_git("init", "--quiet", "--bare", str(remote))
    run_git("init", "--quiet", "--initial-branch=main")
    run_git("remote", "add", "origin", str(remote))
    run_git("add", "--all")
    run_git("commit", "-qm", "Begin")
    host = open_host("github")
    publisher = ProposalPublisher(
        host, ProposalBranch(root, "driftline/watch"), "main", "drift", tmp_path
    )

    def pass_night(state: str, day: str) -> list[str]:
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T04:00:00Z")
        before, remote_refs = len(repository.writes), run_git("ls-remote", "origin")
        reason = f"(accepted {day}, {state})"
        spec.write_text(f"a: {state}  # {reason}\n" if state else "a: 1\n")
        change = ProposedChange("Update a", reason, state) if state else ProposedChange("", "")
        publisher.publish(change, [], lambda *_: 0)
        pushes = ["push"] if run_git("ls-remote", "origin") != remote_refs else []
        return pushes + repository.writes[before:]

    return pass_night


def test_equal_edits_on_another_day_are_not_pushed_again(night: NightlyRun) -> None:
    """The same edits with another date are not pushed or written again."""
    assert night("2", "2026-03-01") == ["push", "POST pulls"]
    assert night("2", "2026-03-02") == []
    assert night("2", "2026-03-03") == []
    assert night("3", "2026-03-03") == ["push", "PATCH pulls/2"]
    assert night("3", "2026-03-04") == []


def test_a_closed_pull_request_is_not_proposed_again(
    night: NightlyRun, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pull request that a person closed is not proposed again until the change differs. A merged
    one, or one closed without changes left, is.
    """

    def end(number: int, **fields: object) -> None:
        issues = repository.read()["issues"]
        repository.change(issues=[i | fields if i["number"] == number else i for i in issues])

    night("2", "2026-03-01")
    end(2, state="closed")
    capsys.readouterr()
    assert night("2", "2026-03-02") == []
    assert "Pull request 2 was closed without a merge." in capsys.readouterr().out
    assert night("3", "2026-03-03") == ["push", "POST pulls"]
    end(3, state="closed", merged_at="2026-03-04T00:00:00Z")
    assert night("3", "2026-03-05") == ["POST pulls"]
    assert night("", "2026-03-06") == ["push", "PATCH pulls/4"]
    assert night("3", "2026-03-07") == ["push", "POST pulls"]
    end(5, state="closed")
    assert night("2", "2026-03-08") == []


@pytest.mark.parametrize(
    "string",
    ["x" * 100_000, "&<>|`\n" * 20, "\N{GRINNING FACE}" * 90],
    ids=["long", "hostile", "wide"],
)
def test_a_proposal_is_never_longer_than_a_host_allows(string: str) -> None:
    """The text of a proposal with thousands of long edits is cut to the limit of a host."""
    location = Location(Path("specs/a.yaml"), 1, "/info")
    change = Change(
        id="a.b", severity="breaking", direction="response", api="a",
        message=string, old=location, new=location, before=string, after=string,
    )  # fmt: skip
    changes = (change,) * 2_000
    report = DiffReport(old="HEAD", new="now", apis=("a",), changes=changes)
    acceptance = Acceptance(
        edits=(SpecEdit("a", (), Proposal(string)),) * 2_000,
        rejections=(),
        hunks=(Hunk("specs/a.yaml", 1, (string,) * 99, (string,) * 99),) * 2_000,
        wire=changes,
        python=changes,
    )
    for outcome in (acceptance, attrs.evolve(acceptance, hunks=()), None):
        proposal = format_proposal(outcome, report, report)
        assert 1_000 < len(proposal.encode()) < LONGEST - 200
