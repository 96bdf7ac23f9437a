"""Proposes filters, orders, ranges and searches of a listing from unambiguous query parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from driftline.add.naming.phrases import split_words
from driftline.openapi import (
    Operation,
    Parameter,
    Spec,
    find_schema_at,
    join,
    list_branches,
    list_choices,
    list_types,
)

_ORDERS: Final = ("sort", "sort_by", "sortBy", "order_by", "orderBy", "ordering")
_DIRECTIONS: Final = (
    *("direction", "order", "sort_order", "sortOrder", "sort_direction", "sortDirection"),
    *("order_direction", "orderDirection", "sort_dir", "sortDir"),
)
_COUNTED: Final = frozenset(
    {"count", "limit", "offset", "page", "page_size", "pageSize", "per_page", "size", "skip"}
)
"""Integers that a listing has for its pages, and not for what its rows are."""
_SEARCHES: Final = (
    *("q", "query", "search", "search_query", "searchQuery", "search_text", "searchText"),
    *("keyword", "keywords"),
)
_SIGNED: Final = re.compile(r"[-+]?(.+?)(?:[_:. -](?:asc|desc)(?:ending)?)?", re.I | re.S)
_BY: Final = re.compile(r"\bby (?:the )?[`'\"]?(\w+)")
_CONTAINS: Final = re.compile(r"search|contain|match|\bpart of", re.I)
_OTHERWISE: Final = re.compile(
    r"exact|prefix|start|begin|regex|syntax|fuzzy|full.text|operator", re.I
)
"""What makes of a search something else than rows that contain the string."""
_BOUNDS: Final[Mapping[str, tuple[str, bool | None]]] = {
    **dict.fromkeys(("min", "minimum", "from", "since", "after", "start"), ("lower", None)),
    **dict.fromkeys(("max", "maximum", "to", "until", "before", "end"), ("upper", None)),
    "gte": ("lower", True),
    "gt": ("lower", False),
    "lte": ("upper", True),
    "lt": ("upper", False),
}
_TIME_ENDINGS: Final = frozenset({"at", "on", "date", "time"})
_EDGE: Final = re.compile(
    r"(?<!not )(\binclusive|\b(?:on|at) or (?:after|before)|(?:greater|less) than or equal)"
    r"|\bexclusive|\bstrictly"
)
"""The first group says that a bound is inclusive, the rest that it is not."""
_EQUAL: Final = ({"boolean"}, {"integer"})


def list_properties(spec: Spec, place: str) -> dict[str, str]:
    """Return the properties of a schema that is one object, not a choice of several."""
    found: dict[str, str] = {}
    for pointer, schema in list_branches(spec, place):
        if "oneOf" in schema or "anyOf" in schema:
            return {}
        found |= {n: pointer + join("properties", n) for n in schema.get("properties", {})}
    return found


def find_filters(
    spec: Spec, operation: Operation, row: str
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield parameters with the name and the values of a field of the rows."""
    fields = list_properties(spec, row)
    for parameter in operation.parameters:
        name = parameter.name
        found = _find_filtered_field(spec, fields, name)
        if parameter.place != "query" or parameter.required or found is None:
            continue
        path, field = found
        place: str | None = parameter.schema_pointer
        if place and list_types(spec, place) - {"null"} == {"array"}:
            place = find_schema_at(spec, place, "/0")
        if place and name not in _COUNTED and _are_alike(spec, place, field, name):
            yield name, {"field": path}


def _find_filtered_field(
    spec: Spec, fields: Mapping[str, str], name: str
) -> tuple[str, str] | None:
    """Return the field of a filter and its schema: `author_id` may mean the id in `author`."""
    if name in fields:
        return join(name), fields[name]
    above, mark, key = name.rpartition("_")
    inner = list_properties(spec, fields[above]) if mark and above in fields else {}
    return (join(above, key), inner[key]) if key in inner else None


def _are_alike(spec: Spec, sent: str, field: str, name: str) -> bool:
    """Return whether a parameter has the kind of values of the field: enum, number, flag or id."""
    asked, had = _collect_choices(spec, sent), _collect_choices(spec, field)
    if asked and had:
        return asked <= had
    kinds = list_types(spec, sent) - {"null"}
    if asked or had or kinds != list_types(spec, field) - {"null"}:
        return False
    return kinds in _EQUAL or (kinds == {"string"} and _is_id(spec, sent, field, name))


def _is_id(spec: Spec, sent: str, field: str, name: str) -> bool:
    """Return whether two strings are comparable ids, by their name or format."""
    formats = [
        {schema.get("format") for _, schema in list_branches(spec, place)} - {None}
        for place in (sent, field)
    ]
    is_key = split_words(name)[-1:] in {("id",), ("uuid",), ("sid",)}
    return formats[0] == formats[1] and (is_key or formats[0] == {"uuid"})


