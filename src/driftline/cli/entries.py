"""Entries of the catalogue as text for a terminal, as JSON data and as a Markdown page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import attrs
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from driftline.changes.wire import Rule
from driftline.checks.catalogue import CatalogueEntry
from driftline.openapi.lint.problem_kinds import ProblemKind
from driftline.suite import finding_docs as prose
from driftline.terminal import PrintedPage

__all__ = [
    "build_table",
    "format_entry",
    "format_list",
    "format_markdown",
    "render_parts",
    "show_problem",
    "to_data",
]

SIDE_BY_SIDE = 90
"""From this width on, a summary stands beside its id, and not below."""
STYLES = {"breaking": "bold red", "additive": "bold yellow", "assumed": "yellow"}
FAMILIES = {
    "response": "One answer against the spec",
    "request": "One request against the spec",
    "parameter": "Parameters",
    "example": "Examples",
    "security": "Credentials",
    "listing": "Listings",
    "effect": "What operations do",
    "client": "The generated client",
    "spec": "The spec itself",
    "generated": "The files in generated/",
}
INTRO = """\
# What driftline finds

Every finding has an id that stays the same. This page says of each what it means, what to do
about it, and which check finds it; `driftline explain ID` says the same in a terminal. A finding
about a clause that is only our assumption (`x-assumed`) is called assumed, whatever stands here.

This page is made by `driftline explain --markdown`; do not edit it.
"""


def to_data(entry: CatalogueEntry) -> dict[str, Any]:
    """Plain JSON data."""
    return {**attrs.asdict(entry), "checks": list(prose.found_by(entry))}


def format_list(
    entries: Sequence[CatalogueEntry | Rule | ProblemKind], *, width: int, color: bool
) -> str:
    """The ids, each with its one line."""
    if width < SIDE_BY_SIDE:
        pairs = ((Text(each.id, "bold"), Padding(each.summary, (0, 0, 0, 2))) for each in entries)
        return render_parts([part for pair in pairs for part in pair], width, color)
    found = build_table()
    for entry in entries:
        found.add_row(Text(entry.id, style="bold"), Text(entry.summary))
    return render_parts([found], width, color)


def build_table() -> Table:
    """Two columns without lines: what is told of, and what is said of it."""
    found = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    found.add_column(no_wrap=True)
    found.add_column(overflow="fold")
    return found


def format_entry(entry: CatalogueEntry, *, width: int, color: bool) -> str:
    """All about one id."""
    title = Text(entry.id, style="bold").append(f"  {entry.severity}", STYLES[entry.severity])
    example, last = build_table(), build_table()
    example.add_row("for example", Text(entry.message))
    example.add_row("expected", Text(entry.expected, style="green"))
    example.add_row("got", Text(entry.got, style="red"))
    last.add_row("what to do", Text(entry.remedy))
    last.add_row("found by", Text(prose.name_finders(entry)))
    meaning = Text(f"{prose.format_sentence(entry.summary)} {entry.meaning}")
    parts: list[RenderableType] = [title, meaning, Text(), example, Text(), last]
    return render_parts(parts, width, color)


def show_problem(kind: ProblemKind, *, width: int, color: bool) -> str:
    """Return all about a kind of problem."""
    title = Text(kind.id, style="bold")
    meaning = Text(f"{prose.format_sentence(kind.summary)} {kind.meaning}")
    return render_parts([title, meaning], width, color)


def render_parts(parts: Sequence[RenderableType], width: int, color: bool) -> str:
    """The parts below one another, as text."""
    page = PrintedPage(width=width, color=color)
    for part in parts:
        page.print(part)
    return page.text


def format_markdown(entries: Sequence[CatalogueEntry]) -> str:
    """The page docs/findings.md."""
    parts = [INTRO]
    for family, found in groupby(entries, key=_get_family):
        parts.append(f"## {FAMILIES[family]}\n")
        parts += map(_format_section, found)
    return "\n".join(parts)


def _get_family(entry: CatalogueEntry) -> str:
    return entry.id.partition(".")[0]


def _format_section(entry: CatalogueEntry) -> str:
    return f"### {entry.id}\n\n{prose.format_markdown(entry)}\n"
