"""A repository behind a fake `gh` on the PATH, and a project that is watched in it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from accept.conftest import SHOP, DriftingServer
from click.testing import CliRunner, Result

from driftline.cli.group import driftline
from driftline.mock import run_server
from driftline.openapi import load

from .receivers import serve_webhook
from .watched import Nights, Repository, keep_response

SETTINGS = """\
[api.shop]
url = "{url}/shop"
rate = 1000

[notify.slack]
url-env = "SHOP_SLACK"
"""
Run = Callable[..., Result]
STRANGER = {"login": "mallory", "type": "User"}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Return acme/shop with pull request 1 and without issues."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = Path(__file__).with_name("fake_gh.py")
    (folder / "gh").write_text(f'#!/bin/sh\nexec "{sys.executable}" -ISE "{program}" "$@"\n')
    (folder / "gh").chmod(0o755)
    file = tmp_path / "repository.json"
    pull = {"number": 1, "state": "open", "user": STRANGER, "labels": [], "pull_request": {}}
    start = {"issues": [pull], "comments": [], "labels": [], "calls": [], "read_only": False}
    file.write_text(json.dumps(start))
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_GH", str(file))
    monkeypatch.setenv("GH_TOKEN", "ghp_secret")
    monkeypatch.setenv("GH_REPO", "acme/shop")
    for name in ("GITHUB_ACTIONS", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"):
        monkeypatch.delenv(name, raising=False)
    return Repository(file)


@pytest.fixture
def run() -> Run:
    """Return a function that runs `driftline ci …`."""
    return lambda *arguments: CliRunner().invoke(driftline, ("ci", *map(str, arguments)))


@pytest.fixture
def nights(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> Generator[Nights]:
    """Add shop from a vendor's file, release it as 1.0.0, and serve it with a server that can
    drift.
    """
    root, remote = tmp_path / "work", tmp_path / "remote.git"
    (root / "specs").mkdir(parents=True)
    vendor = tmp_path / "vendor.yaml"
    shutil.copy(SHOP, vendor)
    (root / "pyproject.toml").write_text('[project]\nname = "acme"\nversion = "1.0.0"\n')
    monkeypatch.chdir(root)
    result = CliRunner().invoke(driftline, ["add", str(vendor), "--name", "shop", "--no-check"])
    assert result.exit_code == 0, result.output
    server = DriftingServer(load(root / "specs" / "shop.yaml"), keep_response)
    with run_server({"shop": server}) as url, serve_webhook() as inbox:
        monkeypatch.setenv("SHOP_SLACK", inbox.url)
        (root / "driftline.toml").write_text(SETTINGS.format(url=url))
        nights = Nights(root, remote, repository, server, url, inbox)
        nights.git("init", "--quiet", "--bare", "--initial-branch=main", str(remote))
        nights.git("init", "--quiet", "--initial-branch=main")
        nights.git("config", "user.email", "ada@example.com")
        nights.git("config", "user.name", "Ada")
        nights.git("remote", "add", "origin", str(remote))
        nights.git("add", "--all")
        nights.git("commit", "--quiet", "--message", "Begin")
        nights.git("push", "--quiet", "origin", "main")
        yield nights
