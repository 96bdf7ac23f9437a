"""Reads files of a git repository at a revision, by git itself and without a checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path, PurePosixPath

import attrs

from driftline.errors import UsageError

_REMEDY = "Pass a file, a directory, REV or REV:PATH."


@attrs.frozen
class Repository:
    """A git repository, and the folder in it that relative paths start from."""

    root: Path
    folder: Path

    @classmethod
    def find(cls, folder: Path) -> Repository | None:
        """Return the repository that contains `folder`, or None, also without git."""
        output = _call_git(folder, "rev-parse", "--show-toplevel")
        return cls(Path(output.strip()), folder) if output.strip() else None

    def has_revision(self, revision: str) -> bool:
        """Return whether `revision` names a commit."""
        commit = f"{revision}^{{commit}}"
        return bool(
            _call_git(self.folder, "rev-parse", "--verify", "--quiet", "--end-of-options", commit)
        )

    def relativize(self, path: Path) -> PurePosixPath | None:
        """Return the path of a file within the repository, or None outside of it."""
        full = path if path.is_absolute() else self.folder / path
        try:
            return PurePosixPath(full.resolve().relative_to(self.root.resolve()).as_posix())
        except ValueError:
            return None

    def resolve_path(self, path: str) -> PurePosixPath:
        """Return a path as git writes it after a colon: from the top, or from here with `./`."""
        if not path.startswith(("./", "../")) and path != ".":
            return PurePosixPath(path)
        return self.relativize(Path(path)) or PurePosixPath(path)

    def is_folder(self, revision: str, path: PurePosixPath) -> bool:
        """Return whether `path` is a folder at that revision.

        Raises:
            UsageError: the path does not exist at that revision.
        """
        inner = "" if path == PurePosixPath() else path.as_posix()
        kind = _call_git(self.folder, "cat-file", "-t", f"{revision}:{inner}").strip()
        if kind not in {"blob", "tree"}:
            raise UsageError(f"no {path} in {revision}", _REMEDY)
        return kind == "tree"

    def list_folder(self, revision: str, path: PurePosixPath) -> list[str]:
        """Return the files of a folder at that revision."""
        inner = "" if path == PurePosixPath() else path.as_posix()
        output = _call_git(self.folder, "ls-tree", "--full-tree", "-z", f"{revision}:{inner}")
        entries = [entry.partition("\t") for entry in output.split("\0") if entry]
        return sorted(name for about, _, name in entries if about.startswith("100"))

    def list_tree(self, revision: str, path: PurePosixPath) -> list[PurePosixPath]:
        """Return all files in a folder at that revision and in those below.

        None if there is no folder.
        """
        output = _call_git(
            self.folder, "ls-tree", "--full-tree", "-r", "-z", revision, "--", path.as_posix()
        )
        entries = [entry.partition("\t") for entry in output.split("\0") if entry]
        return [PurePosixPath(name) for about, _, name in entries if about.startswith("100")]

    def find_last_tag(self, prefix: str = "") -> str:
        """Return the last tag before the checked-out commit that names a version, or "".

        With `prefix`, only tags that begin with it count, as in `shop-client-v1.2.0`.
        """
        match = ["--match", f"{prefix}*[0-9].[0-9]*"]
        if not prefix:  # the tags of a client's own distribution
            match += ["--exclude", "*-client-*"]
        return _call_git(self.folder, "describe", "--tags", "--abbrev=0", *match).strip()

    def read_content(self, revision: str, path: PurePosixPath) -> bytes:
        """Return the bytes of a file at that revision.

        Raises:
            UsageError: the file does not exist.
        """
        content = _run_git(self.folder, "cat-file", "blob", f"{revision}:{path.as_posix()}")
        if content is None:
            raise UsageError(f"no file {path} in {revision}", _REMEDY)
        return content

    def read_file(self, revision: str, path: PurePosixPath) -> str:
        """Return the text of a file at that revision.

        Raises:
            UsageError: the file does not exist, or is not UTF-8.
        """
        try:
            return self.read_content(revision, path).decode("utf-8")
        except UnicodeDecodeError:
            raise UsageError(f"{revision}:{path} is not UTF-8", "Pass another file.") from None


def _call_git(folder: Path, *arguments: str) -> str:
    """Return what git prints; "" if it fails, is missing, or prints no UTF-8."""
    try:
        return (_run_git(folder, *arguments) or b"").decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _run_git(folder: Path, *arguments: str) -> bytes | None:
    """Return what git prints; None if it fails or is missing."""
    try:
        completed = subprocess.run(  # noqa: S603 - no shell; what the caller gave is one argument
            ["git", *arguments],  # noqa: S607 - the caller's own git
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return completed.stdout
