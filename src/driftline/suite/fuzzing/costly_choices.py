"""Schemas whose alternatives combine to too many, which schemathesis would multiply out.

`allOf` of fourteen `oneOf`s with three alternatives each has 3^14 combinations. schemathesis brings
a schema into a canonical form first, for which it takes gigabytes of memory.
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
"""So many schemas of a request are looked at: a document may be larger than what is made of it."""


def find_costly_choice(spec: Spec, operation: Operation) -> str | None:
    """Return the pointer of a schema of the request with too many combinations, if there is one."""
    waiting = [each.schema_pointer for each in operation.parameters if each.schema_pointer]
    if operation.body is not None:
        waiting += [each.schema_pointer for each in operation.body.content]
    counts: dict[str, float] = {}
    seen = set(waiting)
    while waiting and len(seen) < _MOST_SCHEMAS:
        pointer = waiting.pop()
        if _count_combinations(spec, pointer, counts) > MOST_COMBINATIONS:
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
    """Return in how many ways the alternatives of one schema can be chosen."""
    if pointer not in counts:
        counts[pointer] = 1  # what leads back to itself adds no choice
        node = spec.get_node(pointer)
        if is_object(node):
            counts[pointer] = _multiply(spec, pointer, node, counts)
    return counts[pointer]


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
    return min(total, 2.0 * MOST_COMBINATIONS)
