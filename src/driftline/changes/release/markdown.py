"""An outcome as Markdown, within the size limit of a pull request comment."""

from __future__ import annotations

from collections.abc import Iterator

from driftline.changes.release.entry import format_entry
from driftline.changes.release.outcome import Outcome
from driftline.changes.wire.formats import markdown
from driftline.markup import COMMENT_LIMIT, escape_prose, format_block, format_short_code, shorten

_SHARE = COMMENT_LIMIT // 4
_DETAIL = 2_000


def render(outcome: Outcome) -> str:
    """Return the page: both comparisons, the version, the lines for the changelog, the steps."""
    return "\n".join(_build_parts(outcome))


def _build_parts(outcome: Outcome) -> Iterator[str]:
    if not outcome.changes:
        yield "**Nothing changes for callers, on the wire or in Python.**\n"
    else:
        yield markdown.render(outcome.wire, limit=_SHARE, title="On the wire")
        yield markdown.render(outcome.python, limit=_SHARE, title="In Python")
    for each in outcome.unknown:
        yield f"Not known: {format_short_code(each, _DETAIL)}\n"
    if outcome.bump is not None:
        yield f"**Version:** {escape_prose(str(outcome.bump))}\n"
    lines = format_entry(outcome.entry)
    if outcome.changes and len(lines.encode()) <= _SHARE:
        yield f"<details><summary>For the changelog</summary>\n\n{lines}\n\n</details>\n"
    for step in outcome.steps:
        detail = f"\n{format_block(shorten(step.detail, _DETAIL))}\n" if step.detail else ""
        yield f"- {escape_prose(step.name)}: {step.outcome}{detail}"
