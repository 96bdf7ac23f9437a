"""A report for the terminal: the table, then each finding, then the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from driftline.checks import Finding
from driftline.markup import format_count
from driftline.report.grid import GridRow, build_rows, list_columns
from driftline.report.phrases import (
    describe_assumptions,
    describe_cause,
    describe_extent,
    describe_missing_report,
    describe_next_step,
    describe_parts,
    describe_sightings,
    describe_usage,
    describe_verdict,
    group_errors,
    group_skipped,
    list_commands,
    list_not_covered,
    list_notes,
    summarize_coverage,
)
from driftline.report.report import MOCK, RECORDED, Report
from driftline.report.states import (
    describe_acceptance,
    describe_gone,
    describe_stale,
    describe_state,
    summarize,
)
from driftline.terminal import SEVERITY_STYLES, PrintedPage, build_table

STYLES = {
    "passed": "green",
    "assumed": "yellow",
    "drift": "bold red",
    "error": "bold magenta",
    "not-sent": "dim",
    "none": "dim",
    "blank": "",
}
VERDICTS = ("bold green", "bold red", "bold magenta")
COSTS = ("requests", "time")
COSTS_OF_RECORDINGS = ("entries",)
"""Recorded traffic has a check named `requests`, and no time of its own."""
MOST_PARTS = 24
"""The maximum number of listed locations of one cause."""
MOST_SKIPPED = 10
"""The maximum number of listed reasons for skipped checks."""
SIDE_BY_SIDE = 72
"""From this width on, a short `expected` is beside `got`, not above it."""


def render(
    report: Report, *, width: int = 100, color: bool = False, with_uncovered: bool = False
) -> str:
    """Return the report `width` columns wide; only commands to copy may be longer.

    `with_uncovered`: include each clause that was not covered.
    """
    page = PrintedPage(width=width, color=color)
    _print_targets(page, report)
    page.print(_render_overview(report, width))
    for number, cause in enumerate(report.causes, 1):
        _print_finding(page, report, number, cause.lead)
        _print_parts(page, describe_cause(cause), describe_parts(cause))
    for reason, subjects in group_errors(report).items():
        page.print(_render_error(reason, subjects))
    page.print()
    _print_skipped(page, group_skipped(report))
    for label, lines in (
        ("note", list_notes(report)),
        ("gone", describe_gone(report)),
        ("stale", describe_stale(report)),
    ):
        for line in lines:
            page.print(Text(f"{label}: ", style="bold").append(line, style="not bold default"))
    if with_uncovered:
        _print_uncovered(page, report)
    hint = (
        "" if with_uncovered or not any(list_not_covered(report)) else " --not-covered lists them."
    )
    for line in filter(None, (*summarize(report), summarize_coverage(report) + hint)):
        page.print(Text(line))
    steps = (describe_assumptions, describe_missing_report, describe_next_step)
    for step in filter(None, (describe(report) for describe in steps)):
        page.put(step, "dim")
    closing = Text(describe_verdict(report), style=VERDICTS[report.exit_code])
    page.print(closing.append(f" {describe_extent(report)}.", style="not bold default"))
    return page.text


def _print_targets(page: PrintedPage, report: Report) -> None:
    for api in report.apis:
        if api.target not in {MOCK, RECORDED}:
            page.put(f"{api.name}: live server at {api.target}")
        if api.usage:
            page.print(Text(describe_usage(api.usage)), soft_wrap=True)


def _render_overview(report: Report, width: int) -> RenderableType:
    names, rows = list_columns(report), build_rows(report)
    all_costs = COSTS_OF_RECORDINGS if RECORDED in report.targets.values() else COSTS
    for gap, costs in ((2, all_costs), (2, ()), (1, ())):
        table = build_table("", *names, *costs, gap=gap)
        for row in rows:
            marks = (Text(cell.text, style=STYLES[cell.state]) for cell in row.cells)
            cost_values = (str(row.requests), f"{row.seconds:.1f} s") if row.requests else ("", "")
            table.add_row(
                _format_label(row),
                *marks,
                *(Text(value, "dim") for value in cost_values[: len(costs)]),
            )
        if Console(width=10_000, file=StringIO()).measure(table).maximum <= width:
            return table
    return _render_narrow(names, rows)


def _format_label(row: GridRow) -> Text:
    if row.operation:
        return Text("  " + row.label)
    return Text(row.label, style="bold").append(f"  {row.note}", style="not bold dim")


def _render_narrow(names: Sequence[str], rows: Sequence[GridRow]) -> RenderableType:
    lines: list[RenderableType] = []
    for row in rows:
        line = Text("")
        for name, cell in zip(names, row.cells, strict=True):
            if cell.state not in {"none", "blank"}:
                line.append(cell.text, style=STYLES[cell.state]).append(f" {name}  ", style="dim")
        lines += [_format_label(row), Padding(line, (0, 0, 0, 4))]
    return Group(*lines)


def _print_finding(page: PrintedPage, report: Report, number: int, finding: Finding) -> None:
    page.print()
    title = Text(f"{number} ").append(finding.severity, SEVERITY_STYLES[finding.severity])
    title.append(f" {finding.id}", "bold").append(f"  {finding.api} {finding.operation}".rstrip())
    title.append(f"  {describe_state(report, finding)}".rstrip(), "bold cyan")
    page.print(Rule(title, align="left", style="dim", characters="─"))
    how_often = describe_sightings(finding)
    page.print(Text(finding.message + (f" ({how_often})" if how_often else "")))
    accepted = describe_acceptance(report, finding)
    if accepted:
        page.print(Text(accepted, style="yellow"))
    location = Text(str(finding.location), style="cyan")
    page.put(location.append(f"  {finding.location.pointer}", style="dim"))
    page.print(_render_comparison(finding, page.width))
    for line in filter(None, (finding.curl, finding.client)):
        page.put(line, "dim")
    for label, command in list_commands(report, finding).items():
        page.put(f"{label}: {command}", "dim")


def _print_parts(page: PrintedPage, cause: str, lines: Sequence[str]) -> None:
    """Print what the findings of a cause have in common, and their other locations."""
    if cause:
        page.print(Text(cause, "bold"))
    for line in lines[:MOST_PARTS]:
        page.print(Padding(Text(f"also {line}"), (0, 0, 0, 2)))
    if len(lines) > MOST_PARTS:
        page.print(Text(f"  and {len(lines) - MOST_PARTS} more, listed in report.json"))


def _print_skipped(page: PrintedPage, reasons: Mapping[str, Sequence[str]]) -> None:
    for reason, subjects in [*reasons.items()][:MOST_SKIPPED]:
        line = Text("skipped: ", style="bold").append(", ".join(subjects), "not bold default")
        page.print(line.append(f": {reason}", style="not bold default"))
    if len(reasons) > MOST_SKIPPED:
        count = len(reasons) - MOST_SKIPPED
        page.print(
            Text(f"skipped for {format_count(count, 'other reason')}, listed in report.json")
        )


def _render_comparison(finding: Finding, width: int) -> RenderableType:
    expected, got = Text(finding.expected, style="green"), Text(finding.got, style="red")
    table = build_table()
    half = (width - 22) // 2
    if width >= SIDE_BY_SIDE and max(len(expected), len(got)) <= half:
        for limit in (8, half, 3, half):
            table.add_column(max_width=limit, overflow="fold")
        table.add_row("expected", expected, "got", got)
    else:
        table.add_row("expected", expected)
        table.add_row("got", got)
    return table


def _print_uncovered(page: PrintedPage, report: Report) -> None:
    for operation, lines in list_not_covered(report):
        page.print(Text(f"not covered in {operation}", style="bold"))
        for line in lines:
            page.put(f"  {line}")


def _render_error(reason: str, subjects: Sequence[str]) -> RenderableType:
    line = Text("\ncould not check ", style=STYLES["error"])
    line.append(", ".join(subjects), "bold default")
    return line.append(f": {reason}", style="not bold default")
