"""JSON values as Python source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from driftline.openapi import BOUNDS, Spec, is_array, is_object, list_violations

_DEEPEST = 40


def is_fitting(spec: Spec, pointer: str, value: Any) -> bool:
    """Return whether the typed clients accept `value`; it may be out of bounds."""
    return all(violation.keyword in BOUNDS for violation in list_violations(spec, pointer, value))


def format_literal(value: Any) -> str:
    """Return a JSON value as a Python literal, strings in double quotes."""
    if isinstance(value, str):
        return '"' + "".join(map(_escape_character, value)) + '"'
    if is_array(value):
        return f"[{', '.join(map(format_literal, value))}]"
    if is_object(value):
        return (
            "{"
            + ", ".join(f"{format_literal(k)}: {format_literal(v)}" for k, v in value.items())
            + "}"
        )
    return repr(value)


def _escape_character(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    return char if char.isprintable() else repr(char)[1:-1]


def format_typed_literal(spec: Spec, pointer: str, value: Any) -> str | None:
    """`value` as the typed clients take it, such as `UUID("…")`; None if they do not.

    A text that the type would write otherwise than it stands here has no such form, nor has an
    object for which the clients have a class.
    """
    if not spec.resolve(pointer)[1]:
        return format_literal(value)
    if not is_fitting(spec, pointer, value):
        return None
    if is_array(value):
        target, _ = spec.resolve(pointer)
        items = [format_typed_literal(spec, target + "/items", item) for item in value]
        literals = [item for item in items if item is not None]
        return f"[{', '.join(literals)}]" if len(literals) == len(items) else None
    schemas = list(_list_branches(spec, pointer, 0))
    if is_object(value):
        return (
            None if any(schema.get("properties") for schema in schemas) else format_literal(value)
        )
    if not isinstance(value, str):
        return format_literal(value)
    formats = {schema.get("format") for schema in schemas}
    for name in ("uuid", "date-time", "date"):
        if name in formats:
            return _format_by_format(name, value)
    return format_literal(value)


def _format_by_format(name: str, string: str) -> str | None:
    """`datetime` is the module, as in the signatures of the clients."""
    try:
        if name == "uuid":
            return f"UUID({format_literal(string)})" if str(UUID(string)) == string else None
        if name == "date":
            same = date.fromisoformat(string).isoformat() == string
            return f"datetime.date.fromisoformat({format_literal(string)})" if same else None
        timestamp = datetime.fromisoformat(string)
    except ValueError:
        return None
    iso_string = timestamp.isoformat()
    iso_string = iso_string[:-6] + "Z" if iso_string.endswith("+00:00") else iso_string
    same = timestamp.tzinfo is not None and iso_string == string
    return f"datetime.datetime.fromisoformat({format_literal(string)})" if same else None


def _list_branches(spec: Spec, pointer: str, depth: int) -> Iterator[dict[str, Any]]:
    """Yield every schema that may apply to a value at `pointer`."""
    target, schema = spec.resolve(pointer)
    if not is_object(schema) or depth > _DEEPEST:
        return
    yield schema
    for keyword in ("anyOf", "oneOf", "allOf"):
        for index in range(len(schema.get(keyword, []))):
            yield from _list_branches(spec, f"{target}/{keyword}/{index}", depth + 1)
