"""Query parameters that choose rows of a listing or their order, where the words leave no doubt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from driftline.openapi.model import Operation, Parameter, Spec
from driftline.openapi.pointer import join
from driftline.openapi.schema.walk import find_schema_at, list_branches, list_choices, list_types

__all__ = ["find_filters", "find_order", "properties"]

_ORDERS: Final = ("sort", "sort_by", "sortBy", "order_by", "orderBy", "ordering")
_DIRECTIONS: Final = (
    *("direction", "order", "sort_order", "sortOrder", "sort_direction", "sortDirection"),
    *("order_direction", "orderDirection", "sort_dir", "sortDir"),
)
_COUNTED: Final = frozenset(
    {"count", "limit", "offset", "page", "page_size", "pageSize", "per_page", "size", "skip"}
)
"""Integers that a listing has for its pages, and not for what its rows are."""
_EQUAL: Final = ({"boolean"}, {"integer"})


def properties(spec: Spec, place: str) -> dict[str, str]:
    """Return the properties of a schema that is one object, and no choice of several."""
    found: dict[str, str] = {}
    for pointer, schema in list_branches(spec, place):
        if "oneOf" in schema or "anyOf" in schema:
            return {}
        found |= {n: pointer + join("properties", n) for n in schema.get("properties", {})}
    return found


def find_filters(
    spec: Spec, operation: Operation, row: str
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield parameters that are called like a field of a row, and have just its values."""
    fields = properties(spec, row)
    for parameter in operation.parameters:
        name = parameter.name
        if parameter.place != "query" or parameter.required or name not in fields:
            continue
        place: str | None = parameter.schema_pointer
        if place and list_types(spec, place) - {"null"} == {"array"}:
            place = find_schema_at(spec, place, "/0")
        if place and name not in _COUNTED and _are_alike(spec, place, fields[name]):
            yield name, {"field": join(name)}


def _are_alike(spec: Spec, sent: str, field: str) -> bool:
    """Return whether a parameter has values of the field: listed ones, numbers or flags."""
    asked, had = _collect_choices(spec, sent), _collect_choices(spec, field)
    if asked and had:
        return asked <= had
    kinds = list_types(spec, sent) - {"null"}
    return not asked and not had and kinds in _EQUAL and kinds == list_types(spec, field) - {"null"}


def _collect_choices(spec: Spec, place: str) -> set[str]:
    return set(map(repr, list_choices(spec, place) or ())) - {"None"}


def find_order(spec: Spec, operation: Operation, row: str) -> dict[str, Any] | None:
    """Return the `order` of a listing whose parameter lists fields of the rows by their names."""
    by = _optional(operation, _ORDERS)
    values = list_choices(spec, by.schema_pointer) if by else None
    fields = properties(spec, row)
    if by is None or not values or not all(isinstance(each, str) for each in values):
        return None
    if not all(value in fields and _is_plain(spec, fields[value]) for value in values):
        return None
    order: dict[str, Any] = {"by": by.name, "fields": {value: join(value) for value in values}}
    direction = _optional(operation, tuple(name for name in _DIRECTIONS if name != by.name))
    ways = list_choices(spec, direction.schema_pointer) if direction else None
    if direction and ways and {str(way).lower() for way in ways} == {"asc", "desc"}:
        order["direction"] = direction.name
    return order


def _optional(operation: Operation, names: tuple[str, ...]) -> Parameter | None:
    """Return the one query parameter that has one of these names."""
    found = [each for each in operation.parameters if each.name in names and not each.required]
    return found[0] if len(found) == 1 and found[0].place == "query" else None


def _is_plain(spec: Spec, place: str) -> bool:
    kinds = list_types(spec, place) - {"null"}
    return bool(kinds) and kinds <= {"string", "integer", "number"}
