"""The comparisons as a table for the terminal, with verdicts in words."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from bench.figures import Comparison

STYLES = {"met": "green", "not met": "bold red", "": ""}
SECONDS = {"s": "ms", "CPU s": "ms CPU"}


def format_figure(figure: float, unit: str) -> str:
    """A figure with its unit; seconds as milliseconds."""
    if unit in SECONDS:
        figure, unit = figure * 1000, SECONDS[unit]
    return f"{figure:.3g} {unit}" if figure < 1000 else f"{figure:.0f} {unit}"


def format_ratio(comparison: Comparison) -> str:
    """`0.45`, or `2.2x less` where that is what the target is about."""
    return f"{comparison.ratio:.2f}{'x less' * comparison.inverted}"


def format_target(comparison: Comparison) -> str:
    """`at most 1.6`, `at least 10x less`, `at most 10 packages`, or `for the record`."""
    target = comparison.target
    if target is None:
        return "for the record"
    unit = f" {comparison.unit}" if target.of == "figure" else ""
    return f"{target.direction} {target.number:g}{unit}{'x less' * comparison.inverted}"


def format_verdict(comparison: Comparison) -> str:
    """`met`, `not met`, or nothing without a target."""
    return {True: "met", False: "not met", None: ""}[comparison.met]


def build_table(comparisons: Iterable[Comparison]) -> Table:
    """Return a table with a heading for each measurement, and a row for each comparison."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("ours", "", "reference", "", "ratio", "target", ""):
        table.add_column(name)
    last = ("", "")
    for comparison in comparisons:
        heading = (comparison.measurement, comparison.subject)
        if heading != last:
            table.add_row(
                Text(comparison.measurement, style="bold"), Text(comparison.subject, style="dim")
            )
        last, word = heading, format_verdict(comparison)
        table.add_row(
            Text(f"  {comparison.ours}"),
            Text(format_figure(comparison.figure, comparison.unit)),
            Text(comparison.reference),
            Text(format_figure(comparison.reference_figure, comparison.unit)),
            Text(format_ratio(comparison)),
            Text(format_target(comparison)),
            Text(word, style=STYLES[word]),
        )
    return table
