"""Converts types of earlier versions, such as `nullable` of OpenAPI 3.0, to JSON Schema."""

from __future__ import annotations

from typing import Any, Final

from driftline.openapi.pointer import is_array, is_object

_BESIDE: Final = frozenset(
    {
        *("default", "deprecated", "description", "discriminator", "example", "examples"),
        *("externalDocs", "readOnly", "title", "writeOnly", "x-assumed", "xml"),
    }
)
"""What stays beside the choice between a schema and null."""
_NULL: Final = {"type": "null"}


def allow_null(schema: dict[str, Any]) -> str | None:
    """Remove the keywords, and add null to the allowed values if one of them is true.

    Returns the new pointer of the schema if it became an alternative of a choice.
    """
    words = (schema.pop("nullable", None), schema.pop("x-nullable", None))
    if True not in words:
        return None
    listed = schema.get("enum")
    if is_array(listed) and None not in listed:
        listed.append(None)
    kinds = schema.get("type")
    if isinstance(kinds, str):
        schema["type"] = kinds if kinds == "null" else [kinds, "null"]
        if schema.keys() & {"allOf", "anyOf", "oneOf", "$ref"}:
            return _choose(schema)
        return None
    if is_array(kinds):
        if "null" not in kinds:
            kinds.append("null")
        return None
    if set(schema) - _BESIDE == {"anyOf"} or set(schema) - _BESIDE == {"oneOf"}:
        _add_choice(schema, "anyOf" if "anyOf" in schema else "oneOf")
    elif set(schema) - _BESIDE - {"enum"}:
        return _choose(schema)
    return None


def _add_choice(schema: dict[str, Any], word: str) -> None:
    choices: list[Any] = schema[word]
    if not any(map(_is_nullable, choices)):
        choices.append(dict(_NULL))


def _is_nullable(schema: Any) -> bool:
    if not is_object(schema):
        return False
    kinds = schema.get("type")
    return kinds == "null" or (is_array(kinds) and "null" in kinds)


def _choose(schema: dict[str, Any]) -> str:
    """Turn a schema into a choice between itself and null; return its new pointer."""
    inner = {word: schema.pop(word) for word in list(schema) if _is_said(word)}
    parts = inner.get("allOf")
    if set(inner) == {"allOf"} and is_array(parts) and len(parts) == 1:
        schema["anyOf"] = [parts[0], dict(_NULL)]
        return "/allOf/0"
    schema["anyOf"] = [inner, dict(_NULL)]
    return ""


def _is_said(word: str) -> bool:
    return (word not in _BESIDE or word == "discriminator") and not word.startswith("x-")


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
    """Return the intended type, None for any, and whether it was written correctly."""
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