def find_ranges(spec: Spec, operation: Operation, row: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield parameters whose names consist of a field and a bound: `created_after`, `min_price`."""
    fields = list_properties(spec, row)
    for parameter in operation.parameters:
        if parameter.place != "query" or parameter.required or parameter.name in fields:
            continue
        found = _read_bound(parameter.name)
        named = [] if found is None else [f for f in fields if _is_stem(found[0], split_words(f))]
        if found is None or len(named) != 1:
            continue
        kinds = [_get_measure(spec, each) for each in (parameter.schema_pointer, fields[named[0]])]
        if kinds[0] and kinds[0] == kinds[1]:
            _, bound, inclusive = found
            text = parameter.description.lower()
            if inclusive is None and (match := _EDGE.search(text)):
                inclusive = match[1] is not None
            words = {"field": join(named[0]), "bound": bound}
            yield parameter.name, words if inclusive is None else {**words, "inclusive": inclusive}


def _read_bound(name: str) -> tuple[tuple[str, ...], str, bool | None] | None:
    """Return the words of the field, the end that the name bounds, and whether it is inclusive."""
    words = split_words(name)
    for first, last in ((words[:1], words[1:]), (words[-1:], words[:-1])):
        if first and last and first[0] in _BOUNDS:
            end, is_inclusive = _BOUNDS[first[0]]
            return tuple(last), end, is_inclusive
    return None


def _is_stem(stem: tuple[str, ...], field: tuple[str, ...]) -> bool:
    """Return whether a field is meant: `created` is the stem of `created_at`."""
    return field == stem or (field[:-1] == stem and field[-1] in _TIME_ENDINGS)


def _get_measure(spec: Spec, place: str) -> str:
    """Return whether values are numbers or times; "" for others."""
    kinds = list_types(spec, place) - {"null"}
    if kinds and kinds <= {"integer", "number"}:
        return "number"
    formats = {schema.get("format") for _, schema in list_branches(spec, place)} - {None}
    return "time" if kinds == {"string"} and formats <= {"date", "date-time"} and formats else ""


def _collect_choices(spec: Spec, place: str) -> set[str]:
    return set(map(repr, list_choices(spec, place) or ())) - {"None"}


def find_order(spec: Spec, operation: Operation, row: str) -> dict[str, Any] | None:
    """Return the `order` of a listing whose parameter lists fields of the rows.

    Or whose only parameter is the direction, with the field in its description.
    """
    direction = _find_direction(spec, operation)
    by = _find_optional(
        operation, tuple(n for n in _ORDERS if not direction or n != direction.name)
    )
    fields = list_properties(spec, row)
    if by is None:
        named = _find_named_field(spec, direction, fields) if direction else None
        if direction is None or named is None:
            return None
        return {"direction": direction.name, "fields": {named: join(named)}}
    place = find_schema_at(spec, by.schema_pointer, "/0") or by.schema_pointer
    found = {value: _find_field(value, fields) for value in list_choices(spec, place) or ()}
    if not found or not all(name and _is_plain(spec, fields[name]) for name in found.values()):
        return None
    order = {"by": by.name, "fields": {value: join(str(name)) for value, name in found.items()}}
    return order | ({"direction": direction.name} if direction else {})


def _find_direction(spec: Spec, operation: Operation) -> Parameter | None:
    """Return the parameter with the values asc and desc."""
    for names in (_DIRECTIONS, _ORDERS):
        found = _find_optional(operation, names)
        choices = list_choices(spec, found.schema_pointer) if found else None
        if found and choices and {str(each).lower() for each in choices} == {"asc", "desc"}:
            return found
    return None


def _find_field(value: Any, fields: Mapping[str, str]) -> str | None:
    """Return the field in a value such as `created_at`, `-createdAt` or `CREATED_DESC`."""
    if not isinstance(value, str):
        return None
    if value in fields:
        return value
    match = _SIGNED.fullmatch(value)
    words = split_words(match[1]) if match else ()
    named = [name for name in fields if split_words(name) == words]
    return named[0] if len(named) == 1 else None


def _find_named_field(spec: Spec, direction: Parameter, fields: Mapping[str, str]) -> str | None:
    """Return the one field that the description of a direction names."""
    named = {name for name in _BY.findall(direction.description) if name in fields}
    name = named.pop() if len(named) == 1 else ""
    return name if name and _is_plain(spec, fields[name]) else None


def find_search(spec: Spec, operation: Operation, row: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the parameter that searches the fields in its description."""
    parameter = _find_optional(operation, _SEARCHES)
    text = parameter.description if parameter else ""
    if parameter is None or not _CONTAINS.search(text) or _OTHERWISE.search(text):
        return
    kinds = list_types(spec, parameter.schema_pointer) - {"null"}
    named = [
        join(name)
        for name, place in list_properties(spec, row).items()
        if list_types(spec, place) - {"null"} == {"string"}
        and list_choices(spec, place) is None
        and re.search(rf"\b{re.escape(' '.join(split_words(name)))}\b", _to_plain(text))
    ]
    if kinds == {"string"} and named:
        yield parameter.name, {"fields": named}


def _to_plain(text: str) -> str:
    return " ".join(split_words(text))


def _find_optional(operation: Operation, names: tuple[str, ...]) -> Parameter | None:
    """Return the one query parameter that has one of these names."""
    found = [each for each in operation.parameters if each.name in names and not each.required]
    return found[0] if len(found) == 1 and found[0].place == "query" else None


def _is_plain(spec: Spec, place: str) -> bool:
    kinds = list_types(spec, place) - {"null"}
    return bool(kinds) and kinds <= {"string", "integer", "number"}
