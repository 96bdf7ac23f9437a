"""Write files, all of them or none: a full disk leaves nothing half-written.

Nothing is written through a symbolic link: a checkout may hold one that leads out of it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TextIO

__all__ = ["open_journal", "replace"]


def replace(texts: Mapping[Path, str]) -> list[Path]:
    """Put each text into its file once all of them are safely on the disk beside it.

    A symbolic link is replaced by the file, and what it leads to is left alone.

    Raises:
        OSError: they cannot be written; no file was touched.
    """
    written: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            written[path] = _write_temporary(path.parent, path.name, text.encode())
        for path, temporary in written.items():
            temporary.replace(path)
    except BaseException:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)
        raise
    return list(written)


def open_journal(path: Path, *, fresh: bool) -> TextIO:
    """Open a file for lines to be added, or a new one.

    Raises:
        OSError: it cannot be written, or is a symbolic link.
    """
    flags = os.O_CREAT | os.O_RDWR | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    flags |= os.O_TRUNC if fresh else 0
    return os.fdopen(os.open(path, flags, 0o644), "a", encoding="utf-8")


def _write_temporary(folder: Path, name: str, content: bytes) -> Path:
    """Return a file beside the one to be, with the whole content safely in it."""
    with NamedTemporaryFile(dir=folder, prefix=f".{name}.", delete=False) as file:
        path = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            path.chmod(0o644)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return path
