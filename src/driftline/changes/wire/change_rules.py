"""How changes are judged: the severity that fails, configured severities, baselines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, Literal, cast, get_args

import attrs

from driftline.changes.rules import PYTHON_RULES, RULES
from driftline.changes.wire.change import SEVERITIES, Change
from driftline.errors import FileError
from driftline.project import load_configuration
from driftline.report import Accepted, Baseline, escape, find_valid
from driftline.rules import Severity

FailOn = Literal["breaking", "additive", "harmless", "unversioned", "never"]
FAIL_ON: Final[Sequence[str]] = get_args(FailOn)


@attrs.frozen(kw_only=True)
class ChangeRules:
    """`fail_on` is the lowest severity that fails; unversioned: what breaks without a new major
    version of its document. `severities` are by the id of a change; "off" leaves it out.
    """

    fail_on: FailOn = "breaking"
    severities: Mapping[str, str] = attrs.field(factory=dict[str, str])
    baseline: Baseline | None = None
    today: date = attrs.field(factory=lambda: datetime.now(UTC).date())

    def apply(self, changes: Iterable[Change]) -> tuple[Change, ...]:
        """Return the changes with their configured severities, the most severe first."""
        configured: list[Change] = []
        for change in changes:
            severity = self.severities.get(change.id, change.severity)
            if severity != "off":
                configured.append(attrs.evolve(change, severity=cast("Severity", severity)))
        return tuple(sorted(configured, key=lambda change: SEVERITIES.index(change.severity)))

    def can_fail(self, change: Change, versioned: Collection[str]) -> bool:
        """Return whether a change may fail the comparison; `versioned` have a new major version."""
        if self.fail_on == "never":
            return False
        if self.fail_on == "unversioned":
            return change.severity == "breaking" and change.api not in versioned
        return SEVERITIES.index(change.severity) <= SEVERITIES.index(self.fail_on)

    def find_acceptance(self, change: Change) -> Accepted | None:
        """Return the baseline entry that covers the change, or has expired."""
        entries = self.baseline.changes if self.baseline else ()
        return find_valid((entry for entry in entries if _covers(entry, change)), self.today)

    def accept(self, changes: Iterable[Change], reason: str, expires: date) -> tuple[Accepted, ...]:
        """Return the entries of the baseline, and one for each change that it does not cover."""
        entries = [*self.baseline.changes] if self.baseline else []
        for change in changes:
            acceptance = self.find_acceptance(change)
            if acceptance is not None and not acceptance.is_over(self.today):
                continue
            entries = [old_entry for old_entry in entries if old_entry != acceptance]
            operation, location = next(_list_places(change))
            entry = Accepted(
                api=change.api,
                operation=operation,
                id=change.id,
                where=escape(location),
                value=change.after or change.before or None,
                reason=reason,
                expires=expires,
            )
            if entry not in entries:
                entries.append(entry)
        return tuple(entries)


def _covers(entry: Accepted, change: Change) -> bool:
    """Return whether an entry names one of the places of a change."""
    if (entry.api, entry.id) != (change.api, change.id):
        return False
    value = change.after or change.before
    return any(
        entry.covers(operation, location, value) for operation, location in _list_places(change)
    )


def _list_places(change: Change) -> Iterator[tuple[str, str]]:
    if not change.uses:
        yield "", ""
    for use in change.uses:
        yield use.operation, use.where


def load_change_rules(root: Path) -> ChangeRules:
    """Return the rules of the project in `root`, as its driftline.toml has them.

    Raises:
        FileError: the file is not valid, or names a change that does not exist.
    """
    configuration = load_configuration(root)
    severities: Mapping[str, str] = configuration.sections.get("changes", {}).get("severity", {})
    problems = tuple(
        configuration.build_problem(
            "configuration.unknown",
            ("changes", "severity", name),
            f"unknown change {name!r}",
            "Use an id that driftline explain --changes lists.",
        )
        for name in severities
        if name not in RULES and name not in PYTHON_RULES
    )
    if problems:
        raise FileError(problems)
    return ChangeRules(severities=severities)
