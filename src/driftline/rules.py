"""Rules: every kind of change, with a stable id.

Their texts are data, in a TOML file beside the code that finds them. A file has a table `rules` by
id. `hints` are what to do, by severity, unless a rule has its own `hint`; a reason such as
`$rejected` is in the table `reasons`. A rule about schemas has a severity for each direction
(`request`, `response`), and stands for two rules: `request.<id>` and `response.<id>`. A reason of
the table is followed by the effect in the direction. Both `reason` and `example` can be a table
with a string for each direction.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from typing import Any, Final, Literal, get_args

import attrs

Severity = Literal["breaking", "additive", "harmless"]
Direction = Literal["request", "response"]
_DIRECTIONS: Final[tuple[Direction, ...]] = get_args(Direction)


@attrs.frozen(kw_only=True)
class Rule:
    """The documentation of one id.

    `summary` is a phrase without a full stop; `reason`, which justifies the severity, and `hint`,
    which says what to do, are sentences. `example` is a message of `diff` with the old and the new
    value, or "" where an id has no values; for Python, where it is comes first. `subject` is the
    summary that the rules of both directions share, or "" if a rule has one direction.
    """

    id: str
    severity: Severity
    direction: Direction
    summary: str
    reason: str
    hint: str
    example: str = ""
    subject: str = ""


class Rules(Mapping[str, Rule]):
    """The rules in some TOML files of a package by id, read when one is first requested."""

    def __init__(self, package: str, *names: str, prefix: str = "") -> None:
        self._package, self._names, self._prefix = package, names, prefix

    @cached_property
    def _rules(self) -> dict[str, Rule]:
        folder = files(self._package)
        contents = (folder.joinpath(name).read_text("utf-8") for name in self._names)
        rules = [
            rule for content in contents for rule in _parse(tomllib.loads(content), self._prefix)
        ]
        return {rule.id: rule for rule in rules}

    def __getitem__(self, name: str) -> Rule:
        return self._rules[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)


def _parse(data: Mapping[str, Any], prefix: str) -> Iterator[Rule]:
    """Yield the rules of one file."""
    reasons = {f"${name}": reason for name, reason in data.get("reasons", {}).items()}
    rows = data["rules"]
    if "effects" not in data:
        for name, row in rows.items():
            fields = {"hint": data["hints"][row["severity"]], **row}
            fields["reason"] = reasons.get(row["reason"], row["reason"])
            yield Rule(id=prefix + name, **fields)
        return
    for direction in _DIRECTIONS:
        for name, row in rows.items():
            if direction in row:
                yield _build_directed(data, reasons, name, row, direction)


def _build_directed(
    data: Mapping[str, Any],
    reasons: Mapping[str, str],
    name: str,
    row: Mapping[str, Any],
    direction: Direction,
) -> Rule:
    """Return the rule about schemas for one direction."""
    severity: Severity = row[direction]
    reason, example = row["reason"], row.get("example", "")
    if not isinstance(reason, str):
        reason = reason[direction]
    elif reason in reasons:
        reason = f"{reasons[reason]} {data['effects'][direction][severity]}"
    return Rule(
        id=f"{direction}.{name}",
        severity=severity,
        direction=direction,
        summary=f"{direction}: {row['summary']}",
        reason=reason,
        hint=data["hints"][direction][severity],
        example=example if isinstance(example, str) else example.get(direction, ""),
        subject=row["summary"],
    )
