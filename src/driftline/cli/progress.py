"""Shows how far a check is, on stderr: a bar on a terminal, else a line for each kind of check."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from driftline.findings import Check

__all__ = ["showing"]

Tell = Callable[[Check | None, int, int], None]


@contextmanager
def showing() -> Generator[Tell]:
    """What to tell the progress to, while it is shown."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    bar = Progress(
        TextColumn("checking"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=None)

        def tell(check: Check | None, done: int, total: int) -> None:
            subject = f"{check.api} {check.operation} {check.name}" if check else ""
            bar.update(task, completed=done, total=total or None, description=subject)

        yield tell


def _lines() -> Tell:
    """A line for each kind of check at most: logs are read afterwards."""
    told: set[str] = set()

    def tell(check: Check | None, done: int, total: int) -> None:
        if check is None or check.name in told:
            return
        told.add(check.name)
        of = f" of {total}" if total else ""
        click.echo(f"{done}{of}: {check.name}", err=True)

    return tell
