"""`driftline observe`: the checks over recorded traffic."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import attrs
import click

from driftline.cli.ending import finish, report_options
from driftline.cli.judging import Judging, add_judging_options
from driftline.cli.options import add_not_covered_option, add_specs_option, place
from driftline.cli.output import TERMINAL, echo
from driftline.cli.screen import handle_interrupt, measure_width, use_color
from driftline.files import make_folder

if TYPE_CHECKING:
    from driftline.observe import Progress

EPILOG = """\
FILE is a HAR file (browser, proxy), a VCR cassette (Python or Ruby, YAML or JSON) or the drift log
of a client (driftline.runtime.DriftLog); - is standard input. The format is detected from the
content. Nothing is sent, and credentials, cookies and tokens in recordings are redacted. Findings
on clauses marked x-assumed are reported but do not fail; change that with --fail-on assumed.

Explain a finding with: driftline explain ID

\b
Exit codes:
  0    no drift
  1    drift
  2    could not check: no recording, an incomplete one, or no entry of an API
  130  interrupted

\b
Examples:
  driftline observe session.har
  driftline observe tests/cassettes/*.yaml --api shop --report report
  driftline observe staging.har --url shop=https://staging.example.com/v1
  zcat traffic.har.gz | driftline observe - --baseline accepted.yaml
"""
EVERY = 5.0
"""Seconds between lines of progress without a terminal."""


@click.command("observe", epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--api",
    "names",
    metavar="API",
    multiple=True,
    help="Check only this API. Repeatable. [default: all]",
)
@click.option(
    "--url",
    "urls",
    metavar="API=URL",
    multiple=True,
    help="Another base URL of the API, besides the servers of its spec. Repeatable.",
)
@report_options
@add_judging_options
@add_not_covered_option
@add_specs_option
def command(
    *,
    files: tuple[str, ...],
    names: tuple[str, ...],
    urls: tuple[str, ...],
    folder: Path | None,
    history: Path | None,
    form: str,
    not_covered: bool,
    specs: Path | None,
    **options: Any,
) -> None:
    """Check recorded traffic against the specs. Nothing is sent."""
    from driftline.cli.observed import format_files  # noqa: PLC0415 - not for --help
    from driftline.observe import observe  # noqa: PLC0415

    judging = Judging.extract(options)
    rules = judging.build_rules()
    if folder is not None:
        make_folder(folder)
    with handle_interrupt(), _show_progress() as progress:
        observation = observe(
            place(specs),
            files,
            names,
            urls=_parse_urls(urls),
            specs=None if specs is None else specs.resolve(),
            progress=progress,
        )
    table = format_files(observation, width=measure_width(), color=use_color())
    click.echo(table, err=form != TERMINAL)
    report = attrs.evolve(observation.report, rules=rules)
    finish(report, judging, folder, form, not_covered=not_covered, history=history)


def _parse_urls(urls: Sequence[str]) -> dict[str, list[str]]:
    """Return the base URLs by API; an API may have several."""
    from driftline.suite import parse_url_pairs  # noqa: PLC0415 - not for --help

    by_api: dict[str, list[str]] = {}
    for api, url in parse_url_pairs(urls):
        by_api.setdefault(api, []).append(url)
    return by_api


@contextmanager
def _show_progress() -> Generator[Progress]:
    """Show a bar on a terminal, and occasional lines elsewhere."""
    if not sys.stderr.isatty():
        yield _build_line_progress()
        return
    from rich.console import Console  # noqa: PLC0415 - only for a terminal
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress as Bar,
        TextColumn,
        TimeElapsedColumn,
    )

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
