"""What `driftline ci change` and `driftline ci live` have in common: a report, and who sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from driftline.ci import annotate, move_results, read_night, relativize, summarize
from driftline.cli.options import place

__all__ = ["add_baseline_option", "add_folder_option", "clear", "show_report"]

FILES = ("comment.md", "report.json", "report.md", "report.sarif")


def add_folder_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option `--report DIR`, as `folder`."""
    return click.option(
        "--report",
        "folder",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("report"),
        show_default=True,
        help="For the files of driftline check --report.",
    )(command)


def add_baseline_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option `--baseline FILE`, as `baseline`."""
    return click.option(
        "--baseline", metavar="FILE", help="Findings that are accepted; see driftline check."
    )(command)


def clear(folder: Path) -> None:
    """What an earlier run left must not be taken for what this one found."""
    for name in FILES:
        (folder / name).unlink(missing_ok=True)


def show_report(folder: Path, specs: Path | None) -> None:
    """On the page of the run, and at the lines of the specs; nothing if there is no report."""
    if not (folder / "report.json").is_file():
        return
    below = relativize(place(specs).root)
    move_results(folder / "report.sarif", below)
    summarize((folder / "report.md").read_text(encoding="utf-8"))
    annotate(read_night(folder / "report.json").findings.values(), below)
