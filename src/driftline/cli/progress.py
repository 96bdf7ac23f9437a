"""Progress on stderr: a bar on a terminal, occasional lines elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Any

import click

from driftline.checks import Check
from driftline.cli.output import echo
from driftline.printable import make_printable

Tell = Callable[[Check | None, int, int], None]


@contextmanager
def show_check_progress(form: str = "text") -> Generator[Tell]:
    """Yield a callback for the progress of a check; `json` prints a line per check."""
    if form == "json":
        yield _print_json_line
        return
    if not sys.stderr.isatty():
        yield _build_line_printer()
        return
    with show_count("checking") as count:

        def report_progress(check: Check | None, completed: int, total: int) -> None:
            subject = f"{check.api} {check.operation} {check.name}" if check else ""
            count(subject, completed, total)

        yield report_progress


@contextmanager
def show_count(label: str) -> Generator[Callable[[str, int, int], None]]:
    """Yield a callback for the last subject, the number of completed ones, and the total."""
    if not sys.stderr.isatty():
        yield partial(_print_tenths, label, set())
        return
    from rich import console, progress  # noqa: PLC0415 - only a terminal gets a bar

    bar = progress.Progress(
        progress.TextColumn(label),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
        progress.TextColumn("{task.description}", markup=False),
        console=console.Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=None)

        def report_progress(subject: str, completed: int, total: int) -> None:
            bar.update(
                task, completed=completed, total=total or None, description=make_printable(subject)
            )

        yield report_progress


def _print_tenths(label: str, printed: set[int], subject: str, completed: int, total: int) -> None:
    """Print a line for each tenth of the total."""
    tenth = 10 * completed // total if total else 0
    if subject and tenth not in printed:
        printed.add(tenth)
        echo(f"{label}: {completed} of {total}", err=True)


def _print_json_line(check: Check | None, completed: int, total: int) -> None:
    """Print a check as JSON, without its coverage."""
    line: dict[str, Any] = {"done": completed, "total": total, "check": None}
    if check is not None:
        left_out = {"witnessed", "coverage"}
        line["check"] = {k: v for k, v in check.to_dict().items() if k not in left_out}
    click.echo(json.dumps(line), err=True)


def _build_line_printer() -> Tell:
    """Return a callback that prints one line for each kind of check."""
    printed_names: set[str] = set()

    def report_progress(check: Check | None, completed: int, total: int) -> None:
        if check is None or check.name in printed_names:
            return
        printed_names.add(check.name)
        # The suite announces its total only after the checks of the spec.
        count = f" ({completed} of {total})" if total else ""
        echo(f"checking: {check.name}{count}", err=True)

    return report_progress
