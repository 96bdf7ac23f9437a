"""Repairs a value that violates its schema: omit optional parts, or use values of the spec."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from driftline.openapi import (
    MISSING,
    Direction,
    Spec,
    Violation,
    follow,
    is_array,
    is_object,
    join,
    list_violations,
    split,
)

_STEPS = 100
_TRIES = 300
"""The maximum number of changed values that are validated."""
_WORDS = ("default", "example")


def repair_value(
    spec: Spec, schema_pointer: str, value: Any, direction: Direction | None = None
) -> tuple[Any, list[Violation]]:
    """Return the value with as few changes as possible, and the remaining violations."""
    judge = partial(list_violations, spec, schema_pointer, direction=direction)
    best, violations = value, judge(value)
    tries = iter(range(_TRIES))
    for _ in range(_STEPS):
        repair = next(_propose_repairs(spec, best, violations, judge, tries), None)
        if repair is None:
            break
        best, violations = repair
    return best, violations


def _propose_repairs(
    spec: Spec,
    value: Any,
    violations: list[Violation],
    judge: Callable[[Any], list[Violation]],
    tries: Iterator[int],
) -> Iterator[tuple[Any, list[Violation]]]:
    """Yield values with fewer violations, and those violations."""
    for violation in violations:
        for candidate in _propose_changes(spec, value, violation):
            if next(tries, None) is None:
                return
            remaining_violations = judge(candidate)
            if len(remaining_violations) < len(violations):
                yield candidate, remaining_violations


def _propose_changes(spec: Spec, value: Any, violation: Violation) -> Iterator[Any]:
    """Yield values with the invalid part replaced or removed."""
    tokens = split(violation.path)
    for replacement in _list_named_values(spec, violation.clause):
        yield _replace_at(value, tokens, replacement)
    wrong = follow(value, violation.path)
    if is_object(wrong):
        schema = follow(spec.document, join(*split(violation.clause)[:-1]))
        properties: dict[str, Any] = schema.get("properties", {}) if is_object(schema) else {}
        yield _replace_at(
            value, tokens, {key: member for key, member in wrong.items() if key in properties}
        )
    while tokens:
        yield _replace_at(value, tokens, MISSING)
        tokens = tokens[:-1]


def _replace_at(value: Any, tokens: list[str], new: Any) -> Any:
    """Return a copy with `new` at a path, or without the part there."""
    if not tokens:
        return new
    first, *rest = tokens
    if is_object(value):
        inner = {**value, first: _replace_at(value.get(first), rest, new)}
        return {key: member for key, member in inner.items() if member is not MISSING}
    if is_array(value):
        items = [
            _replace_at(item, rest, new) if number == int(first) else item
            for number, item in enumerate(value)
        ]
        return [item for item in items if item is not MISSING]
    return value


def _list_named_values(spec: Spec, clause: str) -> Iterator[Any]:
    """Yield the values that the schema of a clause lists."""
    schema = follow(spec.document, join(*split(clause)[:-1]))
    if is_object(schema):
        yield from (schema[keyword] for keyword in _WORDS if keyword in schema)
        yield from (
            value for keyword in ("examples", "enum") for value in _as_list(schema.get(keyword))
        )


def _as_list(value: Any) -> list[Any]:
    return value if is_array(value) else []
