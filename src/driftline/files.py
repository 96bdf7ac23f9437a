"""Write files, all of them or none: a full disk or a killed process leaves nothing half-written.

Nothing is written through a symbolic link: a checkout may hold one that leads out of it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from driftline.errors import UsageError
from driftline.transaction import Move, commit, open_stage, recover

__all__ = ["make_folder", "open_journal", "reject_links", "replace"]


def replace(texts: Mapping[Path, str]) -> list[Path]:
    """Put each text into its file once all of them are safely on the disk.

    A symbolic link is replaced by the file, and what it leads to is left alone. What a killed run
    began is finished first.

    Raises:
        OSError: they cannot be written; no file was touched.
        UsageError: a directory on the way is a symbolic link.
    """
    paths = [Path(os.path.abspath(path)) for path in texts]  # noqa: PTH100 (links are not followed)
    if not paths:
        return []
    root = Path(os.path.commonpath([path.parent for path in paths]))
    reject_links(root)
    recover(root)
    with open_stage(root) as stage:
        moves: list[Move] = []
        for index, (path, text) in enumerate(zip(paths, texts.values(), strict=True)):
            _write(stage / str(index), text.encode())
            moves.append(Move(str(index), path.relative_to(root).as_posix()))
        commit(stage, moves)
    return list(texts)


def make_folder(path: Path) -> None:
    """Make a directory and its parents, unless it is there.

    Raises:
        OSError: it cannot be made.
        UsageError: it, or a directory on the way to it, is a symbolic link of the project's.
    """
    reject_links(path)
    path.mkdir(parents=True, exist_ok=True)


def reject_links(path: Path) -> None:
    """Reject a path that a symbolic link below the current directory may lead elsewhere.

    Links above it, or elsewhere, are the machine's and not the checkout's.

    Raises:
        UsageError: a part of the path is such a link.
    """
    here, target = Path.cwd(), Path(os.path.abspath(path))  # noqa: PTH100 (links are not followed)
    if not target.is_relative_to(here):
        return
    for part in (target, *target.parents):
        if part == here:
            return
        if part.is_symlink():
            name = part.relative_to(here).as_posix()
            raise UsageError(
                f"{name} is a symbolic link", "Replace it by a file or directory of the project."
            )


def open_journal(path: Path, *, fresh: bool) -> TextIO:
    """Open a file for lines to be added, or a new one.

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
