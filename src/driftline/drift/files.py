"""Writes a report's files, all of them or none: a full disk leaves nothing half-written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import ModuleType
from typing import Final

from driftline.drift import data, html, junit, markdown, sarif
from driftline.drift.report import Report

__all__ = ["FORMATS", "render", "render_files", "replace", "write"]

FORMATS: Final[Mapping[str, tuple[str, ModuleType]]] = {
    "json": ("report.json", data),
    "markdown": ("report.md", markdown),
    "sarif": ("report.sarif", sarif),
    "junit": ("junit.xml", junit),
    "html": ("report.html", html),
}
"""By the name of a format: its file, and what renders it."""


def render(report: Report, form: str) -> str:
    """The text of one of the formats."""
    _, module = FORMATS[form]
    text: str = module.render(report)
    return text


def render_files(report: Report) -> Mapping[str, str]:
    """The text of each file by its name."""
    return {name: render(report, form) for form, (name, _) in FORMATS.items()}


def write(report: Report, folder: Path) -> list[Path]:
    """Writes the file of each format into `folder`, which is made if need be.

    Raises:
        OSError: they cannot be written; no file was touched.
    """
    texts = render_files(report)
    folder.mkdir(parents=True, exist_ok=True)
    return replace({folder / name: text for name, text in texts.items()})


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
