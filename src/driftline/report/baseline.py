"""Baselines: the findings and changes that are accepted until a date, and why."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs

from driftline.checks import Finding

_ALWAYS = 5
"""So many parts of a key a finding always had; the others count where they are not empty."""


def compute_fingerprint(finding: Finding) -> str:
    """Return 16 hexadecimal digits that identify a finding across runs; independent of lines."""
    parts = [part for number, part in enumerate(finding.key) if part or number < _ALWAYS]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


@attrs.frozen(kw_only=True)
class Accepted:
    """One accepted finding or change of an operation; `where` restricts its location.

    `value` restricts it to one value: the `variant` of a finding, or the new value of a change's
    clause. It is accepted through the day `expires`. `line` is the line of the entry in its file.
    """

    api: str
    operation: str
    id: str
    reason: str
    expires: date
    where: str | None = None
    value: str | None = None
    line: int = 0

    def matches(self, finding: Finding) -> bool:
        """Return whether the entry applies to the finding, whatever the date."""
        is_same = (self.api, self.id) == (finding.api, finding.id)
        return is_same and self.covers(finding.operation, finding.where, finding.variant)

    def covers(self, operation: str, where: str, value: str) -> bool:
        """Return whether it applies to this operation, location and value."""
        is_value = self.value is None or self.value == value
        is_place = self.where is None or matches_glob(self.where, where)
        return self.operation == operation and is_value and is_place

    def is_over(self, today: date) -> bool:
        """Return whether the entry has expired."""
        return today > self.expires

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data in the order of the file, without the line."""
        fields = attrs.asdict(self, filter=lambda field, _: field.name != "line")
        fields["expires"] = self.expires.isoformat()
        order = ("api", "operation", "id", "where", "value", "reason", "expires")
        return {name: fields[name] for name in order if name != "value" or fields[name]}


@attrs.frozen
class Baseline:
    """The accepted findings of a file, and the accepted changes of specs."""

    path: Path
    entries: tuple[Accepted, ...]
    changes: tuple[Accepted, ...] = ()

    def find_entry(self, finding: Finding, today: date) -> Accepted | None:
        """Return the entry that accepts the finding, or one that has expired."""
        return find_valid((entry for entry in self.entries if entry.matches(finding)), today)

    def list_stale(self, findings: Iterable[Finding], apis: Collection[str]) -> Sequence[Accepted]:
        """Return the entries about `apis` that match none of the findings."""
        found = list(findings)
        return [
            entry
            for entry in self.entries
            if entry.api in apis and not any(map(entry.matches, found))
        ]

    def renew(
        self, findings: Iterable[Finding], apis: Collection[str], *, reason: str, expires: date,
        today: date,
    ) -> Baseline:  # fmt: skip
        """Return a baseline that accepts all of `findings`.

        An entry that already accepts one is kept.

        Other entries about `apis` are removed; entries about other APIs are kept.
        """
        kept = [entry for entry in self.entries if entry.api not in apis]
        for finding in findings:
            known = self.find_entry(finding, today)
            if known is None or known.is_over(today):
                known = Accepted(
                    api=finding.api,
                    operation=finding.operation,
                    id=finding.id,
                    where=escape(finding.where),
                    value=finding.variant or None,
                    reason=reason,
                    expires=expires,
                )
            if known not in kept:
                kept.append(known)
        return attrs.evolve(self, entries=tuple(kept))


def find_valid(entries: Iterable[Accepted], today: date) -> Accepted | None:
    """Return the entry with the latest expiry date."""
    return max(entries, key=lambda entry: (not entry.is_over(today), entry.expires), default=None)


def matches_glob(pattern: str, text: str) -> bool:
    r"""Match a pattern: `*` is any text, `?` one character, and a backslash escapes either.

    Brackets are literal: `data[].id` is a location in reports.
    """
    return _compile(pattern).fullmatch(text) is not None


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> re.Pattern[str]:
    words = {"*": ".*", "?": "."}
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    made = (words.get(p) or re.escape(p[1:] if len(p) > 1 else p) for p in parts)
    return re.compile("".join(made), re.DOTALL)


def escape(text: str) -> str:
    """Return the pattern that matches only `text`."""
    return re.sub(r"([*?\\])", r"\\\1", text)
