"""How a command that makes a report ends: what it shows, and what it writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from driftline.cli.output import TERMINAL, echo, format_option, put
from driftline.cli.screen import measure_width, use_color
from driftline.report.formats.files import FORMATS, render, write

if TYPE_CHECKING:
    from driftline.report import Report

__all__ = ["print_beside_report", "report_options", "show"]

_FOLDER = click.option(
    "--report",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also write report.html, .json, .md, .sarif and junit.xml there.",
)


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options, in the order in which the help has them."""
    return _FOLDER(format_option(FORMATS)(command))


def show(
    report: Report, folder: Path | None, form: str = TERMINAL, *, with_uncovered: bool = False
) -> None:
    """On standard output, for people or for programs, and then in the folder."""
    if form == TERMINAL:
        from driftline.report.formats import terminal  # noqa: PLC0415 - not for --help

        shown = terminal.render(
            report, width=measure_width(), color=use_color(), with_uncovered=with_uncovered
        )
        put(shown)
    else:
        put(render(report, form), form)
    if folder is not None:
        write(report, folder)
        print_beside_report(f"Report: {folder / 'report.html'}", form)


def print_beside_report(line: str, form: str = TERMINAL) -> None:
    """Beside the report: what a program reads from standard output has nothing else in it."""
    echo(line, err=form != TERMINAL)
