"""Proposes the order of a listing from the values of its query parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from driftline.add.choosing import find_optional, list_properties
from driftline.add.naming.phrases import has_name, split_words
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

_ORDERS: Final = (
    *("sort", "sort_by", "sortBy", "order_by", "orderBy", "ordering", "order"),
    *("sort_field", "sortField", "sort_key", "sortKey"),
)
_DIRECTIONS: Final = (
    *("direction", "order", "sort_order", "sortOrder", "sort_direction", "sortDirection"),
    *("order_direction", "orderDirection", "sort_dir", "sortDir", "dir"),
)
_FLAGS: Final = (
    *("descending", "desc", "sort_desc", "sort_descending", "order_desc", "is_descending"),
    *("ascending", "asc", "sort_asc", "sort_ascending", "order_asc", "is_ascending"),
)
_WAYS: Final = frozenset({"asc", "desc", "ascending", "descending"})
_SIGNED: Final = re.compile(r"[-+]?(.+?)(?:[_:.,| -](?:asc|desc)(?:ending)?)?", re.I | re.S)
_ALTERNATIVES: Final = re.compile(
    r"\^(-\?|\[-\+\]\?|\[\+-\]\?|\(-\)\?)?\((?:\?:)?(\w+(?:\|\w+)*)\)\$"
)
"""A pattern that lists values, with a sign in its first group."""
_QUOTED: Final = re.compile(r"[`'\"]([-+]?\w+)[`'\"]")
_SERIES: Final = re.compile(
    r"(?<!\w)[-+]?\w+(?:(?:\s*[,|/]\s*(?:or |and )?|\s+(?:or|and)\s+)[-+]?\w+)+"
)
"""Names in a row: "title, priority or created_at"."""
_SIGN: Final = re.compile(
    r"\b(minus|hyphen|dash)\b|[`'\"(]-[`'\")]|\bprefix\w* .{0,20}-(?!\w)", re.I
)
"""What says that a sign before the name reverses the order."""
_FIRST: Final = re.compile(r"\b(newest|most recent|latest|oldest)(?: \w+)? first\b", re.I)
_MOMENTS: Final = frozenset(
    {"at", "time", "timestamp", "date", "occurred", "happened", "logged", "sent", "received"}
)
"""First words of the time of what is not created, such as an event."""
_SORTED: Final = re.compile(
    r"(?<!be )\b(?:sorted|ordered) by (?:the )?[`'\"]?(\w+)[`'\"]?,? ?(?:in )?\(?(desc)?", re.I
)
_BY: Final = re.compile(r"\bby (?:the )?[`'\"]?(\w+)")


def find_order(spec: Spec, operation: Operation, row: str) -> dict[str, Any] | None:
    """Return the `order` of a listing whose parameter lists fields of the rows.

    Or whose only parameter is the direction, with the field in its description.
    """
    direction = _find_direction(spec, operation)
    by = find_optional(operation, tuple(n for n in _ORDERS if not direction or n != direction.name))
    fields = list_properties(spec, row)
    if by is None:
        field = _find_named_field(spec, direction, fields) if direction else None
        if direction is None or field is None:
            return None if direction else _find_fixed_order(spec, operation, fields)
        return {"direction": direction.name, "fields": {field: join(field)}}
    values = _list_values(spec, by, fields)
    field_names = {value: _find_field(value, fields) for value in values}
    usable = {
        value: name for value, name in field_names.items() if name and _is_plain(spec, fields[name])
    }
    if not usable:
        return None
    order = {"by": by.name, "fields": {value: join(name) for value, name in usable.items()}}
    return order | ({"direction": direction.name} if direction else {})


def _find_fixed_order(
    spec: Spec, operation: Operation, fields: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return the order of rows that are sorted by a field, or the newest or the oldest first."""
    description = f"{operation.summary}\n{operation.description}"
    if (match := _FIRST.search(description)) is not None:
        names = [name for name in fields if split_words(name)[:1] == ("created",)]
        times = [name for name in fields if _MOMENTS & {*split_words(name)[:1]}]
        names = names or times
        is_descending = match[1].lower() != "oldest"
    elif (match := _SORTED.search(description)) is not None:
        names = [name for name in fields if split_words(name) == split_words(match[1])]
        is_descending = match[2] is not None
    else:
        return None
    if len(names) != 1 or not _is_plain(spec, fields[names[0]]):
        return None
    order = {"fields": {names[0]: join(names[0])}}
    return {**order, "descending": True} if is_descending else order


