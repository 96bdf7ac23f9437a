"""The rules of `driftline diff` as text for a terminal, as JSON data and as a Markdown page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from rich.text import Text

from driftline.cli.entries import printed, table
from driftline.diff import RULES, SEVERITIES, Rule
from driftline.diff.terminal import STYLES
from driftline.release import PYTHON_RULES

__all__ = ["data", "markdown", "shown"]

INTRO = """\
# What driftline diff tells of

Every change has an id that stays the same, and each id is always as grave: what is breaking may
make a caller fail who goes on as before, what is additive gives callers more, what is harmless
touches none of them. `driftline explain ID` says the same in a terminal; [diff.md](diff.md) says
how changes are found, and what of oasdiff's catalogue is among them.

This page is made by `driftline explain --changes --markdown`; do not edit it.
"""
PYTHON = """\
# In Python

What a client that is made anew changes for those who call it, by the eyes of a type checker:
`driftline generate` and `driftline release` tell of it, [release.md](release.md) says how.
"""


def data(rule: Rule) -> dict[str, Any]:
    """Plain JSON data."""
    return attrs.asdict(rule)


def shown(rule: Rule, *, width: int, color: bool) -> str:
    """All about one id."""
    title = Text(rule.id, style="bold").append(f"  {rule.severity}", STYLES[rule.severity])
    said = Text(f"{_sentence(rule.summary)} {rule.reason}")
    last = table()
    last.add_row("what to do", Text(rule.remedy))
    last.add_row("found by", Text(_found_by(rule)))
    return printed([title, said, Text(), last], width, color)


def _found_by(rule: Rule) -> str:
    if rule.id in RULES:
        return f"driftline diff, in the {rule.direction}"
    way = "give" if rule.direction == "request" else "get"
    return f"driftline generate and driftline release, in what callers {way}"


def markdown() -> str:
    """The page docs/changes.md."""
    return "\n".join([INTRO, *_tables(RULES, ""), PYTHON, *_tables(PYTHON_RULES, " in Python")])


def _tables(table: Mapping[str, Rule], where: str) -> list[str]:
    parts: list[str] = []
    for severity in SEVERITIES:
        rules = [rule for rule in table.values() if rule.severity == severity]
        parts.append(f"## {severity.capitalize()}{where}\n")
        parts.append("| id | what has changed | why it is so |\n| --- | --- | --- |")
        parts += [f"| `{rule.id}` | {_sentence(rule.summary)} | {rule.reason} |" for rule in rules]
        parts.append("")
    return parts


def _sentence(summary: str) -> str:
    return summary[:1].upper() + summary[1:] + "."
