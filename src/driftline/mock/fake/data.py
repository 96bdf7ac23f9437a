"""Data from schemas: deterministic, plausible, and complete over its rows.

Rows take turns with enum values, optional fields and nulls: over all rows, each value occurs, each
optional field is present and absent, and each nullable value is null.
"""

from __future__ import annotations

import random
from typing import Any

from driftline.errors import Problem, SpecError
from driftline.mock.fake import ROOM, Maker, Merger, Unfakeable, ValueContext
from driftline.mock.fake.repair import repair_value
from driftline.mock.fake.text import Text
from driftline.mock.memo import remember
from driftline.openapi import (
    MISSING,
    Direction,
    Spec,
    Violation,
    get_costs,
    list_violations,
    matches_exactly,
)

_ATTEMPTS = 12
_UNREPAIRED = 3
"""Number of attempts to make a valid value before it is repaired, which omits optional parts."""
_UNLEAN = 6
"""Number of attempts with optional parts."""
_REMEMBERED = 10_000
_WHOLE = 20
"""Number of rows that show all of a large schema; later rows are only needed for paging."""
_LITTLE_ROOM = 200.0


class Data:
    """Makes values for the schemas of one spec; the same for the same seed and index.

    Values have a direction: a response has no `writeOnly` members, a request no `readOnly` ones.
    """

    def __init__(self, spec: Spec, seed: int, direction: Direction = "response") -> None:
        self.spec = spec
        self.base_seed = seed
        self.seed = f"{seed}:{spec.name}"
        self.direction: Direction = direction
        self._merger = Merger(spec, direction)
        self._orders: dict[tuple[str, int, int], list[int]] = {}
        self._failures: dict[str, SpecError] = {}

    def make_value(
        self, schema_pointer: str, index: int, name: str = "", *, is_full: bool = False
    ) -> Any:
        """Return a value for the schema at `schema_pointer`, the `index`th of its kind.

        The name of the field helps to choose a plausible one. If `is_full`, it has each optional
        field, and no null that may be something else, as far as its schema allows.

        Raises:
            SpecError: no value could be made, for example for a required string with a pattern.
        """
        if schema_pointer in self._failures:
            raise self._failures[schema_pointer]
        try:
            costly = get_costs(self.spec).find_problem(schema_pointer)
            if costly is not None:
                raise self._build_failure(costly.pointer, costly.reason)
            return self._make_valid(schema_pointer, index, name, is_full=is_full)
        except SpecError as error:
            remember(self._failures, schema_pointer, error, _REMEMBERED)
            raise

    def _make_valid(self, schema_pointer: str, index: int, name: str, *, is_full: bool) -> Any:
        context = ValueContext(name, budget=ROOM if index < _WHOLE else _LITTLE_ROOM)
        failure: SpecError | None = None
        violations: list[Violation] = []
        overlapping: Any = MISSING
        for attempt in range(_ATTEMPTS):
            seed = f"{self.seed}:{schema_pointer}:{index}:{attempt}"
            source = random.Random(seed)  # noqa: S311 (plausible, not secret)
            # Another turn, since the current one may choose the invalid part.
            turn, is_lean = index + attempt, attempt >= _UNLEAN
            full = is_full and attempt < _UNREPAIRED
            maker = Maker(self._merger, self._order, source, turn, is_lean=is_lean, is_full=full)
            try:
                value = maker.make((schema_pointer,), context)
            except Unfakeable as error:
                failure = self._build_failure(error.pointer, error.reason)
                continue
            if matches_exactly(self.spec, schema_pointer, value, self.direction):
                return value
            violations = list_violations(self.spec, schema_pointer, value, self.direction)
            if violations and attempt >= _UNREPAIRED:
                value, violations = repair_value(self.spec, schema_pointer, value, self.direction)
                if matches_exactly(self.spec, schema_pointer, value, self.direction):
                    return value
            if not violations:
                if overlapping is not MISSING:
                    break  # the maker has tried each alternative twice
                overlapping = value
        if overlapping is not MISSING:
            return overlapping  # no value matches exactly one alternative
        if violations:
            raise self._build_failure(violations[0].clause, violations[0].message)
        assert failure is not None  # noqa: S101 (each attempt failed)
        raise failure

    def _build_failure(self, pointer: str, reason: str) -> SpecError:
        location = self.spec.locate(pointer)
        message = f"no value could be generated for this schema: {reason}"
        hint = "Add an example, or simplify the schema."
        return SpecError((Problem("mock.value-impossible", location, message, hint),))

    def make_hidden_text(self, name: str, index: int) -> str:
        """Return a string that is searched but never returned."""
        source = random.Random(f"{self.seed}:hidden:{name}:{index}")  # noqa: S311
        return Text(source).make(name, None)

    def _order(self, key: str, turn: int, count: int) -> list[int]:
        """Return the order of this many choices, different each time."""
        order = self._orders.get((key, turn, count))
        if order is None:
            order = list(range(count))
            random.Random(f"{self.seed}:{key}:{turn}").shuffle(order)  # noqa: S311
            remember(self._orders, (key, turn, count), order, _REMEMBERED)
        return order
