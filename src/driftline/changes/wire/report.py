"""A comparison as data: what was compared, what came out, and what that comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, get_args

import attrs

from driftline import __version__
from driftline.changes.wire.change import SEVERITIES, Change
from driftline.changes.wire.compare import compare_apis
from driftline.changes.wire.source.sources import Both
from driftline.rules import Severity

FailOn = Literal["breaking", "additive", "harmless", "never"]
FAIL_ON: Final[Sequence[str]] = get_args(FailOn)
SCHEMA_VERSION: Final = 1


@attrs.frozen
class Group:
    """The changes that are felt in the same operations of an API; none: in the API as a whole."""

    api: str
    operations: tuple[str, ...]
    changes: tuple[Change, ...]


@attrs.frozen(kw_only=True)
class DiffReport:
    """What a comparison of `old` and `new` came to; `fail_on` is the least severity that fails."""

    old: str
    new: str
    apis: tuple[str, ...]
    changes: tuple[Change, ...]
    fail_on: FailOn = "breaking"

    @property
    def exit_code(self) -> int:
        """0: nothing that fails; 1: something does."""
        return int(any(map(self.is_failure, self.changes)))

    def is_failure(self, change: Change) -> bool:
        """Whether a change makes the comparison fail."""
        if self.fail_on == "never":
            return False
        return SEVERITIES.index(change.severity) <= SEVERITIES.index(self.fail_on)

    def count_severities(self) -> dict[Severity, int]:
        """How many changes there are of each severity."""
        found = Counter(change.severity for change in self.changes)
        return {severity: found[severity] for severity in SEVERITIES}

    def group_changes(self) -> Iterator[Group]:
        """The changes by the operations that feel them; those with the gravest first."""
        found: dict[tuple[str, tuple[str, ...]], list[Change]] = {}
        for change in self.changes:
            found.setdefault((change.api, change.operations), []).append(change)
        for (api, operations), changes in found.items():
            yield Group(api, operations, tuple(changes))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data; diff.schema.json describes it."""
        return {
            "schema_version": SCHEMA_VERSION,
            "driftline": __version__,
            "old": self.old,
            "new": self.new,
            "exit_code": self.exit_code,
            "fail_on": self.fail_on,
            "apis": list(self.apis),
            "numbers": self.count_severities(),
            "changes": [change.to_dict() for change in self.changes],
        }


def report(sides: Both, fail_on: FailOn = "breaking") -> DiffReport:
    """Compares both sides.

    Raises:
        SpecError: a part of a document cannot be read.
    """
    names = dict.fromkeys(document.name for side in (sides.old, sides.new) for document in side)
    return DiffReport(
        old=sides.old_name,
        new=sides.new_name,
        apis=tuple(names),
        changes=tuple(compare_apis(sides.old, sides.new)),
        fail_on=fail_on,
    )
