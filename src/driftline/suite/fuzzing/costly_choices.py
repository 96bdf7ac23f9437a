"""Schemas with too many combinations of alternatives or fields for schemathesis.

`allOf` of fourteen `oneOf`s with three alternatives each has 3^14 combinations, and thirty objects
with two fields of the next one each have 2^30 fields. schemathesis brings a schema into a canonical
form, and fills in all fields, for which it takes gigabytes of memory.
"""

from __future__ import annotations

from typing import Any, Final

from driftline.openapi import (
    Operation,
    Spec,
    is_array,
    is_object,
    join,
    parse_reference,
)

MOST_COMBINATIONS: Final = 10_000
_MOST_SCHEMAS: Final = 20_000
"""How many schemas of a request are examined."""


def find_costly_choice(spec: Spec, operation: Operation) -> str | None:
    """Return the pointer of a request's schema with too many combinations, if there is one."""
    waiting = [each.schema_pointer for each in operation.parameters if each.schema_pointer]
    if operation.body is not None:
        waiting += [each.schema_pointer for each in operation.body.content]
    counts: dict[str, float] = {}
    sizes: dict[str, float] = {}
    seen = set(waiting)
    while waiting and len(seen) < _MOST_SCHEMAS:
        pointer = waiting.pop()
        if _count_combinations(spec, pointer, counts) > MOST_COMBINATIONS:
            return pointer
        if _count_fields(spec, pointer, sizes) > MOST_COMBINATIONS:
            return pointer
        for child in _list_children(spec, pointer):
            if child not in seen:
                seen.add(child)
                waiting.append(child)
    return None


def _list_children(spec: Spec, pointer: str) -> list[str]:
    node = spec.get_node(pointer)
    if is_array(node):
        return [f"{pointer}/{index}" for index in range(len(node))]
    if not is_object(node):
        return []
    children = [
        pointer + join(key) for key, value in node.items() if isinstance(value, dict | list)
    ]
    return children + _list_references(node)


def _list_references(node: dict[str, Any]) -> list[str]:
    reference = node.get("$ref")
    is_inner = isinstance(reference, str) and reference.startswith("#")
    return [parse_reference(str(reference))] if is_inner else []


def _count_combinations(spec: Spec, pointer: str, counts: dict[str, float]) -> float:
    """Return the number of combinations of the alternatives of one schema."""
    if pointer not in counts:
        counts[pointer] = 1  # what leads back to itself adds no choice
        node = spec.get_node(pointer)
        if is_object(node):
            counts[pointer] = _multiply(spec, pointer, node, counts)
    return counts[pointer]


def _count_fields(spec: Spec, pointer: str, sizes: dict[str, float]) -> float:
    """Return the maximum number of fields of a value, including those of nested objects."""
    if pointer not in sizes:
        sizes[pointer] = 1  # what leads back to itself is written out once
        node = spec.get_node(pointer)
        parts = _list_references(node) if is_object(node) else []
        properties = node.get("properties") if is_object(node) else None
        if is_object(properties):
            parts += [pointer + join("properties", name) for name in properties]
        required = node.get("required") if is_object(node) else None
        total = 1 + sum(_count_fields(spec, part, sizes) for part in parts)
        total += len(required) if is_array(required) else 0
        sizes[pointer] = min(total, 2.0 * MOST_COMBINATIONS)
    return sizes[pointer]


def _multiply(spec: Spec, pointer: str, node: dict[str, Any], counts: dict[str, float]) -> float:
    total = 1.0
    parts = node.get("allOf")
    together = [f"{pointer}/allOf/{index}" for index in range(len(parts) if is_array(parts) else 0)]
    for part in (*together, *_list_references(node)):
        total *= _count_combinations(spec, part, counts)
    for word in ("anyOf", "oneOf"):
        listed = node.get(word)
        if is_array(listed) and listed:
            places = (f"{pointer}/{word}/{index}" for index in range(len(listed)))
            total *= sum(_count_combinations(spec, place, counts) for place in places)
    first = node.get("prefixItems")
    layouts = len(first) ** 2 if is_array(first) else 0  # an array may end at each of the items
    total = max(total, layouts)
    return min(total, 2.0 * MOST_COMBINATIONS)
