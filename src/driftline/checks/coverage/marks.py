"""One thing that a clause allows, and how often it was seen: what coverage counts."""

from __future__ import annotations

import json
from typing import Any

import attrs

from driftline.checks.coverage.evidence import Evidence, Kind
from driftline.openapi import Spec

REQUEST = "request"
# What to say of a thing that was never seen: where it had no chance to be, and where it had.
_REASONS: dict[Kind, tuple[str, str]] = {
    "status": ("no answer at all", "another status each time"),
    "header": ("no answer of this status", "in no answer"),
    "media-type": ("no answer of this status", "another media type each time"),
    "present": ("nothing that could have it", "absent each time"),
    "absent": ("nothing that could lack it", "there each time"),
    "null": ("no value", "never null"),
    "type": ("no value", "of another type each time"),
    "value": ("no value", "another value each time"),
    "bound": ("no value was taken", "no value at the bound was taken"),
    "parameter": ("no request was taken", "in no request that was taken"),
    "credentials": ("no request was taken", "in no request that was taken"),
    "rows": ("no answer with a list", "no rows each time"),
    "second-page": ("no page after the first was asked for", "no rows on later pages"),
    "filter": ("not asked for", "no rows each time"),
    "search": ("not asked for", "no rows each time"),
    "sort": ("not asked for", "no two rows that differ in it"),
}


@attrs.define(eq=False)
class Mark:
    """One thing: `first` is the number of the request in which it was seen, 0 if in none.

    `chances` says how often it might have been seen until then.
    """

    kind: Kind
    pointer: str
    part: str
    where: str = ""
    value: str = ""
    first: int = 0
    chances: int = 0

    def note(self, number: int, is_covered: bool) -> None:
        """One more chance, taken or not, in the request of this number."""
        if not self.first:
            self.chances += 1
            self.first = number if is_covered else 0

    def recall(self, first: int) -> None:
        """What another part of the run has seen, in the request of this number."""
        self.first = min(self.first or first, first)

    def build_evidence(self, spec: Spec) -> Evidence:
        """What came of it."""
        never, otherwise = _REASONS[self.kind]
        missed = f"{otherwise} ({self.chances})" if self.chances else never
        return Evidence(
            kind=self.kind,
            location=spec.locate(self.pointer),
            part=self.part,
            where=self.where,
            value=self.value,
            first=self.first,
            reason="" if self.first else missed,
        )


def to_json_key(value: Any) -> str:
    """A JSON value as text, by which `1` and `true` differ."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
