"""The types that documents name, and what they mean in JSON Schema."""

from __future__ import annotations

from typing import Any, Final

from driftline.openapi.pointer import is_array

_TYPES: Final = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})
_MEANT: Final = {
    **dict.fromkeys(("bool",), "boolean"),
    **dict.fromkeys(("int", "int32", "int64", "long", "short", "bigint"), "integer"),
    **dict.fromkeys(("float", "double", "decimal", "numeric"), "number"),
    **dict.fromkeys(("str", "text", "char", "uuid", "guid", "url", "uri", "email"), "string"),
    **dict.fromkeys(("date", "datetime", "date-time", "time", "password", "byte"), "string"),
    **dict.fromkeys(("binary", "file"), "string"),
    **dict.fromkeys(("list", "tuple", "set"), "array"),
    **dict.fromkeys(("dict", "map", "hash", "struct"), "object"),
    **dict.fromkeys(("none", "nil"), "null"),
}


def guess_type(value: Any) -> tuple[str | list[str] | None, bool]:
    """Return the type that is meant, or None for any; and whether it was written as it must be."""
    if isinstance(value, str):
        return (value, True) if value in _TYPES else (_interpret(value), False)
    if not is_array(value) or not value:
        return None, False
    names = [_interpret(each) if isinstance(each, str) else None for each in value]
    if None in names:
        return None, False
    unique = list(dict.fromkeys(str(name) for name in names))
    return unique, all(isinstance(each, str) and each in _TYPES for each in value)


def _interpret(name: str) -> str | None:
    lower = name.strip().lower()
    return lower if lower in _TYPES else _MEANT.get(lower)
