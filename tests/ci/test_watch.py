"""`driftline ci watch` keeps one pull request and one issue over several nights."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from accept.conftest import SHOP
from click.testing import CliRunner

from driftline.ci import ProposalBranch
from driftline.cli.group import driftline
from driftline.errors import UsageError

from .conftest import Run
from .watched import Nights, drain_and_fail, draining, keep_response

BASELINE = """\
version: 1
accepted:
  - api: "shop"
    operation: "order.list"
    id: "response.server-error"
    reason: "until the migration is over"
    expires: 2999-12-31
  - api: "shop"
    operation: "order.list"
    id: "request.valid.rejected"
    reason: "until the migration is over"
    expires: 2999-12-31
"""


@pytest.mark.slow
def test_branch_pull_request_issue_and_message_follow_drift(nights: Nights, tmp_path: Path) -> None:  # noqa: PLR0915 - seven of them
    """After each night, branch, pull request, issue and message reflect drift that comes, stays,
    ends, fails, is accepted or is documented. A failed message is sent once with the next one.
    """
    assert nights.run(keep_response) == []
    assert nights.branch == ""
    assert nights.message == ""

    nights.inbox.status = 500
    assert nights.run(draining, code=3) == ["POST pulls"]
    pull = nights.find(2)
    assert pull["title"].startswith("Update shop: 1 breaking")
    assert "The API or its published document has changed." in pull["body"]
    assert "draining" in pull["body"]
    assert "response.enum.value-added" in pull["body"]
    first = nights.branch
    changed_paths = nights.git(
        "diff", "--name-only", "main", first, folder=nights.remote
    ).splitlines()
    assert {"specs/shop.yaml", "CHANGELOG.md", "pyproject.toml"} < set(changed_paths)
    assert any(name.startswith("generated/shop_client/") for name in changed_paths)
    assert not any(name.startswith("specs/sources/") for name in changed_paths)
    message = nights.message

    nights.inbox.status = 200
    assert nights.run(draining) == []
    assert nights.branch == first
    assert nights.message == message
    assert "1 new, 1 finding open" in message
    assert "response.enum.undocumented" in message
    assert "Opened pull request 2." in message

    assert nights.run(keep_response) == ["PATCH pulls/2"]
    assert nights.find(2)["state"] == "closed"
    assert nights.branch == ""
    assert "No drift in shop: 1 gone*" in nights.message
    assert "Closed pull request 2" in nights.message

    assert nights.run(drain_and_fail) == ["POST pulls", "POST labels", "POST issues"]
    issue = nights.find(4)
    assert "response.server-error" in issue["body"]
    assert "response.enum.undocumented" not in issue["body"]
    assert "2 new, 1 back, 3 findings open" in nights.message
    assert "Opened issue 4." in nights.message

    vendor = tmp_path / "vendor.yaml"
    name = "        name: {type: string}"
    vendor.write_text(vendor.read_text().replace(name, f"{name}\n{name.replace('name', 'phone')}"))
    (tmp_path / "accepted.yaml").write_text(BASELINE)
    expected = ("--baseline", str(tmp_path / "accepted.yaml"))
    assert nights.run(drain_and_fail, *expected) == [
        "PATCH pulls/3", "PATCH issues/4", "POST issues/4/comments"
    ]  # fmt: skip
    assert "phone" in nights.find(3)["body"]
    assert nights.find(4)["state"] == "closed"
    assert "2 in the baseline, 1 finding open" in nights.message
    assert "Updated pull request 3." in nights.message

    sixth = nights.branch
    assert nights.run(drain_and_fail, *expected) == []
    assert nights.branch == sixth
    assert nights.message == ""
    lines = [json.loads(line) for line in (nights.root / "history.jsonl").read_text().splitlines()]
    assert [line["exit_code"] for line in lines if "history" in line] == [0, 1, 1, 0, 1, 1, 1]
    assert [line["sent"] for line in lines if "delivery" in line] == [False, *[True] * 4]


@pytest.mark.slow
def test_without_a_host_the_edits_stay_in_the_working_tree(nights: Nights) -> None:
    """Without a host, the edits stay in the working tree, and drift exits with 1."""
    nights.server.change = draining
    arguments = ["ci", "watch", "--no-notify"]
    result = CliRunner().invoke(driftline, arguments)
    assert result.exit_code == 1, result.output
    assert "draining" in (nights.root / "report" / "watch.md").read_text()
    assert "draining" in (nights.root / "specs" / "shop.yaml").read_text()
    assert nights.host.writes == []
    assert nights.branch == ""


@pytest.mark.parametrize("has_repository", [False, True])
def test_watch_outside_of_git_is_an_error_before_any_work(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_repository: bool
) -> None:
    """Outside of git, or without a commit, `ci watch` is an error before any work."""
    (tmp_path / "specs").mkdir()
    shutil.copy(SHOP, tmp_path / "specs" / "shop.yaml")
    if has_repository:
        subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)  # noqa: S607
    monkeypatch.chdir(tmp_path)
    result = run("watch", "--no-notify", "--url", "shop=http://127.0.0.1:9")
    assert result.exit_code == 2
    message = "the git repository has no commit" if has_repository else "not a git repository"
    assert result.output.startswith(f"error: {message}"), result.output
    assert not (tmp_path / "report").exists()


def test_equal_files_on_one_base_are_pushed_once(tmp_path: Path) -> None:
    """Equal files on the same base are pushed once, other files again, and the working tree and
    index are unchanged; uncommitted changes are rejected.
    """
    root, remote = tmp_path / "work", tmp_path / "remote.git"
    root.mkdir()

    def run_git(*arguments: str) -> str:
        process = subprocess.run(
            ["git", *arguments],  # noqa: S607 - the git of the PATH
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        )
        return process.stdout.strip()

    run_git("init", "--quiet", "--bare", str(remote))
    run_git("init", "--quiet", "--initial-branch=main")
    run_git("remote", "add", "origin", str(remote))
    (root / "specs").mkdir()
    (root / "specs" / "a.yaml").write_text("a: 1\n")
    run_git("add", "--all")
    run_git("-c", "user.email=a@example.com", "-c", "user.name=A", "commit", "-qm", "Begin")
    branch = ProposalBranch(root, "driftline/watch")
    assert branch.commit(["specs"], "Nothing") == ""
    branch.require_clean(["specs"])
    (root / "specs" / "a.yaml").write_text("a: 2\n")
    with pytest.raises(UsageError):
        branch.require_clean(["specs"])
    commit = branch.commit(["specs", "none"], "Two")
    assert branch.push(commit)
    assert not branch.push(branch.commit(["specs"], "Two, later"))
    assert run_git("status", "--porcelain") == "M specs/a.yaml"
    (root / "specs" / "a.yaml").write_text("a: 3\n")
    assert branch.push(branch.commit(["specs"], "Three"))
    assert run_git("rev-parse", "--is-shallow-repository") == "false"
    branch.delete()
    assert not branch.exists()


@pytest.mark.slow
def test_a_failed_notification_keeps_exit_code_and_report(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed notification is a warning and keeps the exit code and report; resolved drift is not
    sent later. Without a history, the run is an error before any request.
    """
    arguments = ["ci", "live", "shop"]
    result = CliRunner().invoke(driftline, arguments)
    assert (result.exit_code, "--no-notify" in result.stderr) == (2, True)
    assert not (nights.root / "report").exists()
    nights.inbox.status = 500
    for change, code in ((keep_response, 0), (draining, 1), (keep_response, 0)):
        nights.server.change = change
        result = CliRunner().invoke(driftline, [*arguments, "--history", "history.jsonl"])
        assert result.exit_code == code, result.output
        assert ("warning: notification to slack failed" in result.stderr) == (code > 0)
        assert (nights.root / "report" / "report.json").is_file()
    result = CliRunner().invoke(
        driftline, [*arguments, "--history", "history.jsonl", "--no-notify"]
    )
    assert result.exit_code == 0
    assert len(nights.inbox.bodies) == 1
    nights.inbox.status = 200
    result = CliRunner().invoke(driftline, [*arguments, "--history", "history.jsonl"])
    assert result.exit_code == 0
    assert len(nights.inbox.bodies) == 1
