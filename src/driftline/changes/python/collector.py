"""Collects the changes to a client; one that occurs in two places is reported once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from driftline.changes.python.annotations import (
    Relation,
    Type,
    collect_names,
    compare_types,
    expand_aliases,
)
from driftline.changes.rules import PYTHON_RULES
from driftline.changes.wire import Change, Use
from driftline.changes.wire.change import SEVERITIES
from driftline.errors import Location


@attrs.frozen
class Aliases:
    """The definitions of the lists of values in both versions."""

    old: Mapping[str, Type]
    new: Mapping[str, Type]

    def compare(self, old: Type, new: Type) -> Relation:
        """Return how a type changed, with its aliases expanded.

        An alias that both types use stays: its own change is reported with the alias.
        """
        shared_names = collect_names(old) & collect_names(new)
        sides = [
            expand_aliases(
                kind, {name: stands for name, stands in aliases.items() if name not in shared_names}
            )
            for kind, aliases in ((old, self.old), (new, self.new))
        ]
        return compare_types(*sides)


def _build_empty() -> dict[tuple[str, ...], Change]:
    return {}


@attrs.define
class ChangeCollector:
    """The changes to one API's client so far.

    A change of both the sync and the async client is one change, and so is that of a list of
    values, however many arguments and fields use it.
    """

    api: str
    aliases: Aliases
    _changes: dict[tuple[str, ...], Change] = attrs.field(factory=_build_empty, init=False)

    def add(
        self,
        name: str,
        message: str,
        locations: tuple[Location, Location],
        uses: Sequence[Use],
        *,
        before: str = "",
        after: str = "",
    ) -> None:
        """Add the change `python.<name>`, or another location of it."""
        rule = PYTHON_RULES[f"python.{name}"]
        key = (name, message, before, after, *map(_normalize_place, uses))
        change = self._changes.get(key)
        if change is not None:
            all_uses = tuple(dict.fromkeys((*change.uses, *uses)))
            self._changes[key] = attrs.evolve(change, uses=all_uses)
            return
        self._changes[key] = Change(
            id=rule.id,
            severity=rule.severity,
            direction=rule.direction,
            api=self.api,
            message=message,
            old=locations[0],
            new=locations[1],
            before=before,
            after=after,
            uses=tuple(uses),
        )

    def compare(self, old: Type, new: Type) -> Relation:
        """Compare two annotations."""
        return self.aliases.compare(old, new)

    def list_changes(self) -> list[Change]:
        """Return the most severe first, then in the order of the new client."""
        return sorted(
            self._changes.values(),
            key=lambda change: (
                SEVERITIES.index(change.severity),
                str(change.new.file),
                change.new.line,
                change.id,
                change.message,
            ),
        )


def _normalize_place(use: Use) -> str:
    """Return a location that is equal for the sync and the async client."""
    first, dot, rest = use.operation.partition(".")
    return f"{first.removeprefix('Async')}{dot}{rest} {use.where}"
