"""A repository on a code host, behind a `gh` that is on the PATH."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner, Result

from driftline.cli.group import driftline

Run = Callable[..., Result]
STRANGER = {"login": "mallory", "type": "User"}


@attrs.frozen
class Repository:
    """What `gh` reads and writes."""

    file: Path

    def read(self) -> Any:
        return json.loads(self.file.read_text())

    def change(self, **changes: Any) -> None:
        self.file.write_text(json.dumps(self.read() | changes))

    def add(self, kind: str, **row: Any) -> None:
        self.change(**{kind: [*self.read()[kind], row]})

    @property
    def writes(self) -> list[str]:
        return [call for call in self.read()["calls"] if not call.startswith("GET")]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """acme/shop, with pull request 1 and no issue."""
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
    monkeypatch.setenv("GH_TOKEN", "ghs_secret")
    monkeypatch.setenv("GH_REPO", "acme/shop")
    for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"):
        monkeypatch.delenv(name, raising=False)
    return Repository(file)


@pytest.fixture
def run() -> Run:
    """Runs `driftline ci …`."""
    return lambda *words: CliRunner().invoke(driftline, ("ci", *map(str, words)))
