"""`driftline observe`: the checks over recorded traffic."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import attrs
import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from driftline.cli.ending import print_beside_report, report_options, show
from driftline.cli.judging import Judging, add_judging_options
from driftline.cli.observed import format_files
from driftline.cli.options import add_specs_option, place
from driftline.cli.output import TERMINAL, echo
from driftline.cli.screen import handle_interrupt, leave, measure_width, use_color
from driftline.observe import Progress, observe
from driftline.report.baseline_file import write_baseline
from driftline.suite.http.target import parse_url_pairs

__all__ = ["command"]

EPILOG = """\b
FILE is a HAR file (browser, proxy), a VCR cassette (Python or Ruby, YAML or JSON) or the drift
log of a client (driftline.runtime.DriftLog); - is standard input. What it is, its content says.
Nothing is sent, and no credential, cookie or token of a recording is shown.

\b
Exit codes: 0 all agree, 1 drift, 2 could not check (no recording, one that breaks off, or nothing
in it belongs to a spec), 130 interrupted. What only rests on an assumption of ours is shown, and
is no drift: --fail-on assumed makes it fail. driftline explain ID says what a finding means.

\b
Examples:
  driftline observe session.har
  driftline observe tests/cassettes/*.yaml --api shop --report report
  driftline observe staging.har --url shop=https://staging.example.com/v1
  zcat traffic.har.gz | driftline observe - --baseline accepted.yaml
"""
EVERY = 5.0
"""Seconds between two lines of progress where there is no terminal."""


@click.command("observe", epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--api", "names", metavar="API", multiple=True, help="Only this API; default: all.")
@click.option(
    "--url",
    "urls",
    metavar="API=URL",
    multiple=True,
    help="A base URL that the API was reached at, beside the servers of its spec.",
)
@report_options
@add_judging_options
@click.option("--unseen", is_flag=True, help="List what is documented and was never seen.")
@add_specs_option
def command(
    *,
    files: tuple[str, ...],
    names: tuple[str, ...],
    urls: tuple[str, ...],
    folder: Path | None,
    form: str,
    unseen: bool,
    specs: Path | None,
    **judging: Any,
) -> None:
    """Checks recorded traffic against the specs, without sending anything."""
    judge = Judging(**judging)
    rules = judge.build_rules()
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with handle_interrupt(), _show_progress() as progress:
        found = observe(
            place(specs),
            files,
            names,
            urls=_parse_urls(urls),
            specs=None if specs is None else specs.resolve(),
            progress=progress,
        )
    report = attrs.evolve(found.report, rules=rules)
    renewed = judge.renew_baseline(report)
    if renewed is not None:
        report = attrs.evolve(report, rules=attrs.evolve(rules, baseline=renewed))
    click.echo(format_files(found, width=measure_width(), color=use_color()), err=form != TERMINAL)
    show(report, folder, form, with_uncovered=unseen)
    if renewed is not None:
        write_baseline(renewed)
        print_beside_report(f"Baseline: {renewed.path}", form)
    leave(report.exit_code)


def _parse_urls(urls: Sequence[str]) -> dict[str, list[str]]:
    """An API may have been reached at more than one base URL."""
    found: dict[str, list[str]] = {}
    for api, url in parse_url_pairs(urls):
        found.setdefault(api, []).append(url)
    return found


@contextmanager
def _show_progress() -> Generator[Progress]:
    """A bar on a terminal, else a line now and then; nothing for what is quickly read."""
    if not sys.stderr.isatty():
        yield _build_line_progress()
        return
    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[entries]} entries"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=None, entries=0)

        def tell(file: str, read: int, size: int, entries: int) -> None:
            bar.update(task, completed=read, total=size or None, description=file, entries=entries)

        yield tell


def _build_line_progress() -> Progress:
    last = monotonic()

    def tell(file: str, read: int, size: int, entries: int) -> None:
        nonlocal last
        if monotonic() - last < EVERY:
            return
        last = monotonic()
        part = f" ({100 * read // size} %)" if size else ""
        echo(f"{file}: {entries:,} entries, {read // 10**6:,} MB{part}", err=True)

    return tell
