"""One thing that a clause allows, and how often it occurred."""

from __future__ import annotations

import json
from typing import Any

import attrs

from driftline.checks.coverage.evidence import Evidence, Kind
from driftline.openapi import Spec

REQUEST = "request"
# Why a mark is not covered: it was absent each time, or nothing could show it.
_REASONS: dict[Kind, tuple[str, str]] = {
    "status": ("no response", "only other statuses"),
    "header": ("no response with this status", "always absent"),
    "media-type": ("no response with this status", "only other media types"),
    "present": ("no object that could contain it", "always absent"),
    "absent": ("no object that could omit it", "always present"),
    "null": ("no value", "never null"),
    "type": ("no value", "only other types"),
    "value": ("no value", "only other values"),
    "bound": ("no value was accepted", "no value at the bound was accepted"),
    "parameter": ("no request was accepted", "in no accepted request"),
    "credentials": ("no request was accepted", "in no accepted request"),
    "rows": ("no response with a list", "never rows"),
    "second-page": ("no page after the first was requested", "no rows on later pages"),
    "filter": ("not requested", "never rows"),
    "search": ("not requested", "never rows"),
    "sort": ("not requested", "no two rows with different values"),
}


@attrs.define(eq=False)
class CoverageMark:
    """One thing; `first` is the number of the first request in which it occurred, 0 if in none.

    `chances` counts the occasions on which it might have occurred.
    """

    kind: Kind
    pointer: str
    part: str
    where: str = ""
    value: str = ""
    first: int = 0
    chances: int = 0

    def note(self, number: int, is_covered: bool) -> None:
        """Record one more occasion, used or not, in the request of this number."""
        if not self.first:
            self.chances += 1
            self.first = number if is_covered else 0

    def recall(self, first: int) -> None:
        """Add what another part of the run has covered in the request of this number."""
        self.first = min(self.first or first, first)

    def build_evidence(self, spec: Spec) -> Evidence:
        """Return the evidence."""
        never, otherwise = _REASONS[self.kind]
        reason = f"{otherwise} ({self.chances})" if self.chances else never
        return Evidence(
            kind=self.kind,
            location=spec.locate(self.pointer),
            part=self.part,
            where=self.where,
            value=self.value,
            first=self.first,
            reason="" if self.first else reason,
        )


def to_json_key(value: Any) -> str:
    """Return a JSON value as a string in which `1` and `true` differ."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
