"""Values by which a careless server is recognized: it cuts, rounds or loses them."""

from __future__ import annotations

import re
from typing import Any, Final

from driftline.openapi import (
    EACH,
    KEYS,
    REFERENCE,
    Spec,
    ValuePath,
    find_schema_at,
    is_array,
    is_object,
    is_valid,
    join,
    list_references,
    list_value_paths,
)
from driftline.suite.examinations.rows.same_value import is_same
from driftline.suite.fuzzing.covering import cover

NUMBERS: Final = frozenset({"integer", "number"})
SHAPES: Final = ("enum", "const", "format", "pattern")
_LETTERS: Final = "aBcdefghij" * 200
_NORMALIZED: Final = re.compile(
    r"mail|user|login|slug|tag|label|code|key|handle|currency|country|locale|domain|host", re.I
)
"""Names of fields whose values a right server may write in lower case."""
_OTHER: Final = "another"
_TIME: Final = "2024-01-15T10:00:00+02:00"
_CANDIDATES: Final = 8
FRACTIONS: Final = (19.99, 0.99, 19.75, 0.5, 0.25, 1.5)
"""Numbers that lose digits where they are rounded; a schema may allow some of them."""


def lengthen_values(spec: Spec, schema_pointer: str, body: Any) -> Any:
    """Return a body with values that a careless server cuts or loses.

    Free strings have the maximum length, numbers a fraction, times an offset, and no field its
    default.
    """
    if not is_object(body):
        return body
    stretched = _lengthen_fields(spec, schema_pointer, body)
    for name, value in stretched.items():
        inner_pointer = find_schema_at(spec, schema_pointer, join(name))
        if inner_pointer and is_object(value) and value:
            inner = {**stretched, name: lengthen_values(spec, inner_pointer, value)}
            if is_valid(spec, schema_pointer, inner, "request"):
                stretched = inner
    return stretched


def _lengthen_fields(spec: Spec, schema_pointer: str, body: dict[str, Any]) -> dict[str, Any]:
    stretched = dict(body)
    for index, value_path in enumerate(list_value_paths(spec, schema_pointer)):
        name = value_path.path[0] if len(value_path.path) == 1 else ""
        if name not in body or value_path.is_read_only:
            continue
        limits = [schema["maxLength"] for _, schema in value_path.schemas if "maxLength" in schema]
        values: list[Any] = []
        if is_free_field(value_path, has_pattern=True) and limits:
            letters = _LETTERS[index % 10 :][: min(limits)]  # fields may be mixed up
            values = [letters.lower() if _NORMALIZED.search(name) else letters]
        elif "number" in value_path.types and value_path.types <= {"null", "number", "string"}:
            values = [*FRACTIONS]
        elif any(schema.get("format") == "date-time" for _, schema in value_path.schemas):
            values = [_TIME]
        elif is_default(value_path, body[name]):
            pointer = find_schema_at(spec, schema_pointer, join(name)) or ""
            candidates = cover(spec, pointer, _CANDIDATES, "request") if pointer else ()
            values = [v for v in candidates if v is not None and not is_default(value_path, v)]
        usable = (
            value
            for value in values
            if value != "" and is_allowed(spec, schema_pointer, value_path, value)
        )
        stretched[name] = next(usable, body[name])
    return stretched


def is_default(value_path: ValuePath, value: Any) -> bool:
    """Return whether a value is the documented default of a field."""
    return any("default" in s and is_same(s["default"], value) for _, s in value_path.schemas)


def add_items(spec: Spec, schema_pointer: str, body: Any) -> Any:
    """Return a body whose lists of up to one item have another one, with other values.

    Where objects refer to rows, it takes the place of the first: two lines of a product may become
    one.
    """
    if not is_object(body):
        return body
    longer = dict(body)
    paths = (reference.path for reference in list_references(spec, schema_pointer))
    referring = {path[0] for path in paths if path}
    for name, items in body.items():
        pointer = find_schema_at(spec, schema_pointer, join(name))
        if not is_array(items) or pointer is None:
            continue
        new_items = items
        if len(items) == 1 and is_object(items[0]):
            other = _change_object(spec, schema_pointer, longer, name)
            new_items = [other] if name in referring else [*items, other]
            new_items = items if other == items[0] else new_items
        elif name not in referring:
            new_items = lengthen_list(spec, pointer, items)
        candidate = {**longer, name: new_items}
        if is_valid(spec, schema_pointer, candidate, "request"):
            longer = candidate
    return longer


def _change_object(spec: Spec, schema_pointer: str, body: dict[str, Any], name: str) -> Any:
    """Return the only object of a list with other strings, numbers and flags."""
    first = other = body[name][0]
    for value_path in list_value_paths(spec, schema_pointer):
        key = value_path.path[2] if len(value_path.path) == 3 else ""
        if value_path.path[:2] != (name, EACH) or key not in other:
            continue
        value = _change_value(spec, value_path, first[key])
        changed = {**other, key: value}
        if is_valid(spec, schema_pointer, {**body, name: [changed]}, "request"):
            other = changed
    return other


def _change_value(spec: Spec, value_path: ValuePath, value: Any) -> Any:
    """Return another value for a field, if one is known."""
    if is_free(value_path):
        return _OTHER
    if list_references(spec, value_path.schemas[0][0]):
        return value
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    others = cover(spec, value_path.schemas[0][0], _CANDIDATES, "request")
    strings = (other for other in others if isinstance(other, str) and other not in ("", value))
    return next(strings, value) if isinstance(value, str) else value


def lengthen_lists(spec: Spec, pointer: str, values: list[Any]) -> list[Any]:
    """Return the lists of strings or numbers among the values with two items each."""
    if list_references(spec, pointer):
        return []
    lists = (value for value in values if is_array(value) and not any(map(is_object, value)))
    return [lengthen_list(spec, pointer, items) for items in lists]


def lengthen_list(spec: Spec, pointer: str, items: list[Any]) -> list[Any]:
    """Return a list with two different strings or numbers, if the schema at `pointer` allows it."""
    item_pointer = find_schema_at(spec, pointer, "/0")
    if item_pointer is None or len({*map(repr, items)}) > 1:
        return items
    for other in cover(spec, item_pointer, _CANDIDATES, "request"):
        is_plain = isinstance(other, str | int | float) and other != ""
        longer = [*items, other]
        if is_plain and other not in items and is_valid(spec, pointer, longer, "request"):
            items = longer
            if len(items) > 1:
                break
    return items


def is_free_field(value_path: ValuePath, *, has_pattern: bool = False) -> bool:
    is_named = len(value_path.path) == 1 and value_path.path[0] not in {EACH, KEYS}
    return is_named and is_free(value_path, has_pattern=has_pattern)


def is_free(value_path: ValuePath, *, has_pattern: bool = False) -> bool:
    """Return whether a value can be any string, perhaps of a pattern."""
    schemas = [schema for _, schema in value_path.schemas]
    shapes = {*SHAPES, REFERENCE} - ({"pattern"} if has_pattern else set())
    shaped = any(keyword in schema for schema in schemas for keyword in shapes)
    is_text = "string" in value_path.types and not value_path.types & NUMBERS
    return is_text and not shaped and not value_path.is_read_only


def is_allowed(spec: Spec, schema_pointer: str, value_path: ValuePath, value: Any) -> bool:
    """Return whether a field, or an item of its list, may have a value: one alternative allows it.

    `schema_pointer` is that of the whole body.
    """
    steps = ("0" if step == EACH else step for step in value_path.path)
    pointer = find_schema_at(spec, schema_pointer, join(*steps))
    return pointer is not None and is_valid(spec, pointer, value, "request")
