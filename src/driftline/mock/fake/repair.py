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
    best, found = value, judge(value)
    tries = iter(range(_TRIES))
    for _ in range(_STEPS):
        changed = next(_propose_repairs(spec, best, found, judge, tries), None)
        if changed is None:
            break
        best, found = changed
    return best, found


def _propose_repairs(
    spec: Spec,
    value: Any,
    found: list[Violation],
    judge: Callable[[Any], list[Violation]],
    tries: Iterator[int],
) -> Iterator[tuple[Any, list[Violation]]]:
    """Yield values with fewer violations, and those violations."""
    for violation in found:
        for changed in _propose_changes(spec, value, violation):
            if next(tries, None) is None:
                return
            left = judge(changed)
            if len(left) < len(found):
                yield changed, left


def _propose_changes(spec: Spec, value: Any, violation: Violation) -> Iterator[Any]:
    """Yield values with the invalid part replaced or removed."""
    tokens = split(violation.path)
    for known in _list_named_values(spec, violation.clause):
        yield _replace_at(value, tokens, known)
    wrong = follow(value, violation.path)
    if is_object(wrong):
        closed = follow(spec.document, join(*split(violation.clause)[:-1]))
        own: dict[str, Any] = closed.get("properties", {}) if is_object(closed) else {}
        yield _replace_at(value, tokens, {key: each for key, each in wrong.items() if key in own})
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
        return {key: each for key, each in inner.items() if each is not MISSING}
    if is_array(value):
        items = [
            _replace_at(each, rest, new) if number == int(first) else each
            for number, each in enumerate(value)
        ]
        return [each for each in items if each is not MISSING]
    return value


def _list_named_values(spec: Spec, clause: str) -> Iterator[Any]:
    """Yield the values that the schema of a clause lists."""
    schema = follow(spec.document, join(*split(clause)[:-1]))
    if is_object(schema):
        yield from (schema[word] for word in _WORDS if word in schema)
        yield from (each for word in ("examples", "enum") for each in _as_list(schema.get(word)))


def _as_list(value: Any) -> list[Any]:
    return value if is_array(value) else []
