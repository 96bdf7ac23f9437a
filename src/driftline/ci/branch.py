"""A branch with one commit on top of the checked-out revision, pushed only if it has changed.

The commit uses a separate index: neither the checked-out branch nor the index of the
repository changes.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import attrs

from driftline.ci.host import CodeHost, HostEntry, Publication, format_mark
from driftline.errors import UsageError
from driftline.printable import make_printable
from driftline.transaction import open_scratch

_NAME: Final = "driftline"
_EMAIL: Final = "driftline@users.noreply.github.com"
_ACCEPTED: Final = re.compile(r"\(accepted \d{4}-\d\d-\d\d")
_PLAIN: Final = (
    *("--patch", "--summary", "--unified=0", "--text", "--no-renames"),
    *("--no-color", "--no-ext-diff", "--no-textconv"),
    # A line of a file may look like a header, but begins with a sign.
    *("--output-indicator-old=<", "--output-indicator-new=>"),
)
"""So that a line begins with a space only if it is about a new, a removed or a mode of a file."""
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
        status = self._run_git("status", "--porcelain", "--", *self._select(paths))
        if status:
            message = f"uncommitted changes: {make_printable(status.splitlines()[0])}"
            raise UsageError(message, "Commit or discard them first.")

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
        """Push the commit, unless the branch has the same files on the same base already.

        The day on which something was accepted may be another.
        """
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
        # With a depth, git would make a complete clone shallow.
        is_shallow = self._run_git("rev-parse", "--is-shallow-repository") == "true"
        depth = ["--depth=2"] if is_shallow else []
        self._run_git("fetch", "--quiet", *depth, self.remote, f"refs/heads/{self.name}")
        if self._run_git("rev-parse", "FETCH_HEAD^") != self._run_git("rev-parse", f"{commit}^"):
            return False
        revisions = ("FETCH_HEAD", commit)
        then, now = (self._read_day(revision) for revision in revisions)
        lines = self._run_git("diff", *_PLAIN, *revisions).split("\n")
        removed = [line[1:].replace(then, now) for line in lines if line.startswith("<")]
        added = [line[1:] for line in lines if line.startswith(">")]
        return removed == added and not any(line.startswith(" ") for line in lines)

    def _read_day(self, revision: str) -> str:
        seconds = int(self._run_git("log", "-1", "--no-show-signature", "--format=%ct", revision))
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()

    def _select(self, paths: Sequence[str]) -> list[str]:
        """Return the pathspecs of existing paths, without the bytecode of imported clients."""
        existing_paths = [*self._list_existing(paths)]
        return [*existing_paths, _NO_BYTECODE] if existing_paths else existing_paths

    def _list_existing(self, paths: Sequence[str]) -> list[str]:
        """Return the tracked and existing paths: `git add` rejects any other."""
        tracked_paths = set(self._run_git("ls-files", "--", *paths).splitlines())
        return [
            path
            for path in paths
            if (self.root / path).exists()
            or any(tracked_path.startswith(path) for tracked_path in tracked_paths)
        ]

    def _run_git(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        try:
            process = subprocess.run(  # noqa: S603 - no shell
                ["git", *arguments],  # noqa: S607 - the git of the PATH
                cwd=self.root,
                env={**os.environ, **(env or {}), "GIT_TERMINAL_PROMPT": "0"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="surrogateescape",
                check=False,
            )
        except OSError as error:
            raise UsageError(f"could not run git: {error.strerror}", "Install git.") from None
        if process.returncode:
            reason = make_printable(process.stderr.strip().partition("\n")[0])[:300]
            raise UsageError(
                f"git {arguments[0]}: {reason}", "Run in a checkout with a remote to push to."
            )
        return process.stdout.strip()


def _choose_identity() -> dict[str, str]:
    """Return the author and committer, unless the environment names them."""
    names = {"NAME": _NAME, "EMAIL": _EMAIL}
    return {
        f"GIT_{role}_{key}": os.environ.get(f"GIT_{role}_{key}", value)
        for role in ("AUTHOR", "COMMITTER")
        for key, value in names.items()
    }


@attrs.frozen(kw_only=True)
class PullRequest:
    """A pull request, identified by name and branches.

    `change` identifies what it proposes, in any number of words: a person who closes the pull
    request without a merge rejects just that.
    """

    name: str
    branch: str
    base: str
    change: str = ""

    def find_rejection(self, host: CodeHost) -> Publication | None:
        """Return a message if a person closed a pull request of this change, and none is open."""
        if self._find(host) is not None:
            return None
        head = format_mark(self.name) + self._mark_change()
        closed_pulls = host.list_pulls(self.branch, closed=True)
        pull = next(
            (
                candidate
                for candidate in closed_pulls
                if _normalize_text(candidate.body).startswith(head)
            ),
            None,
        )
        if pull is None:
            return None
        message = (
            f"{host.pull_name.capitalize()} {pull.number} was closed without a merge. It is not "
            "opened again until something else changes. Reopen it to have it updated."
        )
        return Publication(message, f"{host.pull_path}/{pull.number}", is_changed=False)

    def put(self, host: CodeHost, title: str, body: str) -> Publication:
        """Open or update the pull request; return what was done. Idempotent."""
        full_body = format_mark(self.name) + self._mark_change() + body
        pull = self._find(host)
        if pull is None:
            number = host.open_pull(title, full_body, self.branch, self.base)
            return Publication(f"Opened {host.pull_name} {number}.", f"{host.pull_path}/{number}")
        path = f"{host.pull_path}/{pull.number}"
        if (pull.title, _normalize_text(pull.body)) == (title, _normalize_text(full_body)):
            message = f"{host.pull_name.capitalize()} {pull.number} is up to date."
            return Publication(message, path, is_changed=False)
        host.change_pull(pull.number, title, full_body)
        return Publication(f"Updated {host.pull_name} {pull.number}.", path)

    def close(self, host: CodeHost) -> Publication:
        """Close the pull request if there is one; return what was done."""
        pull = self._find(host)
        if pull is None:
            return Publication(f"No {host.pull_name} is open.", is_changed=False)
        # Without its mark, so that it does not count as closed by a person.
        body = pull.body.removeprefix(format_mark(self.name))
        host.change_pull(pull.number, pull.title, body, closed=True)
        message = f"Closed {host.pull_name} {pull.number}: no edits are left."
        return Publication(message, f"{host.pull_path}/{pull.number}")

    def _find(self, host: CodeHost) -> HostEntry | None:
        pulls = host.list_pulls(self.branch)
        return next((pull for pull in pulls if pull.body.startswith(format_mark(self.name))), None)

    def _mark_change(self) -> str:
        digest = hashlib.sha256(self.change.encode()).hexdigest()
        return f"<!-- driftline-change: {digest[:32]} -->\n"


def _normalize_text(string: str) -> str:
    """Return a text without what differs between equal ones: line endings, and dates of edits."""
    return _ACCEPTED.sub("(accepted ", string.replace("\r", "").rstrip())
