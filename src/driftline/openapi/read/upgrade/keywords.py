"""Reads single keywords of a schema: numbers, enum values, patterns, annotations."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import jsonschema_rs

from driftline.openapi.pointer import is_array, is_object, join
from driftline.openapi.read.upgrade.context import Context, read_flag

_ANNOTATIONS: Final = frozenset(
    {
        *("default", "deprecated", "description", "example", "examples", "externalDocs"),
        *("nullable", "readOnly", "title", "writeOnly", "x-nullable", "xml"),
    }
)
_DELIMITED: Final = re.compile(r"/(.*)/([a-z]*)", re.DOTALL)
_IS_OF_TYPE: Final[dict[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: type(value) is int or (type(value) is float and value.is_integer()),
    "object": is_object,
    "array": is_array,
    "null": lambda value: value is None,
}


def keep_annotations(schema: dict[str, Any]) -> None:
    """Remove everything beside a `$ref` but annotations, as OpenAPI 3.0 ignores it."""
    for keyword in list(schema):
        if keyword != "$ref" and keyword not in _ANNOTATIONS and not keyword.startswith("x-"):
            del schema[keyword]


def assume_type(schema: dict[str, Any]) -> None:
    """Read a schema with properties as an object, and one with items as an array."""
    for keyword, kind in (("properties", "object"), ("items", "array")):
        if is_object(schema.get(keyword)):
            schema["type"] = kind
            schema["x-assumed"] = {"type": f"It has {keyword}, so an {kind} is meant."}
            return


def read_number(value: Any) -> int | float | None:
    """Return the finite number in a value, which may be a string."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    try:
        number = float(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if number is None or not math.isfinite(number):
        return None
    return int(number) if number == int(number) else number


def has_url(value: object) -> bool:
    """Return whether an object has a URL."""
    return is_object(value) and isinstance(value.get("url"), str)


def find_pattern_problem(pattern: object) -> tuple[str, str]:
    """Return the problem id and message of an unusable pattern."""
    return "schema.pattern-invalid", f"not a regular expression: {str(pattern)[:80]!r}"


def read_pattern(pattern: str) -> str | None:
    r"""Return a pattern in ECMA-262 syntax; None if a schema cannot express it.

    Some documents write it between slashes with flags, or anchored with `\A` and `\z`.
    """
    literal = _DELIMITED.fullmatch(pattern)
    if literal and (literal[1].startswith("^") or literal[1].endswith("$")):
        if "i" in literal[2]:
            return None
        pattern = literal[1]
    if pattern.startswith(r"\A"):
        pattern = "^" + pattern[2:]
    if re.search(r"(?<!\\)\\[zZ]$", pattern):
        pattern = pattern[:-2] + "$"
    return pattern


@lru_cache(maxsize=4096)
def is_usable_pattern(pattern: str) -> bool:
    """Return whether a pattern is a usable regular expression."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (jsonschema_rs.ValidationError, ValueError, OverflowError, RecursionError):
        return False
    return True


def fit_values(values: list[Any], kind: Any) -> list[Any]:
    """Return the values converted to a type, if all of them have another."""
    if is_array(kind):
        kinds = [name for name in kind if name != "null"]
        kind = kinds[0] if len(kinds) == 1 else None
    if not isinstance(kind, str) or all(value is None for value in values):
        return values
    if kind == "string" and not any(isinstance(value, str) or value is None for value in values):
        return [_write_scalar(value) for value in values]
    if kind in {"integer", "number"} and all(isinstance(value, str) for value in values):
        numbers = [read_number(value) for value in values]
        return values if None in numbers else numbers
    if kind == "boolean" and values and all(value in ("true", "false") for value in values):
        return [value == "true" for value in values]
    return values


def find_unmet_word(values: list[Any], kind: Any) -> str:
    """Return which of `type` and `enum` to remove if no value has the type; "" if neither.

    Scalar values are more reliable than the type. If the type is an object, the type is kept.
    """
    kinds = kind if is_array(kind) else [kind]
    tests = [_IS_OF_TYPE[name] for name in kinds if isinstance(name, str) and name in _IS_OF_TYPE]
    non_null = [value for value in values if value is not None]  # which `nullable` may allow
    if not non_null or len(tests) < len(kinds) or any(test(v) for test in tests for v in non_null):
        return ""
    return "enum" if {"object", "array"} & set(kinds) else "type"


def _write_scalar(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if is_object(value) or is_array(value) else str(value)


class ValueReader:
    """Reads the keywords of a schema with a plain value: numbers, flags and strings."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.warn = context.notes.warn

    def drop(
        self, schema: dict[str, Any], keyword: str, pointer: str, name: str, message: str
    ) -> None:
        """Remove a keyword and record the problem."""
        del schema[keyword]
        self.warn(
            name, pointer + join(keyword), message, "Correct the value; until then, it is ignored."
        )

    def count(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        value = schema[keyword]
        if type(value) is int and value >= 0:
            return
        number = read_number(value)
        if number is None or number < 0 or number != int(number):
            self.bound(schema, keyword, pointer)
        else:
            schema[keyword] = int(number)

    def read_number(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        value = schema[keyword]
        if type(value) in {int, float} and (keyword != "multipleOf" or value > 0):
            return
        number = read_number(value)
        if number is None or (keyword == "multipleOf" and number <= 0):
            self.bound(schema, keyword, pointer)
        else:
            schema[keyword] = number

    def read_exclusive(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        if not isinstance(schema[keyword], bool) and schema[keyword] not in ("true", "false"):
            self.read_number(schema, keyword, pointer)
            return
        # `exclusiveMinimum: true` makes the minimum beside it exclusive.
        bound = keyword.removeprefix("exclusive").lower()
        is_exclusive = read_flag(schema, keyword, pointer, self.context.notes)
        schema.pop(keyword, None)
        if is_exclusive and bound in schema:
            value = schema.pop(bound)
            number = value if type(value) in {int, float} else read_number(value)
            if number is not None:
                schema[keyword] = number
                self.context.moves.note(f"{pointer}/{keyword}", f"{pointer}/{bound}")

    def bound(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        message = f"{keyword} cannot be {str(schema[keyword])[:40]!r}"
        self.drop(schema, keyword, pointer, "schema.bound-invalid", message)

    def read_flag(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        read_flag(schema, keyword, pointer, self.context.notes)

    def read_text(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        value = schema[keyword]
        if isinstance(value, str):
            return
        if value is None or keyword == "format" or is_object(value) or is_array(value):
            del schema[keyword]
        else:
            schema[keyword] = str(value)

    def read_mapping(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        value = schema[keyword]
        if not is_object(value) or (keyword == "externalDocs" and not has_url(value)):
            del schema[keyword]


_BESIDE: Final = frozenset(
    {
        *("default", "deprecated", "description", "discriminator", "example", "examples"),
        *("externalDocs", "readOnly", "title", "writeOnly", "x-assumed", "xml"),
    }
)
"""Keywords that stay beside the choice between a schema and null."""
_NULL: Final = {"type": "null"}


def allow_null(schema: dict[str, Any]) -> str | None:
    """Remove the keywords, and add null to the allowed values if one of them is true.

    Returns the new pointer of the schema if it became an alternative of a choice.
    """
    flags = (schema.pop("nullable", None), schema.pop("x-nullable", None))
    if True not in flags:
        return None
    enum = schema.get("enum")
    if is_array(enum) and None not in enum:
        enum.append(None)
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


def _add_choice(schema: dict[str, Any], keyword: str) -> None:
    choices: list[Any] = schema[keyword]
    if not any(map(_is_nullable, choices)):
        choices.append(dict(_NULL))


def _is_nullable(schema: Any) -> bool:
    if not is_object(schema):
        return False
    kinds = schema.get("type")
    return kinds == "null" or (is_array(kinds) and "null" in kinds)


def _choose(schema: dict[str, Any]) -> str:
    """Turn a schema into a choice between itself and null; return its new pointer."""
    inner = {keyword: schema.pop(keyword) for keyword in list(schema) if _is_said(keyword)}
    parts = inner.get("allOf")
    if set(inner) == {"allOf"} and is_array(parts) and len(parts) == 1:
        schema["anyOf"] = [parts[0], dict(_NULL)]
        return "/allOf/0"
    schema["anyOf"] = [inner, dict(_NULL)]
    return ""


def _is_said(keyword: str) -> bool:
    return (keyword not in _BESIDE or keyword == "discriminator") and not keyword.startswith("x-")


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
    names = [_interpret(name) if isinstance(name, str) else None for name in value]
    if None in names:
        return None, False
    unique = list(dict.fromkeys(str(name) for name in names))
    return unique, all(isinstance(name, str) and name in _TYPES for name in value)


def _interpret(name: str) -> str | None:
    lower = name.strip().lower()
    return lower if lower in _TYPES else _MEANT.get(lower)
