"""The comparisons as a table for the terminal: what is met is said in words."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from bench.figures import Comparison

__all__ = ["table"]

STYLES = {"met": "green", "not met": "bold red", "for the record": "dim"}
SECONDS = {"s", "CPU s"}


def shown(figure: float, unit: str) -> str:
    """A figure with its unit: seconds as milliseconds, counts without a fraction."""
    if unit in SECONDS:
        return f"{figure * 1000:.3g} {unit.removesuffix('s')}ms"
    return f"{figure:.3g} {unit}"


def ratio(comparison: Comparison) -> str:
    """`0.45`, or `2.2 times less` where that is what the target is about."""
    return f"{comparison.ratio:.2f}" + (" times less" if comparison.inverted else "")


def target(comparison: Comparison) -> str:
    """`at most 1.6`, `at least 10 times less`, `at most 10 packages`, or nothing."""
    wanted = comparison.target
    if wanted is None:
        return ""
    unit = f" {comparison.unit}" if wanted.of == "figure" else ""
    return f"{wanted.direction} {wanted.number:g}{unit}" + (
        " times less" if comparison.inverted else ""
    )


def verdict(comparison: Comparison) -> str:
    """`met`, `not met` or `for the record`."""
    return {True: "met", False: "not met", None: "for the record"}[comparison.met]


def table(comparisons: Iterable[Comparison]) -> Table:
    """One row a comparison; a measurement's name stands at its first."""
    made = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("", "what", "ours", "reference", "ratio", "target", ""):
        made.add_column(name)
    last = ""
    for each in comparisons:
        first, last = each.measurement != last, each.measurement
        word = verdict(each)
        made.add_row(
            Text(each.measurement if first else "", style="bold"),
            Text(each.what),
            Text(f"{shown(each.figure, each.unit)}  {each.ours}"),
            Text(f"{shown(each.reference_figure, each.unit)}  {each.reference}"),
            Text(ratio(each)),
            Text(target(each)),
            Text(word, style=STYLES[word]),
        )
    return made
