"""`driftline check`: the main job."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import attrs
import click

from driftline.cli.judging import Judging, judging_options
from driftline.cli.options import apis, place, specs_option
from driftline.cli.progress import showing
from driftline.cli.screen import color, width
from driftline.drift import Report, check, terminal, write
from driftline.drift.baseline_file import write_baseline
from driftline.drift.files import FORMATS, render
from driftline.errors import UsageError

__all__ = ["command"]

EPILOG = """\b
Exit codes: 0 all agree, 1 drift, 2 could not check, 130 interrupted.
Against a live server only reads are sent, unless a write is allowed by name; credentials come
from the environment variables that the spec names. What only rests on an assumption of ours is
shown, and is no drift there: --fail-on assumed makes it fail, --fail-on breaking lets more pass.
What could not be checked ends with 2, whatever the options. driftline explain ID says what a
finding means.

\b
Examples:
  driftline check
  driftline check shop --report report
  driftline check shop --url shop=https://api.example.com --allow-writes order.create
  driftline check --write-baseline accepted.yaml --reason "ticket 4711" --expires 2030-03-31
  driftline check --baseline accepted.yaml --since report/report.json --fail-on-new
  driftline check --format sarif > driftline.sarif
"""


@click.command("check", epilog=EPILOG)
@apis
@click.option(
    "--url", "urls", metavar="API=URL", multiple=True, help="A live server in the mock's place."
)
@click.option(
    "--allow-writes",
    metavar="OPERATION",
    multiple=True,
    help="Send this write to a live server too.",
)
@click.option(
    "--report",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also write report.html, .json, .md, .sarif and junit.xml there.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", *FORMATS]),
    default="terminal",
    show_default=True,
    help="Of what is written to standard output.",
)
@click.option(
    "--max-requests",
    metavar="N",
    default=2000,
    show_default=True,
    type=click.IntRange(1),
    help="At most so many to each live server.",
)
@click.option(
    "--rate",
    metavar="N",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    help="At most so many a second to a live server.",
)
@click.option("--seed", default=0, show_default=True, help="Of the mock's rows and made requests.")
@judging_options
@click.option("--unseen", is_flag=True, help="List what is documented and was never seen.")
@specs_option
def command(
    *,
    names: tuple[str, ...],
    urls: tuple[str, ...],
    allow_writes: tuple[str, ...],
    folder: Path | None,
    form: str,
    max_requests: int,
    rate: int,
    seed: int,
    specs: Path | None,
    unseen: bool,
    **judging: Any,
) -> None:
    """Checks that specs, generated clients, and mocks or live servers agree."""
    judge = Judging(**judging)
    rules = judge.rules()
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with _interruptible(), showing() as progress:
        report = check(
            place(specs),
            names,
            urls=_pairs(urls),
            allow_writes=allow_writes,
            max_requests=max_requests,
            rate=rate,
            seed=seed,
            progress=progress,
            specs=None if specs is None else specs.resolve(),
        )
    report = attrs.evolve(report, rules=rules)
    renewed = judge.renewed(report)
    if renewed is not None:
        report = attrs.evolve(report, rules=attrs.evolve(rules, baseline=renewed))
    _show(report, form, unseen=unseen)
    if folder is not None:
        write(report, folder)
        _say(f"Report: {folder / 'report.html'}", form)
    if renewed is not None:
        write_baseline(renewed)
        _say(f"Baseline: {renewed.path}", form)
    _leave(report.exit_code)


def _show(report: Report, form: str, *, unseen: bool) -> None:
    """On standard output, for people or for programs."""
    colored = color() and form == "terminal"
    if form == "terminal":
        text = terminal.render(report, width=width(), color=colored, with_unseen=unseen)
    else:
        text = render(report, form)
    # Whoever reads this may have left, as `head` does: the verdict is the same.
    with suppress(BrokenPipeError):
        click.echo(text, nl=False, color=colored)


def _say(line: str, form: str) -> None:
    """Beside the report: what a program reads from standard output has nothing else in it."""
    with suppress(BrokenPipeError):
        click.echo(line, err=form != "terminal")


def _pairs(urls: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in urls:
        api, equals, url = text.partition("=")
        if not equals or not api or not url:
            raise UsageError(f"--url {text!r} names no API or no URL", "Write --url API=URL.")
        found[api] = url
    return found


@contextmanager
def _interruptible() -> Generator[None]:
    """Ctrl-C ends the run even if something on the way swallows it."""
    pressed: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


def _leave(code: int) -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    click.get_current_context().exit(code)
