"""What `driftline ci change` and `driftline ci live` share: options and published reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from driftline.ci import annotate, move_results, read_night, relativize, summarize
from driftline.cli.options import place

FILES = ("comment.md", "report.json", "report.md", "report.sarif")


def add_folder_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option `--report DIR`, as `folder`."""
    return click.option(
        "--report",
        "folder",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("report"),
        show_default=True,
        help="Write the report to this directory.",
    )(command)


def add_baseline_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option `--baseline FILE`, as `baseline`."""
    return click.option(
        "--baseline",
        metavar="FILE",
        help="Accept the findings in this YAML file until they expire.",
    )(command)


def clear(folder: Path) -> None:
    """Delete the files of an earlier run: they must not be taken for results of this run."""
    for name in FILES:
        (folder / name).unlink(missing_ok=True)


def show_report(folder: Path, specs: Path | None) -> None:
    """Publish the report as job summary and annotations, if there is a report."""
    if not (folder / "report.json").is_file():
        return
    below = relativize(place(specs).root)
    move_results(folder / "report.sarif", below)
    summarize((folder / "report.md").read_text(encoding="utf-8"))
    annotate(read_night(folder / "report.json").findings.values(), below)
