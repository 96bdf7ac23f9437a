"""Formats the proposals of `driftline accept` for the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.text import Text

from driftline.accept.outcome import (
    Acceptance,
    Hunk,
    describe_finding,
    describe_root,
    describe_use,
)
from driftline.changes import Change
from driftline.checks import Finding
from driftline.markup import (
    escape_prose,
    fit_items,
    format_block,
    format_code,
    format_count,
    format_short_code,
    shorten,
)
from driftline.printable import make_printable
from driftline.terminal import SEVERITY_STYLES, PrintedPage

_MOST: Final = 40


def render_terminal(outcome: Acceptance, *, width: int = 100, color: bool = False) -> str:
    """Return the acceptance as text `width` columns wide."""
    page = PrintedPage(width=width, color=color)
    for number, edit in enumerate(outcome.edits, 1):
        title = Text(f"{number} ").append(edit.proposal.summary, "bold")
        page.put(title)
        for finding in edit.findings:
            page.put(f"    {describe_finding(finding)}", "dim")
        if edit.root is not None:
            page.put(f"    {describe_root(edit)}", "yellow")
    for hunk in outcome.hunks:
        _print_hunk(page, hunk)
    _print_changes(page, "On the wire", outcome.wire)
    _print_changes(page, "In Python", outcome.python)
    for reason in outcome.unknown:
        page.put(f"Could not compare: {reason}", "yellow")
    _print_calls(page, outcome)
    for rejection in outcome.rejections:
        page.print()
        line = Text("not accepted ", style="bold red").append(
            describe_finding(rejection.finding), "bold default"
        )
        page.put(line)
        page.put(f"    {rejection.reason}")
        page.put(f"    {rejection.hint}", "dim")
    page.print()
    page.print(_describe_end(outcome))
    for finding in outcome.remaining_findings:
        page.put(f"    still there: {describe_finding(finding)}", "red")
    return page.text


def _print_hunk(page: PrintedPage, hunk: Hunk) -> None:
    page.print()
    page.put(f"{hunk.file}:{hunk.line}", "cyan")
    for sign, lines, style in (("-", hunk.removed, "red"), ("+", hunk.added, "green")):
        for line in lines[:_MOST]:
            page.print(Text(f"{sign} {make_printable(line)}", style=style), soft_wrap=True)
        if len(lines) > _MOST:
            page.print(Text(f"{sign} … {len(lines) - _MOST} more lines", style="dim"))


def _print_changes(page: PrintedPage, title: str, changes: tuple[Change, ...]) -> None:
    if not changes:
        return
    page.print()
    page.print(Text(title, style="bold"))
    for change in changes[:_MOST]:
        line = Text(f"  {change.severity:8}  ", style=SEVERITY_STYLES[change.severity])
        use = describe_use(change)
        line.append(f"{use}: " if use else "", "not bold cyan")
        line.append(f"{change.message} ({change.id})", "not bold default")
        page.put(line)
    if len(changes) > _MOST:
        page.print(Text(f"  … {len(changes) - _MOST} more", style="dim"))


def _print_calls(page: PrintedPage, outcome: Acceptance) -> None:
    if outcome.note:
        page.print(Text(f"Client code was not checked: {outcome.note}", style="yellow"))
    if outcome.calls is None:
        return
    page.print()
    head = f"Client code: {format_count(len(outcome.calls), 'broken line')}"
    page.print(Text(head, style="bold"))
    for site in outcome.calls:
        line = Text(f"  {site.location.file}:{site.location.line}: ", style="cyan")
        page.put(line.append(site.message, "default"))


def _describe_end(outcome: Acceptance) -> Text:
    edits = sum(bool(edit.proposal.edits) for edit in outcome.edits)
    if not outcome.edits and not outcome.rejections:
        return Text(
            "Nothing to accept: no finding or assumption of the report needs an edit.", "bold"
        )
    summary = format_count(edits, "edit") if edits else "No edits"
    if outcome.rejections:
        summary += f", {format_count(len(outcome.rejections), 'finding')} not accepted"
    if outcome.verdict is None:
        ending = ". Nothing was written; pass --write to apply." if edits else "."
        return Text(summary + ending, style="bold")
    style = "bold green" if outcome.verdict == "no drift" else "bold red"
    return Text(f"{summary}, written. The check afterwards: {outcome.verdict}.", style=style)


_TEXT: Final = 300
_MOST_CHANGES: Final = 60
_CUT: Final = "\nThe rest does not fit here.\n"


def render_markdown(outcome: Acceptance, limit: int = 60_000) -> str:
    """Return the page in at most `limit` bytes: edits, files, changes for clients, and the rest."""
    parts = [f"{part}\n" for part in _build_parts(outcome)]
    fitting_parts = fit_items(parts, limit - len(_CUT))
    return "".join(fitting_parts) + (_CUT if len(fitting_parts) < len(parts) else "")


def _build_parts(outcome: Acceptance) -> Iterator[str]:
    if outcome.edits:
        yield "### Edits\n"
        for edit in outcome.edits[:_MOST_CHANGES]:
            names = ", ".join(_format_finding(finding) for finding in edit.findings[:5])
            summary = escape_prose(shorten(edit.proposal.summary, _TEXT))
            yield f"- {summary} {names} {escape_prose(describe_root(edit))}".rstrip()
    for hunk in outcome.hunks[:_MOST_CHANGES]:
        lines = [f"- {line}" for line in hunk.removed] + [f"+ {line}" for line in hunk.added]
        yield f"\n{format_code(f'{hunk.file}:{hunk.line}')}\n"
        yield format_block("\n".join(shorten(line, _TEXT) for line in lines[:_MOST_CHANGES]))
    yield from _list_changes("On the wire", outcome.wire)
    yield from _list_changes("In Python", outcome.python)
    if outcome.calls:
        yield "\n### Client code that breaks\n"
        for site in outcome.calls[:_MOST_CHANGES]:
            yield (
                f"- {format_code(f'{site.location.file}:{site.location.line}')} "
                + format_short_code(site.message, _TEXT)
            )
    if outcome.rejections:
        yield "\n### No edit: decide by hand\n"
        for rejection in outcome.rejections[:_MOST_CHANGES]:
            reason = escape_prose(f"{rejection.reason}. {rejection.hint}")
            yield f"- {_format_finding(rejection.finding)}: {reason}"


def _list_changes(title: str, changes: tuple[Change, ...]) -> Iterator[str]:
    if not changes:
        return
    yield f"\n### {title}\n"
    for change in changes[:_MOST_CHANGES]:
        use = describe_use(change)
        description = shorten(f"{use}: {change.message}" if use else change.message, _TEXT)
        yield f"- {change.severity}: {format_code(description)} ({change.id})"
    if len(changes) > _MOST_CHANGES:
        yield f"- {len(changes) - _MOST_CHANGES} more"


def _format_finding(finding: Finding) -> str:
    return format_short_code(describe_finding(finding), _TEXT)
