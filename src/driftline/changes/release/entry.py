"""What the changelog says of a release: one line a change, by Keep a Changelog's categories."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from driftline.changes.python.rules import PYTHON_RULES
from driftline.changes.wire import RULES, Change
from driftline.markup import make_printable, shorten

CATEGORIES: Final = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
Entry = Mapping[str, list[str]]
_LONGEST: Final = 300
_OURS: Final = re.compile(r"^- .* `([a-z.-]+)`$")
_SAME: Final = re.compile(r"^- \*\*[^*]+\*\*: made anew; nothing changes for callers$")
_MARKS: Final = re.compile(r"([\\`*_\[\]<>#|~&])")


def build_entry(changes: Iterable[Change], apis: Iterable[str]) -> Entry:
    """The lines of each category; of `apis` that change nothing for callers that is said."""
    found: dict[str, list[str]] = {}
    lines: set[str] = set()
    for change in changes:
        category = _choose_category(change)
        if category:
            lines.add(change.api)
            found.setdefault(category, []).append(_format_line(change))
    for api in apis:
        if api not in lines:
            line = f"- **{_escape(api)}**: made anew; nothing changes for callers"
            found.setdefault("Changed", []).append(line)
    return {name: found[name] for name in CATEGORIES if name in found}


def format_entry(lines: Entry) -> str:
    """As it stands in the changelog, below the heading of its version."""
    return "\n\n".join(f"### {name}\n\n" + "\n".join(each) for name, each in lines.items())


def is_ours(line: str) -> bool:
    """Whether a line of a changelog is one that was made here, and may be made anew."""
    found = _OURS.match(line)
    known = found is not None and (found[1] in RULES or found[1] in PYTHON_RULES)
    return known or _SAME.match(line) is not None


def _choose_category(change: Change) -> str:
    """`""`: the line would tell callers nothing."""
    if change.id.endswith(("deprecated", "deprecation.added")) and "un" not in change.id:
        return "Deprecated"
    if change.severity == "additive":
        return "Added"
    if change.severity == "harmless":
        return ""
    return "Removed" if change.id.endswith("removed") else "Changed"


def _format_line(change: Change) -> str:
    """`- **shop** (breaking) `Shop.order.list`, limit: it is required now `python.…``."""
    named = [_format_code(each) for each in change.operations[:1]]
    more = len(change.operations) - 1
    where = change.uses[0].where if change.uses else ""
    said = [
        *named,
        *([f"and {more} more"] if more > 0 else []),
        *([_format_code(where)] if where else []),
    ]
    place = f" {', '.join(said)}:" if said else ""
    grave = " (breaking)" if change.severity == "breaking" else ""
    return f"- **{_escape(change.api)}**{grave}{place} {_escape(change.message)} `{change.id}`"


def _escape(text: str) -> str:
    """A text in which nothing is a mark of Markdown, and nobody is mentioned."""
    line = _MARKS.sub(r"\\\1", _join_lines(text))
    return line.replace("@", "@&#8203;")


def _format_code(text: str) -> str:
    line = _join_lines(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    room = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{room}{line}{room}{fence}"


def _join_lines(text: str) -> str:
    return shorten(make_printable(" ".join(text.split())), _LONGEST)
