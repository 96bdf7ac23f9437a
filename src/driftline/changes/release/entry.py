"""The changelog entry of a release: a line for each change, by Keep a Changelog's categories."""

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
_UNCHANGED: Final = "client.unchanged"
_MARKS: Final = re.compile(r"([\\`*_\[\]<>#|~&])")


def build_entry(changes: Iterable[Change], apis: Iterable[str]) -> Entry:
    """Return the lines of each category; an API without a change has a line that says so."""
    found: dict[str, list[str]] = {}
    lines: set[str] = set()
    for change in changes:
        category = _choose_category(change)
        if category:
            lines.add(change.api)
            found.setdefault(category, []).append(_format_line(change))
    for api in apis:
        if api not in lines:
            line = "regenerated; nothing changes for client code"
            found.setdefault("Changed", []).append(f"- **{_escape(api)}**: {line} `{_UNCHANGED}`")
    return {name: found[name] for name in CATEGORIES if name in found}


def format_entry(lines: Entry) -> str:
    """Return the Markdown below the heading of a version."""
    return "\n\n".join(f"### {name}\n\n" + "\n".join(each) for name, each in lines.items())


def is_ours(line: str) -> bool:
    """Return whether a line ends with the id of a change: such lines are replaced by a release."""
    found = _OURS.match(line)
    return found is not None and (
        found[1] in RULES or found[1] in PYTHON_RULES or found[1] == _UNCHANGED
    )


def _choose_category(change: Change) -> str:
    """Return the category, or `""` if the change has no effect on client code."""
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
    names = [
        *named,
        *([f"and {more} more"] if more > 0 else []),
        *([_format_code(where)] if where else []),
    ]
    place = f" {', '.join(names)}:" if names else ""
    severity = " (breaking)" if change.severity == "breaking" else ""
    return f"- **{_escape(change.api)}**{severity}{place} {_escape(change.message)} `{change.id}`"


def _escape(text: str) -> str:
    """Return a string without Markdown syntax and without mentions of accounts."""
    line = _MARKS.sub(r"\\\1", _join_lines(text))
    return line.replace("@", "@&#8203;")


def _format_code(text: str) -> str:
    line = _join_lines(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    room = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{room}{line}{room}{fence}"


def _join_lines(text: str) -> str:
    return shorten(make_printable(" ".join(text.split())), _LONGEST)
