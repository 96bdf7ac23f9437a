"""What single keywords of a schema mean: numbers, values of an enum, patterns, remarks."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Final

import jsonschema_rs

from driftline.openapi.pointer import is_array, is_object

__all__ = [
    "assume_type",
    "compiles",
    "fit_values",
    "has_url",
    "keep_annotations",
    "number_of",
    "unusable_pattern",
]

_ANNOTATIONS: Final = frozenset(
    {
        *("default", "deprecated", "description", "example", "examples", "externalDocs"),
        *("nullable", "readOnly", "title", "writeOnly", "x-nullable", "xml"),
    }
)


def keep_annotations(schema: dict[str, Any]) -> None:
    """Take away all beside a `$ref` but remarks, as nothing else counts there in OpenAPI 3.0."""
    for word in list(schema):
        if word != "$ref" and word not in _ANNOTATIONS and not word.startswith("x-"):
            del schema[word]


def assume_type(schema: dict[str, Any]) -> None:
    """Read what has properties as an object, and what has items as an array."""
    for word, kind in (("properties", "object"), ("items", "array")):
        if is_object(schema.get(word)):
            schema["type"] = kind
            schema["x-assumed"] = {"type": f"It has {word}, so an {kind} is meant."}
            return


def number_of(value: Any) -> int | float | None:
    """Return the finite number that a value is, or that is written in it."""
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


def unusable_pattern(pattern: object) -> tuple[str, str]:
    """Return the id and the message of a pattern that cannot be used."""
    return "schema.pattern-invalid", f"not a regular expression: {str(pattern)[:80]!r}"


@lru_cache(maxsize=4096)
def compiles(pattern: str) -> bool:
    """Return whether a pattern is a regular expression that can be used."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (jsonschema_rs.ValidationError, ValueError, OverflowError, RecursionError):
        return False
    return True


def fit_values(values: list[Any], kind: Any) -> list[Any]:
    """Return the values as ones of a type, if all of them are of another."""
    if is_array(kind):
        kinds = [each for each in kind if each != "null"]
        kind = kinds[0] if len(kinds) == 1 else None
    if not isinstance(kind, str) or all(value is None for value in values):
        return values
    if kind == "string" and not any(isinstance(value, str) or value is None for value in values):
        return [_write_scalar(value) for value in values]
    if kind in {"integer", "number"} and all(isinstance(value, str) for value in values):
        numbers = [number_of(value) for value in values]
        return values if None in numbers else numbers
    if kind == "boolean" and values and all(value in ("true", "false") for value in values):
        return [value == "true" for value in values]
    return values


def _write_scalar(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if is_object(value) or is_array(value) else str(value)
