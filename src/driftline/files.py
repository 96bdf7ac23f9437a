"""Reads files of limited size, and writes several files atomically, even if the process dies.

Nothing is written through a symbolic link: a checkout may hold one that leads out of it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TextIO

from driftline.errors import UsageError
from driftline.transaction import Move, commit, open_stage, recover

DEVICES: Final = frozenset(
    {"aux", "con", "nul", "prn", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)
"""What Windows does not allow as the name of a file, whatever its suffix."""
MOST_BYTES: Final = 50_000_000
MOST_OF_RUN: Final = 500_000_000
"""The limit for a file that an earlier run wrote: a report, a journal or a snapshot."""


def read_file(path: Path, max_bytes: int = MOST_BYTES) -> bytes:
    """Return the content of a regular file; a checkout may link a name to an endless device.

    Raises:
        OSError: it cannot be read, is not a regular file, or has more than `max_bytes` bytes.
    """
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    if status.st_size > max_bytes:
        raise OSError(errno.EFBIG, f"larger than {max_bytes // 10**6} MB")
    return path.read_bytes()


def read_below(folder: Path, name: str) -> bytes:
    """Return the content of a file below a folder.

    Raises:
        OSError: it is outside of the folder, or `read_file` does not read it.
    """
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise OSError("it is outside of the directory")
    return read_file(path)


def replace(contents: Mapping[Path, str]) -> list[Path]:
    """Replace the files by these texts, once all texts are on the disk.

    A symbolic link is replaced, and its target is unchanged. The moves of a killed run are
    completed first. If the files have no writable common directory, or different file systems, only
    the files of each directory are replaced together.

    Raises:
        OSError: they cannot be written; no file was touched.
        UsageError: a directory on the way is a symbolic link.
    """
    absolute = {Path(os.path.abspath(path)): content for path, content in contents.items()}  # noqa: PTH100
    for root, paths in _group(list(absolute)):
        reject_links(root)
        recover(root)
        with open_stage(root) as stage:
            moves: list[Move] = []
            for index, path in enumerate(paths):
                _write(stage / str(index), absolute[path].encode())
                moves.append(Move(str(index), path.relative_to(root).as_posix()))
            commit(stage, moves)
    return list(contents)


def _group(paths: Sequence[Path]) -> list[tuple[Path, list[Path]]]:
    """Return the directories for stages, each with its files."""
    folders = sorted({path.parent for path in paths})
    if len(folders) < 2:
        return [(folder, list(paths)) for folder in folders]
    root = Path(os.path.commonpath(folders))
    devices = {folder.stat().st_dev for folder in (root, *folders) if folder.is_dir()}
    if len(devices) == 1 and os.access(root, os.W_OK):
        return [(root, list(paths))]
    return [(folder, [path for path in paths if path.parent == folder]) for folder in folders]


def make_folder(path: Path) -> None:
    """Create a directory and its parents, if it does not exist.

    Raises:
        OSError: it cannot be made.
        UsageError: it, or a directory on the way to it, is a symbolic link of the project's.
    """
    reject_links(path)
    path.mkdir(parents=True, exist_ok=True)


def reject_links(path: Path) -> None:
    """Reject a path with a symbolic link below the current directory.

    Links above it, or elsewhere, belong to the machine, not to the checkout.

    Raises:
        UsageError: a part of the path is such a link.
    """
    cwd, target = Path.cwd(), Path(os.path.abspath(path))  # noqa: PTH100 (links are not followed)
    if not target.is_relative_to(cwd):
        return
    for part in (target, *target.parents):
        if part == cwd:
            return
        if part.is_symlink():
            name = part.relative_to(cwd).as_posix()
            raise UsageError(
                f"{name} is a symbolic link", "Replace it with a file or directory of the project."
            )


def open_journal(path: Path, *, fresh: bool) -> TextIO:
    """Open a file to append lines; create it if it does not exist.

    Raises:
        OSError: it cannot be written, or is a symbolic link.
        UsageError: a directory on the way is a symbolic link.
    """
    make_folder(path.parent)
    flags = os.O_CREAT | os.O_RDWR | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    flags |= os.O_TRUNC if fresh else 0
    return os.fdopen(os.open(path, flags, 0o644), "a", encoding="utf-8")


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o644)
