"""Writes files, all of them or none: a full disk leaves nothing half-written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

__all__ = ["replace"]


def replace(texts: Mapping[Path, str]) -> list[Path]:
    """Puts each text into its file once all of them are safely on the disk beside it.

    Raises:
        OSError: they cannot be written; no file was touched.
    """
    written: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            written[path] = _temporary(path.parent, path.name, text.encode())
        for path, temporary in written.items():
            temporary.replace(path)
    except BaseException:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)
        raise
    return list(written)


def _temporary(folder: Path, name: str, content: bytes) -> Path:
    """A file beside the one to be, with the whole content safely in it."""
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
