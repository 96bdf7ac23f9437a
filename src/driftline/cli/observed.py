"""Summary of recorded traffic for the terminal: a table of files, and entries not checked."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from driftline.observe import FileLine, Observation
from driftline.terminal import PrintedPage, build_table

SHOWN = 10
"""The number of origins without a spec that are shown."""
COLUMNS = ("entries", "matched", "operations", "findings")


def format_files(found: Observation, *, width: int, color: bool) -> str:
    """Return the table, and a line for each kind of entry that was not checked."""
    page = PrintedPage(width=width, color=color)
    table = build_table()
    table.show_header = True
    for name in ("file", "kind"):
        table.add_column(name, overflow="fold")
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for line in found.files:
        counts = (line.entries, line.matched, line.operations, _count_findings(found, line))
        table.add_row(Text(line.name), line.kind or "-", *(f"{count:,}" for count in counts))
    page.print(table)
    for text in _list_notes(found):
        page.put(text)
    return page.text


def _count_findings(found: Observation, line: FileLine) -> int:
    """Count the findings that this file showed first."""
    sources = (finding.source for finding in found.report.findings)
    return sum(source.startswith(f"{line.name}, ") for source in sources)


def _list_notes(found: Observation) -> Iterator[str]:
    strays = list(found.strays.items())
    if strays:
        total = sum(found.strays.values())
        yield f"Not in any spec: {total:,} {'entry' if total == 1 else 'entries'}"
        yield from (f"  {count:,} x {place}" for place, count in strays[:SHOWN])
        if len(strays) > SHOWN:
            yield f"  {sum(count for _, count in strays[SHOWN:]):,} more"
    for line in found.files:
        for reason, count in line.unread.items():
            yield f"{line.name}: {count:,} not checked: {reason}"
        if line.bodiless:
            yield f"{line.name}: {line.bodiless:,} checked without the body, which was not recorded"
    if found.uncovered:
        yield f"Not covered: {', '.join(found.uncovered)}"
