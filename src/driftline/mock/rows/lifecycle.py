"""The states of a row by x-lifecycle: its fields in each state, and when it moves on."""

from __future__ import annotations

import copy
import random
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import attrs

from driftline.mock.documents import put, remove_at
from driftline.mock.fake.data import Data
from driftline.openapi import (
    MISSING,
    Lifecycle,
    Spec,
    find_schema_at,
    follow,
    is_object,
    join,
    list_branches,
    list_choices,
    list_types as types_of,
    list_violations,
    parse_timestamp,
    split,
)

_USUAL = (3.0, 15.0)
"""The duration of a state in seconds, where the spec has none."""
_LONGEST = 3600.0
_ATTEMPTS = 8


@attrs.frozen(eq=False)
class RowLifecycle:
    """The lifecycle of the rows of one schema."""

    spec: Spec
    data: Data
    schema: str
    words: Lifecycle

    @classmethod
    def find(cls, spec: Spec, data: Data, schema: str) -> RowLifecycle | None:
        """Return the lifecycle in the schema of some rows, if any."""
        place, node = spec.resolve(schema)
        told = node.get("x-lifecycle") if is_object(node) else None
        return cls(spec, data, place, Lifecycle.parse(told)) if told else None

    def begin_row(
        self,
        row: Mapping[str, Any],
        number: int,
        now: float,
        kept: Collection[str] | None = None,
    ) -> tuple[dict[str, Any], float | None]:
        """Return a new row in its first state, and when it moves on (None: never).

        For a created row, `kept` are the fields that were sent, which are unchanged.
        """
        made = copy.deepcopy(dict(row))
        made, state = self._choose_state(made, number, kept)
        states, is_created, kept = self.words.states, kept is not None, kept or ()
        if state not in states:
            return made, None
        position = states.index(state)
        stay = self._draw_stay(position, number)
        if position < len(states) - 1:
            if is_created and self.words.begins:
                made = self._set_field(
                    made, self.words.begins, self._format_timestamp("begins", now), kept
                )
            for later in states[position + 1 :]:
                for field in self.words.adds.get(later, ()):
                    made = self._remove_field(made, field, kept)
            return self._add_fields(made, number, position, kept), now + stay
        made = self._add_fields(made, number, position, kept)
        begin = self._read_timestamp(made, self.words.begins)
        lasted = self._draw_duration(made, number)
        return self._add_end(made, begin, lasted, kept), None

    def _choose_state(
        self, row: dict[str, Any], number: int, kept: Collection[str] | None
    ) -> tuple[dict[str, Any], Any]:
        """Return the row and its first state.

        Created rows begin in the initial state, seed rows in any, by turns.
        """
        words, state = self.words, follow(row, self.words.field)
        if split(words.field)[0] in (kept or ()):
            return row, state
        if kept is not None and words.created:
            state = words.created
        elif (
            state in words.states
            or list_choices(self.spec, self._find_schema(words.field)) is not None
        ):
            return row, state
        else:
            state = words.states[number % len(words.states)]
        return self._set_field(row, words.field, state), state

    def advance_row(
        self, row: Mapping[str, Any], number: int, now: float
    ) -> tuple[dict[str, Any], float | None]:
        """Return the row in its next state at the time `now`, and when it moves on from there."""
        states = self.words.states
        made = copy.deepcopy(dict(row))
        state = follow(made, self.words.field)
        if state not in states or state == states[-1]:
            return made, None
        position = states.index(state) + 1
        made = self._set_field(made, self.words.field, states[position])
        made = self._add_fields(made, number, position)
        if position < len(states) - 1:
            return made, now + self._draw_stay(position, number)
        begin = self._read_timestamp(made, self.words.begins)
        if self.words.begins and (begin is None or not 0 <= now - begin <= _LONGEST):
            # A seed row may have begun at any time: it has just had a usual duration.
            begin = now - round(self._draw_seconds(len(states) - 2, number, "lasted"))
            made = self._set_field(made, self.words.begins, self._format_timestamp("begins", begin))
        return self._add_end(made, begin, None if begin is None else now - begin), None

    def _draw_stay(self, position: int, number: int) -> float:
        """Return the seconds that a row stays in a state."""
        return round(self._draw_seconds(position, number, f"stay {position}"), 1)

    def _draw_seconds(self, position: int, number: int, about: str) -> float:
        span = self.words.lasts.get(self.words.states[position], _USUAL)
        return self._make_random(number, about).uniform(*span)

    def _make_random(self, number: int, about: str) -> random.Random:
        return random.Random(f"{self.data.seed}:{self.schema}:{number}:{about}")  # noqa: S311

    def _add_fields(
        self, row: dict[str, Any], number: int, position: int, kept: Collection[str] = ()
    ) -> dict[str, Any]:
        """Add all fields that rows have gained up to a state."""
        for state in self.words.states[: position + 1]:
            for field in self.words.adds.get(state, ()):
                if follow(row, field) in (None, MISSING, [], ""):
                    row = self._set_field(row, field, self._make_value(field, number), kept)
        return row

    def _make_value(self, field: str, number: int) -> Any:
        place = self._find_schema(field)
        name = split(field)[-1]
        made = (self.data.make_value(place, number + more, name) for more in range(_ATTEMPTS))
        return next((value for value in made if value not in (None, [], "")), None)

    def _add_end(
        self,
        row: dict[str, Any],
        begin: float | None,
        lasted: float | None,
        kept: Collection[str] = (),
    ) -> dict[str, Any]:
        """Add matching end and duration."""
        words = self.words
        if begin is None or lasted is None:
            return row
        if words.ends and split(words.ends)[0] in kept:
            end = self._read_timestamp(row, words.ends)
            lasted = lasted if end is None or end < begin else end - begin
        elif words.ends:
            row = self._set_field(
                row, words.ends, self._format_timestamp("ends", begin + lasted), kept
            )
        if words.duration:
            row = self._set_field(row, words.duration, round(lasted * words.unit), kept)
        return row

    def _draw_duration(self, row: Mapping[str, Any], number: int) -> float:
        told = follow(row, self.words.duration) if self.words.duration else None
        if isinstance(told, (int, float)) and not isinstance(told, bool) and told >= 0:
            return round(float(told)) / self.words.unit if self.words.unit > 1 else float(told)
        return float(round(self._draw_seconds(len(self.words.states) - 2, number, "lasted")))

    def _read_timestamp(self, row: Mapping[str, Any], field: str | None) -> float | None:
        told = follow(row, field) if field else None
        if isinstance(told, str):
            return parse_timestamp(told)
        if isinstance(told, (int, float)) and not isinstance(told, bool):
            return told / 1000
        return None

    def _format_timestamp(self, word: str, timestamp: float) -> Any:
        """Return a time in the form of the field: milliseconds since 1970, or a string."""
        field = self.words.begins if word == "begins" else self.words.ends
        place = find_schema_at(self.spec, self.schema, field or "")
        if place and types_of(self.spec, place) & {"integer", "number"}:
            return round(timestamp * 1000)
        text = datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z").replace(".000Z", "Z")

    def _set_field(
        self, row: dict[str, Any], field: str, value: Any, kept: Collection[str] = ()
    ) -> dict[str, Any]:
        if split(field)[0] in kept or list_violations(self.spec, self._find_schema(field), value):
            return row
        changed: dict[str, Any] = put(row, field, value)
        return changed

    def _remove_field(
        self, row: dict[str, Any], field: str, kept: Collection[str]
    ) -> dict[str, Any]:
        """Remove a field, or set it to null, as far as the schema allows."""
        if split(field)[0] in kept or follow(row, field) in (None, MISSING):
            return row
        *parents, name = split(field)
        holder = list_branches(self.spec, self._find_schema(join(*parents)))
        if any(name in schema.get("required", ()) for _, schema in holder):
            return self._set_field(row, field, None)
        changed: dict[str, Any] = remove_at(row, field)
        return changed

    def _find_schema(self, field: str) -> str:
        place = find_schema_at(self.spec, self.schema, field)
        assert place is not None  # noqa: S101 (lint says so)
        return place
