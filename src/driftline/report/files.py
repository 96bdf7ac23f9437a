"""Renders a report in each format, and writes the files: all or none."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Final

from driftline.files import make_folder, replace
from driftline.report import formats

if TYPE_CHECKING:  # the module of a format is imported when it is used
    from driftline.report.report import Report

FORMATS: Final = tuple(sorted(module.name for module in iter_modules(formats.__path__)))
"""The names of the formats: each is a module with a `render` and the name of its `FILE`."""


def render(report: Report, form: str) -> str:
    """Return the report in one format."""
    rendered: str = _import(form).render(report)
    return rendered


def name_file(form: str) -> str:
    """Return the name of the file that `write` gives a format."""
    name: str = _import(form).FILE
    return name


def render_files(report: Report) -> Mapping[str, str]:
    """Return the text of each file by its name."""
    return {name_file(form): render(report, form) for form in FORMATS}


def write(report: Report, folder: Path) -> list[Path]:
    """Write the file of each format into `folder`, creating it if necessary.

    Raises:
        OSError: they cannot be written; no file was changed.
    """
    contents = render_files(report)
    make_folder(folder)
    return replace({folder / name: content for name, content in contents.items()})


def _import(form: str) -> Any:
    return import_module(f"{formats.__name__}.{form}")
