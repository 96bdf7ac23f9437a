"""Counts what belongs to no spec, by method, host and path: no query, nothing like a secret."""

from __future__ import annotations

import re
from collections import Counter

from driftline.observe.matching import Address
from driftline.observe.readers import Event

MOST = 1000
"""So many places are told apart; of more only the host is kept."""
LONGEST = 40


class Strays:
    """Each place with how many entries it had."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()

    def add(self, method: str, place: Address | None) -> None:
        """Count a request."""
        if place is None:
            self._add("not http", "not http")
            return
        host, slash, path = place.place.partition("/")
        shown = "/".join(map(_redact_segment, (slash + path).split("/")))
        verb = method if re.fullmatch(r"[A-Z]{1,10}", method) else "?"
        self._add(f"{verb} {host}{shown}", host)

    def add_event(self, event: Event) -> None:
        """Count a line of a drift log."""
        api, operation = (name[:LONGEST] for name in (event.api, event.operation))
        self._add(f"{event.kind[:LONGEST]} in {operation} of {api or 'no named API'}", "others")

    def _add(self, place: str, coarse: str) -> None:
        known = place in self._count or len(self._count) < MOST
        self._count[place if known else coarse] += 1

    def list_most_frequent(self, number: int | None = None) -> list[tuple[str, int]]:
        """Return the places, the most frequent first."""
        return self._count.most_common(number)


def _redact_segment(segment: str) -> str:
    """Return a part of a path; ids and what may be a token are left out."""
    name = segment.partition(";")[0]
    is_id = name.isdigit() or len(name) > LONGEST
    mixed = len(name) >= 16 and any(char.isdigit() for char in name)
    return "…" if is_id or mixed else name
