"""A branch with one commit on top of the checked-out revision, pushed only if it has changed.

The commit uses a separate index: neither the checked-out branch nor the index of the
repository changes.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

from driftline.ci.host import CodeHost, HostEntry, Publication, mark
from driftline.errors import UsageError
from driftline.markup import make_printable
from driftline.transaction import open_scratch

_NAME: Final = "driftline"
_EMAIL: Final = "driftline@users.noreply.github.com"
_NO_BYTECODE: Final = ":(exclude,glob)**/__pycache__/**"


@attrs.frozen
class ProposalBranch:
    """The branch `name` of the remote `remote`; `root` is a folder of the repository."""

    root: Path
    name: str
    remote: str = "origin"

    def require_clean(self, paths: Sequence[str]) -> None:
        """Reject paths with uncommitted changes, which would become part of the proposal.

        Raises:
            UsageError: there are such changes, or no repository.
        """
        changed = self._run_git("status", "--porcelain", "--", *self._select(paths))
        if changed:
            what = f"uncommitted changes: {make_printable(changed.splitlines()[0])}"
            raise UsageError(what, "Commit or discard them first.")

    def commit(self, paths: Sequence[str], message: str) -> str:
        """Commit the current files of the paths; return "" if nothing has changed."""
        with open_scratch() as folder:
            env = {"GIT_INDEX_FILE": str(folder / "index")}
            self._run_git("read-tree", "HEAD", env=env)
            self._run_git("add", "--all", "--", *self._select(paths), env=env)
            tree = self._run_git("write-tree", env=env)
            if tree == self._run_git("rev-parse", "HEAD^{tree}"):
                return ""
            return self._run_git(
                "commit-tree", tree, "-p", "HEAD", "-m", message, env=_choose_identity()
            )

    def push(self, commit: str) -> bool:
        """Push the commit, unless the branch has the same files on the same base already."""
        if self._is_there(commit):
            return False
        self._run_git("push", "--quiet", self.remote, f"+{commit}:refs/heads/{self.name}")
        return True

    def exists(self) -> bool:
        """Return whether the remote has the branch."""
        return bool(self._run_git("ls-remote", self.remote, f"refs/heads/{self.name}"))

    def delete(self) -> None:
        """Delete the branch of the remote."""
        self._run_git("push", "--quiet", self.remote, f":refs/heads/{self.name}")

    def _is_there(self, commit: str) -> bool:
        if not self.exists():
            return False
        self._run_git("fetch", "--quiet", "--depth=2", self.remote, f"refs/heads/{self.name}")
        there = self._run_git("rev-parse", "FETCH_HEAD^{tree}", "FETCH_HEAD^")
        return there == self._run_git("rev-parse", f"{commit}^{{tree}}", f"{commit}^")

    def _select(self, paths: Sequence[str]) -> list[str]:
        """Return the pathspecs of existing paths, without the bytecode of imported clients."""
        existing = [*self._list_existing(paths)]
        return [*existing, _NO_BYTECODE] if existing else existing

    def _list_existing(self, paths: Sequence[str]) -> list[str]:
        """Return the tracked and existing paths: `git add` rejects any other."""
        known = set(self._run_git("ls-files", "--", *paths).splitlines())
        return [
            path
            for path in paths
            if (self.root / path).exists() or any(each.startswith(path) for each in known)
        ]

    def _run_git(self, *words: str, env: Mapping[str, str] | None = None) -> str:
        try:
            done = subprocess.run(  # noqa: S603 - no shell
                ["git", *words],  # noqa: S607 - the git of the PATH
                cwd=self.root,
                env={**os.environ, **(env or {}), "GIT_TERMINAL_PROMPT": "0"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise UsageError(f"could not run git: {error.strerror}", "Install git.") from None
        if done.returncode:
            said = make_printable(done.stderr.strip().partition("\n")[0])[:300]
            raise UsageError(
                f"git {words[0]}: {said}", "Run in a checkout with a remote to push to."
            )
        return done.stdout.strip()


def _choose_identity() -> dict[str, str]:
    """Return the author and committer, unless the environment names them."""
    names = {"NAME": _NAME, "EMAIL": _EMAIL}
    return {
        f"GIT_{role}_{word}": os.environ.get(f"GIT_{role}_{word}", value)
        for role in ("AUTHOR", "COMMITTER")
        for word, value in names.items()
    }


@attrs.frozen(kw_only=True)
class PullRequest:
    """A pull request, identified by name and branches."""

    name: str
    branch: str
    base: str

    def put(self, host: CodeHost, title: str, text: str) -> Publication:
        """Open or update the pull request; return what was done. Idempotent."""
        whole = mark(self.name) + text
        known = self._find(host)
        if known is None:
            number = host.open_pull(title, whole, self.branch, self.base)
            return Publication(f"Opened {host.pull_name} {number}.", f"{host.pull_path}/{number}")
        path = f"{host.pull_path}/{known.number}"
        if (known.title, known.text.rstrip()) == (title, whole.rstrip()):
            message = f"{host.pull_name.capitalize()} {known.number} is up to date."
            return Publication(message, path, changed=False)
        host.change_pull(known.number, title, whole)
        return Publication(f"Updated {host.pull_name} {known.number}.", path)

    def close(self, host: CodeHost) -> Publication:
        """Close the pull request if there is one; return what was done."""
        known = self._find(host)
        if known is None:
            return Publication(f"No {host.pull_name} is open.", changed=False)
        host.close_pull(known.number)
        message = f"Closed {host.pull_name} {known.number}: no edits are left."
        return Publication(message, f"{host.pull_path}/{known.number}")

    def _find(self, host: CodeHost) -> HostEntry | None:
        pulls = host.list_pulls(self.branch)
        return next((each for each in pulls if each.text.startswith(mark(self.name))), None)
