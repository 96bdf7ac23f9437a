"""An acceptance as Markdown, for the text of a pull request, and never longer than one may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from driftline.accept.outcome import Acceptance, describe_use, name_finding
from driftline.changes import Change
from driftline.checks import Finding
from driftline.markup import (
    escape_prose,
    fit_items,
    format_block,
    format_code,
    format_short_code,
    shorten,
)

_TEXT: Final = 300
_MOST: Final = 60
_CUT: Final = "\nThe rest does not fit here.\n"


def render(outcome: Acceptance, limit: int = 60_000) -> str:
    """Return the page in at most `limit` bytes: edits, files, changes for clients, and the rest."""
    parts = [f"{part}\n" for part in _build_parts(outcome)]
    kept = fit_items(parts, limit - len(_CUT))
    return "".join(kept) + (_CUT if len(kept) < len(parts) else "")


def _build_parts(outcome: Acceptance) -> Iterator[str]:
    if outcome.edits:
        yield "### Edits\n"
        for edit in outcome.edits[:_MOST]:
            names = ", ".join(_name(each) for each in edit.findings[:5])
            yield f"- {escape_prose(shorten(edit.proposal.summary, _TEXT))} {names}"
    for hunk in outcome.hunks[:_MOST]:
        lines = [f"- {line}" for line in hunk.removed] + [f"+ {line}" for line in hunk.added]
        yield f"\n{format_code(f'{hunk.file}:{hunk.line}')}\n"
        yield format_block("\n".join(shorten(line, _TEXT) for line in lines[:_MOST]))
    yield from _list_changes("On the wire", outcome.wire)
    yield from _list_changes("In Python", outcome.python)
    if outcome.calls:
        yield "\n### Client code that breaks\n"
        for site in outcome.calls[:_MOST]:
            yield (
                f"- {format_code(f'{site.location.file}:{site.location.line}')} "
                + format_short_code(site.message, _TEXT)
            )
    if outcome.rejections:
        yield "\n### No edit: a person has to decide\n"
        for rejection in outcome.rejections[:_MOST]:
            reason = escape_prose(f"{rejection.reason}. {rejection.hint}")
            yield f"- {_name(rejection.finding)}: {reason}"


def _list_changes(title: str, changes: tuple[Change, ...]) -> Iterator[str]:
    if not changes:
        return
    yield f"\n### {title}\n"
    for change in changes[:_MOST]:
        where = describe_use(change)
        text = shorten(f"{where}: {change.message}" if where else change.message, _TEXT)
        yield f"- {change.severity}: {format_code(text)} ({change.id})"
    if len(changes) > _MOST:
        yield f"- {len(changes) - _MOST} more"


def _name(finding: Finding) -> str:
    parts = (finding.id, finding.api, finding.operation, finding.where, name_finding(finding))
    return format_short_code(" ".join(filter(None, parts)), _TEXT)
