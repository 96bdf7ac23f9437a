"""A comparison as data: what was compared, the changes, the result, and its sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from driftline import __version__
from driftline.changes.release.version import has_major_version
from driftline.changes.wire.change import SEVERITIES, Change
from driftline.changes.wire.change_rules import ChangeRules
from driftline.changes.wire.compare import compare_apis
from driftline.changes.wire.source.document import Document
from driftline.changes.wire.source.sources import ComparedDocuments
from driftline.rules import Severity

SCHEMA_VERSION: Final = 1


@attrs.frozen
class Group:
    """The changes of the same operations of an API; without operations, of the API as a whole."""

    api: str
    operations: tuple[str, ...]
    changes: tuple[Change, ...]


@attrs.frozen(kw_only=True)
class DiffReport:
    """The differences between `old` and `new`, and their verdict.

    `versioned` are the APIs whose document has a new major version.
    """

    old: str
    new: str
    apis: tuple[str, ...]
    changes: tuple[Change, ...]
    rules: ChangeRules = attrs.field(factory=ChangeRules)
    versioned: frozenset[str] = frozenset()

    @property
    def exit_code(self) -> int:
        """0: nothing fails; 1: a change fails."""
        return int(any(map(self.is_failure, self.changes)))

    def is_failure(self, change: Change) -> bool:
        """Return whether a change makes the comparison fail."""
        return self.rules.can_fail(change, self.versioned) and not self.is_accepted(change)

    def is_accepted(self, change: Change) -> bool:
        """Return whether a valid baseline entry covers a change today."""
        entry = self.rules.find_acceptance(change)
        return entry is not None and not entry.is_over(self.rules.today)

    def count_severities(self) -> dict[Severity, int]:
        """Return how many changes there are of each severity."""
        counts = Counter(change.severity for change in self.changes)
        return {severity: counts[severity] for severity in SEVERITIES}

    def group_changes(self) -> Iterator[Group]:
        """Yield the changes grouped by affected operations, the most severe group first."""
        grouped_changes: dict[tuple[str, tuple[str, ...]], list[Change]] = {}
        for change in self.changes:
            grouped_changes.setdefault((change.api, change.operations), []).append(change)
        for (api, operations), changes in grouped_changes.items():
            yield Group(api, operations, tuple(changes))

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; diff.schema.json describes it."""
        return {
            "schema_version": SCHEMA_VERSION,
            "driftline": __version__,
            "old": self.old,
            "new": self.new,
            "exit_code": self.exit_code,
            "fail_on": self.rules.fail_on,
            "apis": list(self.apis),
            "numbers": self.count_severities(),
            "changes": [self._format_change(change) for change in self.changes],
        }

    def _format_change(self, change: Change) -> dict[str, Any]:
        entry = self.rules.find_acceptance(change)
        accepted = entry and {
            "reason": entry.reason,
            "expires": entry.expires.isoformat(),
            "expired": entry.is_over(self.rules.today),
        }
        return {**change.to_dict(), "accepted": accepted}


def report(sides: ComparedDocuments, rules: ChangeRules | None = None) -> DiffReport:
    """Compare both sides.

    Raises:
        SpecError: a part of a document cannot be read.
    """
    rules = rules or ChangeRules()
    names = dict.fromkeys(document.name for side in (sides.old, sides.new) for document in side)
    return DiffReport(
        old=sides.old_name,
        new=sides.new_name,
        apis=tuple(names),
        changes=rules.apply(compare_apis(sides.old, sides.new)),
        rules=rules,
        versioned=frozenset(_list_versioned(sides)),
    )


def _list_versioned(sides: ComparedDocuments) -> Iterator[str]:
    """Yield the APIs whose info.version on the new side is a new major version."""
    old, new = (
        {document.name: _read_version(document) for document in side}
        for side in (sides.old, sides.new)
    )
    yield from (name for name in old.keys() & new.keys() if has_major_version(old[name], new[name]))


def _read_version(document: Document) -> str:
    value = document.get_node("/info/version").value
    return value if isinstance(value, str) else ""


_NAMED = 3
"""The maximum number of operations in a heading."""


def describe_verdict(report: DiffReport) -> str:
    """Return the result of the comparison in one sentence."""
    numbers = report.count_severities()
    if not report.changes:
        return "Nothing has changed for client code."
    summary = format_counts({name: number for name, number in numbers.items() if number})
    accepted = sum(map(report.is_accepted, report.changes))
    summary += f", {accepted} in the baseline" if accepted else ""
    breaking = [change for change in report.changes if change.severity == "breaking"]
    verdict = "Client code breaks" if breaking else "No client code breaks"
    if breaking and all(map(report.is_accepted, breaking)):
        verdict = "Client code breaks, as the baseline allows"
    unversioned = dict.fromkeys(
        change.api for change in report.changes if report.is_failure(change)
    )
    if report.rules.fail_on == "unversioned" and unversioned:
        return f"Changes: {summary}. {verdict}. No new major version: {', '.join(unversioned)}."
    return f"Changes: {summary}. {verdict}."


def describe_acceptance(report: DiffReport, change: Change) -> str:
    """Return until when a change is in the baseline, and why; "" if it is not."""
    entry = report.rules.find_acceptance(change)
    if entry is None:
        return ""
    over = ", which has passed" if entry.is_over(report.rules.today) else ""
    return f"in the baseline until {entry.expires.isoformat()}{over}: {entry.reason}"


def format_counts(numbers: Mapping[Severity, int]) -> str:
    """Return counts as in `2 breaking, 1 additive`."""
    return ", ".join(f"{number:,} {name}" for name, number in numbers.items())


def format_heading(report: DiffReport, group: Group) -> str:
    """Return the operations of a group, or its subject."""
    operations = ", ".join(group.operations[:_NAMED]) or "the API as a whole"
    more = len(group.operations) - _NAMED
    heading = f"{operations} and {more} more" if more > 0 else operations
    return f"{group.api}: {heading}" if len(report.apis) > 1 else heading


def find_subject(change: Change) -> str:
    """Return the part of a message that a change is about, at its first use."""
    return change.uses[0].where if change.uses else ""


def format_locations(change: Change) -> str:
    """`v2:specs/shop.yaml:12, was v1:specs/shop.yaml:11`; one alone if they are the same."""
    if change.old == change.new:
        return str(change.new)
    return f"{change.new}, was {change.old}"
