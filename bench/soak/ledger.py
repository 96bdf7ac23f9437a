"""What became of each request: what its client saw, compared with what the mock says it did."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from bench.soak.asking import Question
from bench.soak.served import Line

_UNDONE = re.compile(r"\b(429|503|credentials=expired|reset=request)\b")
"""What goes wrong before a request is carried out."""


@attrs.frozen
class ClientOutcome:
    """The outcome of a request: a status with a complete body, or an error.

    `before` is the previous request on the same connection, `at_kill` whether the mock was killed.
    """

    question: Question
    status: int | None
    body: Any = None
    error: str = ""
    before: int = 0
    at_kill: bool = False

    @property
    def is_right(self) -> bool:
        return not self.error and self.status == self.question.status

    def __str__(self) -> str:
        target = f"{self.question.method} {self.question.api}{self.question.path}"
        return f"request {self.question.number}, {target}: {self.error or self.status}"


class Ledger:
    """All requests, and the unexpected faults."""

    def __init__(self, lines: Mapping[int, Sequence[Line]]) -> None:
        self._lines = lines
        self._created: dict[int, ClientOutcome] = {}
        self.outcomes: Counter[str] = Counter()
        self.faults: list[str] = []

    def note(self, seen: ClientOutcome) -> None:
        """Record the outcome of a request."""
        if seen.question.creates:
            self._created[seen.question.number] = seen
        self.outcomes[seen.error or str(seen.status)] += 1

    def judge(self, seen: ClientOutcome) -> None:
        """Record a fault if neither a rule nor a kill explains a wrong outcome."""
        log_lines = self._lines.get(seen.question.number, ())
        asked_for = any(line.faults for line in log_lines) or self._reset_before(seen)
        if not seen.is_right and not asked_for and not seen.at_kill:
            self.faults.append(f"not asked for: {seen}")
        if len(log_lines) > 1:
            self.faults.append(f"answered {len(log_lines)} times: {seen}")

    def _reset_before(self, seen: ClientOutcome) -> bool:
        """Whether the connection was reset after the response before, when this was on its way."""
        rules = (rule for line in self._lines.get(seen.before, ()) for rule in line.faults)
        unread = not self._lines.get(seen.question.number)
        return unread and bool(seen.error) and any("reset=after" in rule for rule in rules)

    def check_rows(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Compare the listing with the created calls: none may be lost or duplicated."""
        ids = Counter[str]()
        numbers: dict[int, list[str]] = {}
        for row in rows:
            ids[row["id"]] += 1
            properties: Mapping[str, Any] = row.get("properties") or {}
            number = properties.get("soak")
            if number is not None:
                numbers.setdefault(int(number), []).append(row["id"])
        self.faults += [f"call {id_} is listed {n} times" for id_, n in ids.items() if n > 1]
        for number, seen in self._created.items():
            fault = self._explain_created(seen, numbers.pop(number, []))
            if fault:
                self.faults.append(f"{fault}: {seen}")
        self.faults += [f"call of request {number} was never asked for" for number in numbers]

    def _explain_created(self, seen: ClientOutcome, ids: list[str]) -> str | None:
        if len(ids) > 1:
            return f"created {len(ids)} times"
        if seen.is_right:
            return None if ids == [seen.body["data"]["id"]] else f"lost (listed is {ids})"
        lines = self._lines.get(seen.question.number, ())
        if not lines:
            return None  # a kill cut it off, after it was carried out or before
        undone = any(_UNDONE.search(rule) for line in lines for rule in line.faults)
        if undone and ids:
            return "created, and refused"
        return "carried out, and lost" if not undone and not ids else None
