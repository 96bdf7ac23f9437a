"""Writes a report's files, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Final

from driftline.drift import data, html, junit, markdown, sarif
from driftline.drift.report import Report
from driftline.files import replace

__all__ = ["FORMATS", "render", "render_files", "write"]

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
