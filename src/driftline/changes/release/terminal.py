"""An outcome for the terminal: what was written, what that changes, and what to call it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.text import Text

from driftline.changes.release.entry import format_entry
from driftline.changes.release.outcome import Outcome
from driftline.changes.wire.formats import terminal
from driftline.terminal import PrintedPage

_STYLES: Final = {
    "passed": "green",
    "failed": "bold red",
    "error": "bold magenta",
    "skipped": "yellow",
}


def render(outcome: Outcome, *, said: str, width: int = 100, color: bool = False) -> str:
    """Return the outcome as text `width` columns wide; `said` is what was done, after the files."""
    parts = [_format_files(outcome, said, width, color)]
    if outcome.apis:
        parts += _format_changes(outcome, width, color)
    parts.append(_format_next_version(outcome, width, color))
    if outcome.steps:
        parts.append(_format_next_steps(outcome, width, color))
    return "\n".join(part for part in parts if part.strip())


def _format_files(outcome: Outcome, said: str, width: int, color: bool) -> str:
    page = PrintedPage(width=width, color=color)
    for each in outcome.files:
        page.put(f"{each.done}: {each.path}")
    page.put(said)
    return page.text


def _format_changes(outcome: Outcome, width: int, color: bool) -> Iterator[str]:
    if not outcome.changes:
        page = PrintedPage(width=width, color=color)
        said = "Nothing changes for callers, on the wire or in Python."
        page.print(Text(said, style="bold green"))
        yield page.text
    else:
        for title, report in (("On the wire", outcome.wire), ("In Python", outcome.python)):
            yield terminal.render(report, width=width, color=color, title=title)
    for each in outcome.unknown:
        page = PrintedPage(width=width, color=color)
        page.put(f"not known: {each}", "yellow")
        yield page.text


def _format_next_version(outcome: Outcome, width: int, color: bool) -> str:
    page = PrintedPage(width=width, color=color)
    if outcome.bump is not None:
        page.print(Text("Version: ", style="bold").append(str(outcome.bump), style="not bold"))
    if outcome.changes:
        page.print(Text("For the changelog:", style="bold"))
        page.print()
        page.print(Text(format_entry(outcome.entry)), soft_wrap=True)
    return page.text


def _format_next_steps(outcome: Outcome, width: int, color: bool) -> str:
    page = PrintedPage(width=width, color=color)
    for step in outcome.steps:
        line = Text(f"{step.outcome:8}", style=_STYLES[step.outcome])
        page.print(line.append(f"{step.name}", style="not bold default"))
        if step.detail:
            page.put(step.detail)
    return page.text
