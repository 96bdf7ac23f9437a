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
from driftline.checks.catalogue import Entry, prose
from driftline.openapi.lint.problem_kinds import ProblemKind
from driftline.terminal import Page

__all__ = ["data", "listed", "markdown", "printed", "show_problem", "shown", "table"]

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
    "schemathesis": "What only schemathesis noticed",
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


def data(entry: Entry) -> dict[str, Any]:
    """Plain JSON data."""
    return {**attrs.asdict(entry), "checks": list(prose.found_by(entry))}


def listed(entries: Sequence[Entry | Rule | ProblemKind], *, width: int, color: bool) -> str:
    """The ids, each with its one line."""
    if width < SIDE_BY_SIDE:
        pairs = ((Text(each.id, "bold"), Padding(each.summary, (0, 0, 0, 2))) for each in entries)
        return printed([part for pair in pairs for part in pair], width, color)
    found = table()
    for entry in entries:
        found.add_row(Text(entry.id, style="bold"), Text(entry.summary))
    return printed([found], width, color)


def table() -> Table:
    """Two columns without lines: what is told of, and what is said of it."""
    found = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    found.add_column(no_wrap=True)
    found.add_column(overflow="fold")
    return found


def shown(entry: Entry, *, width: int, color: bool) -> str:
    """All about one id."""
    title = Text(entry.id, style="bold").append(f"  {entry.severity}", STYLES[entry.severity])
    example, last = table(), table()
    example.add_row("for example", Text(entry.message))
    example.add_row("expected", Text(entry.expected, style="green"))
    example.add_row("got", Text(entry.got, style="red"))
    last.add_row("what to do", Text(entry.remedy))
    last.add_row("found by", Text(prose.name_finders(entry)))
    meaning = Text(f"{prose.sentence(entry.summary)} {entry.meaning}")
    parts: list[RenderableType] = [title, meaning, Text(), example, Text(), last]
    return printed(parts, width, color)


def show_problem(kind: ProblemKind, *, width: int, color: bool) -> str:
    """Return all about a kind of problem."""
    title = Text(kind.id, style="bold")
    meaning = Text(f"{prose.sentence(kind.summary)} {kind.meaning}")
    return printed([title, meaning], width, color)


def printed(parts: Sequence[RenderableType], width: int, color: bool) -> str:
    """The parts below one another, as text."""
    page = Page(width=width, color=color)
    for part in parts:
        page.print(part)
    return page.text


def markdown(entries: Sequence[Entry]) -> str:
    """The page docs/findings.md."""
    parts = [INTRO]
    for family, found in groupby(entries, key=_family):
        parts.append(f"## {FAMILIES[family]}\n")
        parts += map(_section, found)
    return "\n".join(parts)


def _family(entry: Entry) -> str:
    return entry.id.partition(".")[0]


def _section(entry: Entry) -> str:
    return f"### {entry.id}\n\n{prose.markdown(entry)}\n"
