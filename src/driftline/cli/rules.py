"""The rules of `driftline diff` as text for a terminal, as JSON data and as a Markdown page."""

from __future__ import annotations

from typing import Any

import attrs
from rich.text import Text

from driftline.cli.entries import printed, table
from driftline.diff import RULES, SEVERITIES, Rule
from driftline.diff.terminal import STYLES

__all__ = ["data", "markdown", "shown"]

INTRO = """\
# What driftline diff tells of

Every change has an id that stays the same, and each id is always as grave: what is breaking may
make a caller fail who goes on as before, what is additive gives callers more, what is harmless
touches none of them. `driftline explain ID` says the same in a terminal; [diff.md](diff.md) says
how changes are found, and what of oasdiff's catalogue is among them.

This page is made by `driftline explain --changes --markdown`; do not edit it.
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
    last.add_row("found by", Text(f"driftline diff, in the {rule.direction}"))
    return printed([title, said, Text(), last], width, color)


def markdown() -> str:
    """The page docs/changes.md."""
    parts = [INTRO]
    for severity in SEVERITIES:
        rules = [rule for rule in RULES.values() if rule.severity == severity]
        parts.append(f"## {severity.capitalize()}\n")
        parts.append("| id | what has changed | why it is so |\n| --- | --- | --- |")
        parts += [f"| `{rule.id}` | {_sentence(rule.summary)} | {rule.reason} |" for rule in rules]
        parts.append("")
    return "\n".join(parts)


def _sentence(summary: str) -> str:
    return summary[:1].upper() + summary[1:] + "."