def _find_direction(spec: Spec, operation: Operation) -> Parameter | None:
    """Return the parameter with the values asc and desc, or the flag that is named like them."""
    for name in (*_DIRECTIONS, *_ORDERS):
        parameter = find_optional(operation, (name,))
        values = [value.lower() for value in _list_values(spec, parameter, {})] if parameter else []
        if values and _WAYS.issuperset(values):
            return parameter
    flags = [
        parameter
        for parameter in operation.parameters
        if has_name(parameter.name, _FLAGS)
        and list_types(spec, parameter.schema_pointer) - {"null"} == {"boolean"}
    ]
    return find_optional(operation, (flags[0].name,)) if len(flags) == 1 else None


def _list_values(spec: Spec, parameter: Parameter, fields: Mapping[str, str]) -> list[str]:
    """Return the values of an order: listed, in a pattern, or the default and what is described."""
    schema_pointer = (
        find_schema_at(spec, parameter.schema_pointer, "/0") or parameter.schema_pointer
    )
    choices = list_choices(spec, schema_pointer)
    if choices is not None:
        return [choice for choice in choices if isinstance(choice, str)]
    if list_types(spec, schema_pointer) - {"null"} != {"string"}:
        return []
    for _, schema in list_branches(spec, schema_pointer):
        if match := _ALTERNATIVES.fullmatch(str(schema.get("pattern"))):
            values = match[2].split("|")
            return [*values, *(f"-{value}" for value in values if match[1])]
    default = parameter.schema.get("default")
    defaults = [default] if isinstance(default, str) else []
    described = _list_named_fields(parameter.description, fields)
    return list(dict.fromkeys([*defaults, *_QUOTED.findall(parameter.description), *described]))


def _list_named_fields(description: str, fields: Mapping[str, str]) -> list[str]:
    """Return the fields that a description lists, and with a sign if it says what that means."""
    series = [re.findall(r"(?<!\w)[-+]?\w+", names) for names in _SERIES.findall(description)]
    name_lists = [[w for w in words if w not in {"or", "and"}] for words in series]
    values = [
        w for words in name_lists if all(w.lstrip("-+") in fields for w in words) for w in words
    ]
    reverse = [f"-{value}" for value in values] if _SIGN.search(description) else []
    return list(dict.fromkeys([*values, *(value for value in reverse if value[1] != "-")]))


def _find_field(value: str, fields: Mapping[str, str]) -> str | None:
    """Return the field in a value such as `created_at`, `-createdAt` or `CREATED_DESC`."""
    if value in fields:
        return value
    match = _SIGNED.fullmatch(value)
    words = split_words(match[1]) if match else ()
    matches = [name for name in fields if split_words(name) == words]
    return matches[0] if len(matches) == 1 else None


def _find_named_field(spec: Spec, direction: Parameter, fields: Mapping[str, str]) -> str | None:
    """Return the one field that the description of a direction names."""
    names = {name for name in _BY.findall(direction.description) if name in fields}
    name = names.pop() if len(names) == 1 else ""
    return name if name and _is_plain(spec, fields[name]) else None


def _is_plain(spec: Spec, schema_pointer: str) -> bool:
    kinds = list_types(spec, schema_pointer) - {"null"}
    return bool(kinds) and kinds <= {"string", "integer", "number"}
