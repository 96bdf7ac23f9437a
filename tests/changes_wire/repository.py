"""Git repositories with a history of specs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

__all__ = ["commit", "run_git", "start_repository"]

CLEAN = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@example.com",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.com",
}


def run_git(folder: Path, *arguments: str) -> None:
    """Run git in a directory, independent of the machine's settings."""
    command = ["git", *arguments]
    subprocess.run(
        command, cwd=folder, env={**os.environ, **CLEAN}, check=True, capture_output=True
    )


def start_repository(folder: Path) -> None:
    """Create a repository with the branch `main`."""
    run_git(folder, "init", "--initial-branch", "main")


def commit(folder: Path, tag: str = "") -> None:
    """Commit everything, optionally with a tag."""
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--message", "Some change")
    if tag:
        run_git(folder, "tag", tag)
