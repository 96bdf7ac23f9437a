"""The evidence of a run for each clause of a spec, or why there is none, as data.

A check proves nothing about a field that no response had.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, Literal

import attrs

from driftline.errors import Location

Kind = Literal[
    "status",
    "header",
    "media-type",
    "present",
    "absent",
    "null",
    "type",
    "value",
    "bound",
    "parameter",
    "credentials",
    "rows",
    "second-page",
    "filter",
    "search",
    "sort",
]

_LAST_STEP: Final = re.compile(r"(\[\]|\.?[^.\[]+|.)$")
"""The last step of a location such as `data[].title`."""
_PARTS: Final = frozenset({"request", "response"})


@attrs.frozen(kw_only=True)
class Evidence:
    """Whether one thing that a clause allows occurred: a status, a field, its absence, a value.

    `part` is "request" or the status of the response, `where` the location in the message with
    array indexes collapsed, `value` the documented value, as JSON. `first` is the number of the
    first request that showed it; if it is 0, `reason` is what occurred instead.
    """

    kind: Kind
    location: Location
    part: str
    where: str = ""
    value: str = ""
    first: int = 0
    reason: str = ""

    @property
    def subject(self) -> str:
        """The thing in words: `200 data[].title absent`."""
        phrases = {"present": "", "status": "", "value": self.value, "parameter": ""}
        about = phrases.get(self.kind, f"{self.kind} {self.value}".strip())
        return " ".join(filter(None, (self.part, self.where, about)))

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; `from_dict` is the inverse."""
        fields = attrs.asdict(self, recurse=False)
        return {**fields, "location": self.location.to_dict()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Evidence:
        fields: dict[str, Any] = {**data, "location": Location.from_dict(data["location"])}
        return cls(**fields)


@attrs.frozen
class Coverage:
    """The evidence for one operation, in the order of the spec."""

    evidence: tuple[Evidence, ...] = ()

    @property
    def covered(self) -> int:
        """The number of covered clauses."""
        return len(self.evidence) - len(self.uncovered)

    @property
    def uncovered(self) -> Sequence[Evidence]:
        """The clauses that are not covered."""
        return [evidence for evidence in self.evidence if not evidence.first]

    def covers(self, where: str, part: str) -> bool:
        """Return whether a value occurred at a location of a message, or at its closest parent.

        The parent stands for what the spec does not document. `part` is "request" or "response";
        for any other, both count.
        """
        candidates = [
            evidence
            for evidence in self.evidence
            if evidence.kind != "absent"
            and (part not in _PARTS or (part == "request") == (evidence.part == "request"))
        ]
        while where and all(evidence.where != where for evidence in candidates):
            where = _LAST_STEP.sub("", where)
        return any(evidence.first for evidence in candidates if evidence.where == where)

    def to_list(self) -> list[dict[str, Any]]:
        """Return plain JSON data; `from_list` is the inverse."""
        return [evidence.to_dict() for evidence in self.evidence]

    @classmethod
    def from_list(cls, data: Sequence[dict[str, Any]]) -> Coverage:
        return cls(tuple(map(Evidence.from_dict, data)))
