"""Schemas with too many combinations of alternatives or fields for schemathesis.

`allOf` of fourteen `oneOf`s with three alternatives each has 3^14 combinations, and thirty objects
with two fields of the next one each have 2^30 fields. schemathesis brings a schema into a canonical
form, writes out what it refers to, and fills in all fields, for which it takes gigabytes of memory.
"""

from __future__ import annotations

from math import inf
from typing import Any, Final

from driftline.openapi import (
    MOST_SIZE,
    Operation,
    Spec,
    get_costs,
    is_array,
    is_object,
    list_own_subschemas,
    parse_reference,
)

MOST_COMBINATIONS: Final = 10_000
_MOST_PARTS: Final = 50_000
_MOST_SCHEMAS: Final = 20_000
"""How many schemas of a request are examined."""


def find_costly_choice(spec: Spec, operation: Operation) -> str | None:
    """Return the pointer of a request's schema with too many combinations, if there is one."""
    pointers = [
        parameter.schema_pointer for parameter in operation.parameters if parameter.schema_pointer
    ]
    if operation.body is not None:
        pointers += [media_type.schema_pointer for media_type in operation.body.content]
    try:
        return _find_costly(spec, pointers)
    except RecursionError:  # a chain of references that is too long to follow
        return pointers[0]


def _find_costly(spec: Spec, pending: list[str]) -> str | None:
    counts: dict[str, float] = {}
    sizes: dict[str, float] = {}
    seen, pending = set(pending), [*pending]
    while pending and len(seen) < _MOST_SCHEMAS:
        pointer = pending.pop()
        if (
            _count_combinations(spec, pointer, counts) > MOST_COMBINATIONS
            or _count_parts(spec, pointer, sizes) > _MOST_PARTS
            or MOST_SIZE < get_costs(spec).estimate_size(pointer) < inf
        ):
            return pointer
        new = set(_list_parts(spec, pointer)) - seen
        seen |= new
        pending += new
    return None


def _list_parts(spec: Spec, pointer: str) -> list[str]:
    """Return the schemas that one consists of."""
    node = spec.get_node(pointer)
    references = _list_references(node) if is_object(node) else []
    return [*references, *(part for part, _ in list_own_subschemas(node, pointer))]


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


def _count_parts(spec: Spec, pointer: str, sizes: dict[str, float]) -> float:
    """Return how many schemas and names there are if all references are written out."""
    if pointer not in sizes:
        sizes[pointer] = 1  # what leads back to itself is written out once
        node = spec.get_node(pointer)
        total = 1 + sum(_count_parts(spec, part, sizes) for part in _list_parts(spec, pointer))
        total += sum(map(len, _list_lists(node))) if is_object(node) else 0
        sizes[pointer] = min(total, 2.0 * _MOST_PARTS)
    return sizes[pointer]


def _list_lists(node: dict[str, Any]) -> list[list[Any]]:
    """Return the names and values that a schema lists."""
    dependent = node.get("dependentRequired")
    dependent_names = dependent.values() if is_object(dependent) else ()
    return [
        values
        for values in (node.get("required"), node.get("enum"), *dependent_names)
        if is_array(values)
    ]


def _multiply(spec: Spec, pointer: str, node: dict[str, Any], counts: dict[str, float]) -> float:
    total = 1.0
    parts = node.get("allOf")
    together = [f"{pointer}/allOf/{index}" for index in range(len(parts) if is_array(parts) else 0)]
    for part in (*together, *_list_references(node)):
        total *= _count_combinations(spec, part, counts)
    for keyword in ("anyOf", "oneOf"):
        alternatives = node.get(keyword)
        if is_array(alternatives) and alternatives:
            branches = (f"{pointer}/{keyword}/{index}" for index in range(len(alternatives)))
            total *= sum(_count_combinations(spec, branch, counts) for branch in branches)
    total *= 2 if "if" in node else 1
    # An array may end at each of the first items, and each dependency may apply or not.
    listed = (node.get("prefixItems"), node.get("dependentRequired"), node.get("dependentSchemas"))
    layouts = max(
        len(values) ** 2 if is_array(values) or is_object(values) else 0 for values in listed
    )
    total = max(total, layouts)
    return min(total, 2.0 * MOST_COMBINATIONS)
