"""`driftline ci watch`, night after night: one pull request, one issue, and nothing twice."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import attrs
import pytest
from accept.conftest import SHOP, Change, DriftingServer, change_body
from click.testing import CliRunner

from driftline.ci import ProposalBranch
from driftline.cli.group import driftline
from driftline.errors import UsageError
from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.openapi import load

from .conftest import Repository
from .receivers import Inbox, serve_webhook

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


def faithful(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    return response


def failing(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    is_listed = request.path == "/orders" and response.status == 200
    return attrs.evolve(response, status=500) if is_listed else response


draining = change_body("/health", lambda body: {**body, "state": "draining"})


def both(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    return failing(request, draining(request, response))


@attrs.define
class Nights:
    """A checkout with a remote, the vendor's document and server, and the host."""

    root: Path
    remote: Path
    host: Repository
    server: DriftingServer
    url: str
    inbox: Inbox

    def git(self, *words: str, at: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *words],  # noqa: S607 - the git of the PATH
            cwd=at or self.root,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def run(self, change: Change, *words: str) -> list[str]:
        """One night on a fresh checkout; what it wrote to the host."""
        self.server.change = change
        self.git("checkout", "--quiet", "--force", "main")
        self.git("clean", "--quiet", "-ffd", "--exclude=history.jsonl")
        before = len(self.host.writes)
        self.inbox.bodies.clear()
        options = ["--url", f"shop={self.url}/shop", "--host", "github", "--rate", "1000"]
        options += ["--history", "history.jsonl", *words]
        done = CliRunner().invoke(driftline, ["ci", "watch", *options])
        assert done.exit_code == 0, done.output + repr(done.exception)
        return self.host.writes[before:]

    @property
    def message(self) -> str:
        """The one message of the night, or ""."""
        assert len(self.inbox.messages) < 2
        return "".join(each["text"] for each in self.inbox.messages)

    @property
    def branch(self) -> str:
        """The commit that is proposed, or ""."""
        return self.git("for-each-ref", "--format=%(objectname)", "refs/heads/driftline",
                        at=self.remote)  # fmt: skip

    def find(self, number: int) -> Any:
        return next(i for i in self.host.read()["issues"] if i["number"] == number)


