"""One comment on a pull request, which is replaced and never repeated."""

from __future__ import annotations

from typing import Final

from driftline.ci.host import CodeHost
from driftline.markup import COMMENT_LIMIT

ROOM: Final = COMMENT_LIMIT - 200
"""In bytes, for what stands below the mark."""


def mark(name: str) -> str:
    """Return the first line, which nobody sees, of what is ours."""
    return f"<!-- driftline: {name} -->\n"


def put_comment(host: CodeHost, number: int, text: str, name: str) -> str:
    """Make the comment `name` on a pull request say `text`; return what was done."""
    whole = mark(name) + text
    ours = (each for each in host.list_pull_comments(number) if each.text.startswith(mark(name)))
    known = next(ours, None)
    if known is None:
        host.add_pull_comment(number, whole)
        return f"Commented on {number}."
    if known.text.rstrip() == whole.rstrip():
        return f"The comment on {number} is up to date."
    host.change_pull_comment(number, known.number, whole)
    return f"Updated the comment on {number}."
