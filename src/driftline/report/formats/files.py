"""Writes the files of a report, all or none."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from driftline.files import make_folder, replace

if TYPE_CHECKING:  # the module of a format is imported when it is used
    from driftline.report.report import Report

FORMATS: Final[Mapping[str, tuple[str, str]]] = {
    "json": ("report.json", "json_data"),
    "markdown": ("report.md", "markdown"),
    "sarif": ("report.sarif", "sarif"),
    "junit": ("junit.xml", "junit"),
    "html": ("report.html", "html"),
    "gitlab": ("gl-code-quality.json", "code_quality"),
}
"""By the name of a format: its file, and the module that renders it."""


def render(report: Report, form: str) -> str:
    """Return the report in one format."""
    _, module = FORMATS[form]
    text: str = import_module(f"driftline.report.formats.{module}").render(report)
    return text


def render_files(report: Report) -> Mapping[str, str]:
    """Return the text of each file by its name."""
    return {name: render(report, form) for form, (name, _) in FORMATS.items()}


def write(report: Report, folder: Path) -> list[Path]:
    """Write the file of each format into `folder`, creating it if necessary.

    Raises:
        OSError: they cannot be written; no file was changed.
    """
    texts = render_files(report)
    make_folder(folder)
    return replace({folder / name: text for name, text in texts.items()})
