"""Prints and writes the report of a command, and chooses its exit code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from driftline.cli.failure_options import JudgingOptions
from driftline.cli.output import TERMINAL, echo, format_option, leave, measure_width, put, use_color
from driftline.report import FORMATS, RECORDED, write
from driftline.report.files import render

if TYPE_CHECKING:
    from driftline.report import Report

_FOLDER = click.option(
    "--report",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a file in each format here.",
)
_HISTORY = click.option(
    "--history",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Append this run to a file for driftline history.",
)


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, in the order of `--help`."""
    return _FOLDER(_HISTORY(format_option(FORMATS)(command)))


def finish(
    report: Report,
    judging: JudgingOptions,
    folder: Path | None,
    form: str,
    *,
    not_covered: bool,
    history: Path | None = None,
) -> None:
    """Show the report, write baseline and history if requested, and end the command."""
    renewed = judging.renew_baseline(report)
    if renewed is not None:
        report = attrs.evolve(report, rules=attrs.evolve(report.rules, baseline=renewed))
    show(report, folder, form, not_covered=not_covered)
    if renewed is not None:
        from driftline.report import write_baseline  # noqa: PLC0415 - not for --help

        write_baseline(renewed)
        print_beside_report(f"Baseline: {renewed.path}", form)
    if history is not None:
        from driftline.history import RunEntry, append_run, list_tracked  # noqa: PLC0415 - as above

        is_recorded = RECORDED in report.targets.values()
        append_run(history, RunEntry.build(report, list_tracked(history) if is_recorded else ()))
    leave(report.exit_code)


def show(
    report: Report, folder: Path | None, form: str = TERMINAL, *, not_covered: bool = False
) -> None:
    """Print the report to standard output, and write its files to the directory."""
    report = attrs.evolve(report, folder=folder)
    if form == TERMINAL:
        from driftline.report import terminal  # noqa: PLC0415 - not for --help

        output = terminal.render(
            report, width=measure_width(), color=use_color(), with_uncovered=not_covered
        )
        put(output)
    else:
        put(render(report, form), form)
    if folder is not None:
        write(report, folder)
        print_beside_report(f"Report: {folder / 'report.html'}", form)


def print_beside_report(line: str, form: str = TERMINAL) -> None:
    """Print a line to stderr if standard output holds a report for a program."""
    echo(line, err=form != TERMINAL)
