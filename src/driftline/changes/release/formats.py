"""An outcome for terminals, and as Markdown within the size limit of a pull request comment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.text import Text

from driftline.changes.release.changelog import format_entry
from driftline.changes.release.outcome import Outcome
from driftline.changes.wire import formats
from driftline.markup import COMMENT_LIMIT, escape_prose, format_block, format_short_code, shorten
from driftline.terminal import PrintedPage

_STYLES: Final = {
    "passed": "green",
    "failed": "bold red",
    "error": "bold magenta",
    "skipped": "yellow",
}


def render_terminal(
    outcome: Outcome, *, summary: str, width: int = 100, color: bool = False
) -> str:
    """Return the outcome as text `width` columns wide; `summary` follows the files."""
    parts = [_format_files(outcome, summary, width, color)]
    if outcome.apis:
        parts += _format_changes(outcome, width, color)
    parts.append(_format_next_version(outcome, width, color))
    if outcome.steps:
        parts.append(_format_next_steps(outcome, width, color))
    return "\n".join(part for part in parts if part.strip())


def _format_files(outcome: Outcome, summary: str, width: int, color: bool) -> str:
    page = PrintedPage(width=width, color=color)
    for file in outcome.files:
        page.put(f"{file.done}: {file.path}")
    page.put(summary)
    return page.text


def _format_changes(outcome: Outcome, width: int, color: bool) -> Iterator[str]:
    if not outcome.changes:
        page = PrintedPage(width=width, color=color)
        message = "Nothing changes for client code, on the wire or in Python."
        page.print(Text(message, style="bold green"))
        yield page.text
    else:
        for title, report in (("On the wire", outcome.wire), ("In Python", outcome.python)):
            yield formats.render_terminal(report, width=width, color=color, title=title)
    for reason in outcome.unknown:
        page = PrintedPage(width=width, color=color)
        page.put(f"could not compare: {reason}", "yellow")
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


_SHARE = COMMENT_LIMIT // 4
_DETAIL = 2_000


def render_markdown(outcome: Outcome) -> str:
    """Return the page: both comparisons, the version, the lines for the changelog, the steps."""
    return "\n".join(_build_parts(outcome))


def _build_parts(outcome: Outcome) -> Iterator[str]:
    if not outcome.changes:
        yield "**Nothing changes for client code, on the wire or in Python.**\n"
    else:
        yield formats.render_markdown(outcome.wire, limit=_SHARE, title="On the wire")
        yield formats.render_markdown(outcome.python, limit=_SHARE, title="In Python")
    for reason in outcome.unknown:
        yield f"Could not compare: {format_short_code(reason, _DETAIL)}\n"
    if outcome.bump is not None:
        yield f"**Version:** {escape_prose(str(outcome.bump))}\n"
    lines = format_entry(outcome.entry)
    if outcome.changes and len(lines.encode()) <= _SHARE:
        yield f"<details><summary>For the changelog</summary>\n\n{lines}\n\n</details>\n"
    for step in outcome.steps:
        detail = f"\n{format_block(shorten(step.detail, _DETAIL))}\n" if step.detail else ""
        yield f"- {escape_prose(step.name)}: {step.outcome}{detail}"