@pytest.fixture
def nights(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> Generator[Nights]:
    """shop, added from a vendor's file, released as 1.0.0, and served by a server that drifts."""
    root, remote = tmp_path / "work", tmp_path / "remote.git"
    (root / "specs").mkdir(parents=True)
    vendor = tmp_path / "vendor.yaml"
    shutil.copy(SHOP, vendor)
    (root / "pyproject.toml").write_text('[project]\nname = "acme"\nversion = "1.0.0"\n')
    (root / "driftline.toml").write_text('[notify.slack]\nurl-env = "SHOP_SLACK"\n')
    monkeypatch.chdir(root)
    done = CliRunner().invoke(driftline, ["add", str(vendor), "--name", "shop", "--no-check"])
    assert done.exit_code == 0, done.output
    server = DriftingServer(load(root / "specs" / "shop.yaml"), faithful)
    with run_server({"shop": server}) as url, serve_webhook() as inbox:
        monkeypatch.setenv("SHOP_SLACK", inbox.url)
        made = Nights(root, remote, repository, server, url, inbox)
        made.git("init", "--quiet", "--bare", "--initial-branch=main", str(remote))
        made.git("init", "--quiet", "--initial-branch=main")
        made.git("config", "user.email", "ada@example.com")
        made.git("config", "user.name", "Ada")
        made.git("remote", "add", "origin", str(remote))
        made.git("add", "--all")
        made.git("commit", "--quiet", "--message", "Begin")
        made.git("push", "--quiet", "origin", "main")
        yield made


@pytest.mark.slow
def test_seven_nights(nights: Nights, tmp_path: Path) -> None:
    """Drift that comes, stays, goes, fails, is expected and comes with a new document: after each
    night the branch, the pull request, the issue and the message are as they have to be."""
    assert nights.run(faithful) == []
    assert nights.branch == ""
    assert nights.message == ""

    assert nights.run(draining) == ["POST pulls"]
    pull = nights.find(2)
    assert pull["title"].startswith("Follow shop")
    assert "draining" in pull["body"]
    assert "response.enum.value-added" in pull["body"]
    first = nights.branch
    changed = nights.git("diff", "--name-only", "main", first, at=nights.remote).splitlines()
    assert {"specs/shop.yaml", "CHANGELOG.md", "pyproject.toml"} < set(changed)
    assert any(name.startswith("generated/shop_client/") for name in changed)
    assert not any(name.startswith("specs/sources/") for name in changed)
    assert "1 new, 1 finding open" in nights.message
    assert "response.enum.undocumented" in nights.message
    assert "Opened pull request 2." in nights.message

    assert nights.run(draining) == []
    assert nights.branch == first
    assert nights.message == ""

    assert nights.run(faithful) == ["PATCH pulls/2"]
    assert nights.find(2)["state"] == "closed"
    assert nights.branch == ""
    assert "1 gone, 0 findings open" in nights.message
    assert "Closed pull request 2" in nights.message

    assert nights.run(both) == ["POST pulls", "POST labels", "POST issues"]
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
    assert nights.run(both, *expected) == [
        "PATCH pulls/3", "PATCH issues/4", "POST issues/4/comments"
    ]  # fmt: skip
    assert "phone" in nights.find(3)["body"]
    assert nights.find(4)["state"] == "closed"
    assert "2 accepted, 1 finding open" in nights.message
    assert "Updated pull request 3." in nights.message

    sixth = nights.branch
    assert nights.run(both, *expected) == []
    assert nights.branch == sixth
    assert nights.message == ""
    runs = [json.loads(line) for line in (nights.root / "history.jsonl").read_text().splitlines()]
    assert [run["exit_code"] for run in runs] == [0, 1, 1, 0, 1, 1, 1]


@pytest.mark.slow
def test_without_a_host_the_edits_stay(nights: Nights) -> None:
    """A plain script gets the edits in its working tree, the text, and exit code 1."""
    nights.server.change = draining
    words = ["ci", "watch", "--url", f"shop={nights.url}/shop", "--rate", "1000", "--no-notify"]
    done = CliRunner().invoke(driftline, words)
    assert done.exit_code == 1, done.output
    assert "draining" in (nights.root / "report" / "watch.md").read_text()
    assert "draining" in (nights.root / "specs" / "shop.yaml").read_text()
    assert nights.host.writes == []
    assert nights.branch == ""


def test_a_branch_is_pushed_once(tmp_path: Path) -> None:
    """The same files on the same base are not pushed again, other files are, and what is checked
    out and staged stays as it is; changes of somebody else are rejected."""
    root, remote = tmp_path / "work", tmp_path / "remote.git"
    root.mkdir()

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words],  # noqa: S607 - the git of the PATH
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    git("init", "--quiet", "--bare", str(remote))
    git("init", "--quiet", "--initial-branch=main")
    git("remote", "add", "origin", str(remote))
    (root / "specs").mkdir()
    (root / "specs" / "a.yaml").write_text("a: 1\n")
    git("add", "--all")
    git("-c", "user.email=a@example.com", "-c", "user.name=A", "commit", "-qm", "Begin")
    branch = ProposalBranch(root, "driftline/watch")
    assert branch.commit(["specs"], "Nothing") == ""
    branch.require_clean(["specs"])
    (root / "specs" / "a.yaml").write_text("a: 2\n")
    with pytest.raises(UsageError):
        branch.require_clean(["specs"])
    commit = branch.commit(["specs", "none"], "Two")
    assert branch.push(commit)
    assert not branch.push(branch.commit(["specs"], "Two, later"))
    assert git("status", "--porcelain") == "M specs/a.yaml"
    (root / "specs" / "a.yaml").write_text("a: 3\n")
    assert branch.push(branch.commit(["specs"], "Three"))
    branch.delete()
    assert not branch.exists()


@pytest.mark.slow
def test_a_message_that_fails_loses_no_report(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One warning and exit code 3 where nothing else is wrong, and that of the drift where there
    is; without a history nobody could say what is new, so nothing is sent to the server."""
    words = ["ci", "live", "shop", "--url", f"shop={nights.url}/shop", "--rate", "1000"]
    done = CliRunner().invoke(driftline, words)
    assert (done.exit_code, "--no-notify" in done.stderr) == (2, True)
    assert not (nights.root / "report").exists()
    nights.inbox.status = 500
    for change, code in ((faithful, 0), (draining, 1), (faithful, 3)):
        nights.server.change = change
        done = CliRunner().invoke(driftline, [*words, "--history", "history.jsonl"])
        assert done.exit_code == code, done.output
        assert ("warning: notification to slack failed" in done.stderr) == (code > 0)
        assert (nights.root / "report" / "report.json").is_file()
    done = CliRunner().invoke(driftline, [*words, "--history", "history.jsonl", "--no-notify"])
    assert done.exit_code == 0
    assert len(nights.inbox.bodies) == 2
