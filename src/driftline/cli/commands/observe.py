"""`driftline observe`: check recorded traffic."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import attrs
import click
from rich.text import Text

from driftline.cli.failure_options import JudgingOptions, add_judging_options
from driftline.cli.help_sections import OUTPUT, RESULT, SectionedCommand
from driftline.cli.options import add_not_covered_option, add_specs_option, find_project
from driftline.cli.output import TERMINAL, echo, handle_interrupt, measure_width, use_color
from driftline.cli.report_output import finish, report_options
from driftline.files import make_folder
from driftline.terminal import PrintedPage, build_table

if TYPE_CHECKING:
    from driftline.observe import FileSummary, Observation, Progress

EPILOG = """\
FILE is a HAR file (browser, proxy), a VCR cassette (Python or Ruby, YAML or JSON) or the drift log
of a client (driftline.runtime.DriftLog); - is standard input. The format is detected from the
content. Credentials, cookies and tokens in recordings are redacted. Findings on clauses marked
x-assumed are reported but do not fail; change that with --fail-on assumed.

Explain a finding with: driftline explain ID

\b
Exit codes:
  0    no drift
  1    drift
  2    could not check: no recording, an incomplete one, or no entry that matches a spec
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


@click.command(
    "observe",
    cls=SectionedCommand,
    epilog=EPILOG,
    sections={"Selection": ("names", "urls"), "Output": OUTPUT, "Result": RESULT},
)
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
@add_judging_options("additive")
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
    from driftline.observe import observe  # noqa: PLC0415

    judging = JudgingOptions.extract(options)
    rules = judging.build_rules()
    if folder is not None:
        make_folder(folder)
    with handle_interrupt(), _show_progress() as progress:
        observation = observe(
            find_project(specs),
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

        def report_progress(file: str, read: int, size: int, entries: int) -> None:
            bar.update(task, completed=read, total=size or None, description=file, entries=entries)

        yield report_progress


def _build_line_progress() -> Progress:
    last = monotonic()

    def report_progress(file: str, read: int, size: int, entries: int) -> None:
        nonlocal last
        if monotonic() - last < EVERY:
            return
        last = monotonic()
        part = f" ({100 * read // size} %)" if size else ""
        echo(f"{file}: {entries:,} entries, {read // 10**6:,} MB{part}", err=True)

    return report_progress


SHOWN = 10
"""The number of origins without a spec that are shown."""
COLUMNS = ("entries", "matched", "operations", "findings")


def format_files(observation: Observation, *, width: int, color: bool) -> str:
    """Return the table, and a line for each kind of entry that was not checked."""
    page = PrintedPage(width=width, color=color)
    table = build_table()
    table.show_header = True
    for name in ("file", "kind"):
        table.add_column(name, overflow="fold")
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for line in observation.files:
        counts = (
            line.entries,
            line.match_count,
            line.operations,
            _count_findings(observation, line),
        )
        table.add_row(Text(line.name), line.kind or "-", *(f"{count:,}" for count in counts))
    page.print(table)
    for note in _list_notes(observation):
        page.put(note)
    return page.text


def _count_findings(observation: Observation, line: FileSummary) -> int:
    """Count the findings that this file showed first."""
    sources = (finding.source for finding in observation.report.findings)
    return sum(source.startswith(f"{line.name}, ") for source in sources)


def _list_notes(observation: Observation) -> Iterator[str]:
    strays = list(observation.unmatched_requests.items())
    if strays:
        total = sum(observation.unmatched_requests.values())
        yield f"Not in any spec: {total:,} {'entry' if total == 1 else 'entries'}"
        yield from (f"  {count:,} x {request}" for request, count in strays[:SHOWN])
        if len(strays) > SHOWN:
            yield f"  {sum(count for _, count in strays[SHOWN:]):,} more"
    for line in observation.files:
        for reason, count in line.unread.items():
            yield f"{line.name}: {count:,} not checked: {reason}"
        if line.bodiless:
            yield f"{line.name}: {line.bodiless:,} checked without the body, which was not recorded"
    if observation.uncovered:
        yield f"Not covered: {', '.join(observation.uncovered)}"
