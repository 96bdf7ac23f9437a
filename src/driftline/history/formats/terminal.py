"""A history for the terminal: each clause with its days, then coverage."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from driftline.history.formats.phrases import describe_clause, describe_timeline, list_coverage
from driftline.history.timeline import Timeline
from driftline.terminal import PrintedPage, build_table

_STYLES: Final = {"open": "bold red", "unknown": "yellow", "gone": "green"}


def render(timeline: Timeline, *, width: int = 100, color: bool = False) -> str:
    """Return the history as text `width` columns wide."""
    page = PrintedPage(width=width, color=color)
    if timeline.clauses:
        table = build_table("state", "first", "last", "runs")
        table.add_column("finding", overflow="fold")
        for each in timeline.clauses:
            table.add_row(
                Text(describe_clause(each), style=_STYLES[each.state]),
                f"{each.first:%Y-%m-%d}",
                f"{each.last:%Y-%m-%d}",
                f"{each.seen}/{each.runs}",
                Text(each.clause.name).append(f"\n{each.clause.file}:{each.clause.line}", "dim"),
            )
        page.print(table)
        page.print()
    for line in list_coverage(timeline):
        page.print(Text(line))
    page.print(Text(describe_timeline(timeline), style="bold"))
    return page.text
