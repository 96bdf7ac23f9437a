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
    is_valid,
    join,
    list_branches,
    list_choices,
    list_types as types_of,
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
    rule: Lifecycle

    @classmethod
    def find(cls, spec: Spec, data: Data, schema: str) -> RowLifecycle | None:
        """Return the lifecycle in the schema of some rows, if any."""
        pointer, node = spec.resolve(schema)
        extension = node.get("x-lifecycle") if is_object(node) else None
        return cls(spec, data, pointer, Lifecycle.parse(extension)) if extension else None

    def begin_row(
        self,
        row: Mapping[str, Any],
        number: int,
        now: float,
        kept_fields: Collection[str] | None = None,
    ) -> tuple[dict[str, Any], float | None]:
        """Return a new row in its first state, and when it moves on (None: never).

        For a created row, `kept_fields` are the fields that were sent, which are unchanged.
        """
        new_row = copy.deepcopy(dict(row))
        new_row, state = self._choose_state(new_row, number, kept_fields)
        states, is_created, kept_fields = (
            self.rule.states,
            kept_fields is not None,
            kept_fields or (),
        )
        if state not in states:
            return new_row, None
        position = states.index(state)
        stay = self._draw_stay(position, number)
        if position < len(states) - 1:
            if is_created and self.rule.begins:
                new_row = self._set_field(
                    new_row, self.rule.begins, self._format_timestamp("begins", now), kept_fields
                )
            for later in states[position + 1 :]:
                for field in self.rule.adds.get(later, ()):
                    new_row = self._remove_field(new_row, field, kept_fields)
            return self._add_fields(new_row, number, position, kept_fields), now + stay
        new_row = self._add_fields(new_row, number, position, kept_fields)
        begin = self._read_timestamp(new_row, self.rule.begins)
        lasted = self._draw_duration(new_row, number)
        return self._add_end(new_row, begin, lasted, kept_fields), None

    def _choose_state(
        self, row: dict[str, Any], number: int, kept_fields: Collection[str] | None
    ) -> tuple[dict[str, Any], Any]:
        """Return the row and its first state.

        Created rows begin in the initial state, seed rows in any, by turns.
        """
        lifecycle, state = self.rule, follow(row, self.rule.field)
        if split(lifecycle.field)[0] in (kept_fields or ()):
            return row, state
        if kept_fields is not None and lifecycle.created:
            state = lifecycle.created
        elif (
            state in lifecycle.states
            or list_choices(self.spec, self._find_schema(lifecycle.field)) is not None
        ):
            return row, state
        else:
            state = lifecycle.states[number % len(lifecycle.states)]
        return self._set_field(row, lifecycle.field, state), state

    def advance_row(
        self, row: Mapping[str, Any], number: int, now: float
    ) -> tuple[dict[str, Any], float | None]:
        """Return the row in its next state at the time `now`, and when it moves on from there."""
        states = self.rule.states
        new_row = copy.deepcopy(dict(row))
        state = follow(new_row, self.rule.field)
        if state not in states or state == states[-1]:
            return new_row, None
        position = states.index(state) + 1
        new_row = self._set_field(new_row, self.rule.field, states[position])
        new_row = self._add_fields(new_row, number, position)
        if position < len(states) - 1:
            return new_row, now + self._draw_stay(position, number)
        begin = self._read_timestamp(new_row, self.rule.begins)
        if self.rule.begins and (begin is None or not 0 <= now - begin <= _LONGEST):
            # A seed row may have begun at any time: it has just had a usual duration.
            begin = now - round(self._draw_seconds(len(states) - 2, number, "lasted"))
            new_row = self._set_field(
                new_row, self.rule.begins, self._format_timestamp("begins", begin)
            )
        return self._add_end(new_row, begin, None if begin is None else now - begin), None

    def _draw_stay(self, position: int, number: int) -> float:
        """Return the seconds that a row stays in a state."""
        return round(self._draw_seconds(position, number, f"stay {position}"), 1)

    def _draw_seconds(self, position: int, number: int, about: str) -> float:
        span = self.rule.lasts.get(self.rule.states[position], _USUAL)
        return self._make_random(number, about).uniform(*span)

    def _make_random(self, number: int, about: str) -> random.Random:
        return random.Random(f"{self.data.seed}:{self.schema}:{number}:{about}")  # noqa: S311

    def _add_fields(
        self, row: dict[str, Any], number: int, position: int, kept_fields: Collection[str] = ()
    ) -> dict[str, Any]:
        """Add all fields that rows have gained up to a state."""
        for state in self.rule.states[: position + 1]:
            for field in self.rule.adds.get(state, ()):
                if follow(row, field) in (None, MISSING, [], ""):
                    row = self._set_field(row, field, self._make_value(field, number), kept_fields)
        return row

    def _make_value(self, field: str, number: int) -> Any:
        schema_pointer = self._find_schema(field)
        name = split(field)[-1]
        values = (
            self.data.make_value(schema_pointer, number + more, name) for more in range(_ATTEMPTS)
        )
        return next((value for value in values if value not in (None, [], "")), None)

    def _add_end(
        self,
        row: dict[str, Any],
        begin: float | None,
        lasted: float | None,
        kept_fields: Collection[str] = (),
    ) -> dict[str, Any]:
        """Add matching end and duration."""
        lifecycle = self.rule
        if begin is None or lasted is None:
            return row
        if lifecycle.ends and split(lifecycle.ends)[0] in kept_fields:
            end = self._read_timestamp(row, lifecycle.ends)
            lasted = lasted if end is None or end < begin else end - begin
        elif lifecycle.ends:
            row = self._set_field(
                row, lifecycle.ends, self._format_timestamp("ends", begin + lasted), kept_fields
            )
        if lifecycle.duration:
            row = self._set_field(
                row, lifecycle.duration, round(lasted * lifecycle.unit), kept_fields
            )
        return row

    def _draw_duration(self, row: Mapping[str, Any], number: int) -> float:
        duration = follow(row, self.rule.duration) if self.rule.duration else None
        if isinstance(duration, (int, float)) and not isinstance(duration, bool) and duration >= 0:
            return (
                round(float(duration)) / self.rule.unit if self.rule.unit > 1 else float(duration)
            )
        return float(round(self._draw_seconds(len(self.rule.states) - 2, number, "lasted")))

    def _read_timestamp(self, row: Mapping[str, Any], field: str | None) -> float | None:
        value = follow(row, field) if field else None
        if isinstance(value, str):
            return parse_timestamp(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value / 1000
        return None

    def _format_timestamp(self, keyword: str, timestamp: float) -> Any:
        """Return a time in the form of the field: milliseconds since 1970, or a string."""
        field = self.rule.begins if keyword == "begins" else self.rule.ends
        schema_pointer = find_schema_at(self.spec, self.schema, field or "")
        if schema_pointer and types_of(self.spec, schema_pointer) & {"integer", "number"}:
            return round(timestamp * 1000)
        string = datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="milliseconds")
        return string.replace("+00:00", "Z").replace(".000Z", "Z")

    def _set_field(
        self, row: dict[str, Any], field: str, value: Any, kept_fields: Collection[str] = ()
    ) -> dict[str, Any]:
        if split(field)[0] in kept_fields or not is_valid(
            self.spec, self._find_schema(field), value
        ):
            return row
        changed_row: dict[str, Any] = put(row, field, value)
        return changed_row

    def _remove_field(
        self, row: dict[str, Any], field: str, kept_fields: Collection[str]
    ) -> dict[str, Any]:
        """Remove a field, or set it to null, as far as the schema allows."""
        if split(field)[0] in kept_fields or follow(row, field) in (None, MISSING):
            return row
        *parents, name = split(field)
        holder = list_branches(self.spec, self._find_schema(join(*parents)))
        if any(name in schema.get("required", ()) for _, schema in holder):
            return self._set_field(row, field, None)
        changed_row: dict[str, Any] = remove_at(row, field)
        return changed_row

    def _find_schema(self, field: str) -> str:
        schema_pointer = find_schema_at(self.spec, self.schema, field)
        assert schema_pointer is not None  # noqa: S101 (lint says so)
        return schema_pointer
