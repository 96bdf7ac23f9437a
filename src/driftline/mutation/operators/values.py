"""Values that violate one keyword of a schema, and values exactly at a bound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from driftline.openapi import Spec, list_violations

_TYPED: Final[tuple[tuple[str, Any], ...]] = (
    ("string", "driftline"),
    ("integer", 7),
    ("number", 7.5),
    ("object", {}),
    ("array", []),
    ("boolean", True),
)
_FORMATS: Final = (
    "2024-01-15T10:00:00",
    "00000000-0000-4000-8000-00000000000",
    "driftline: none",
    "dr ift",
    "<driftline>",
    "",
)
MOST = 5000


def make_other_type(types: frozenset[str]) -> Any:
    """Return a value of another JSON type, preferring the likeliest mistake.

    None if all are allowed.
    """
    # Numbers instead of strings, and the reverse, are the most common mistakes of servers.
    for kind, value in reversed(_TYPED[:3]) if "string" in types else _TYPED:
        if kind not in types and not (kind == "integer" and "number" in types):
            return value
    rest = [v for k, v in _TYPED if k not in types and not (k == "integer" and "number" in types)]
    return rest[0] if rest else None


def make_breaking_value(spec: Spec, pointer: str, keyword: str) -> Any:
    """Return a value that violates `keyword` of the schema at `pointer`.

    Raises:
        LookupError: none is known.
    """
    schema = spec.get_node(pointer)
    for candidate in _list_candidates(keyword, schema):
        violations = list_violations(spec, pointer, candidate)
        if violations and all(
            violation.clause == f"{pointer}/{keyword}" for violation in violations
        ):
            return candidate
    for candidate in _list_candidates(keyword, schema):
        if any(
            e.clause == f"{pointer}/{keyword}" for e in list_violations(spec, pointer, candidate)
        ):
            return candidate
    raise LookupError(f"no value is known that violates {keyword}")


def _list_candidates(keyword: str, schema: Mapping[str, Any]) -> Iterator[Any]:
    limit = schema[keyword]
    is_integer = schema.get("type") == "integer"
    step = 1 if is_integer else 0.5
    if keyword in {"enum", "const"}:
        yield from ("driftline", 7_777_777)
    elif keyword == "format":
        yield from (*_FORMATS, 1 << 31, 1 << 63)
    elif keyword in {"minimum", "exclusiveMinimum"}:
        yield limit if keyword != "minimum" else limit - 1
    elif keyword in {"maximum", "exclusiveMaximum"}:
        yield from (limit,) if keyword != "maximum" else (limit + 1, limit * 2)
    elif keyword == "multipleOf":
        yield from (limit + step, limit / 2)
    elif keyword == "minLength" and limit:
        yield "x" * (limit - 1)
    elif keyword == "maxLength" and limit < MOST:
        yield "x" * (limit + 1)
    elif keyword == "pattern":
        yield from ("driftline", "~", "")
    else:
        yield from _list_arrays(keyword, limit)


def _list_arrays(keyword: str, limit: Any) -> Iterator[Any]:
    if keyword == "minItems" and limit:
        yield from ([{}] * (limit - 1), ["x"] * (limit - 1), [7] * (limit - 1))
    elif keyword == "maxItems" and limit < MOST:
        yield from ([{}] * (limit + 1), ["x"] * (limit + 1), [7] * (limit + 1))
    elif keyword == "uniqueItems" and limit:
        yield from (["x", "x"], [7, 7], [{}, {}])
    elif keyword == "minProperties" and limit:
        yield {f"x{index}": 1 for index in range(limit - 1)}
    elif keyword == "maxProperties" and limit < MOST:
        yield {f"x{index}": 1 for index in range(limit + 1)}


def make_edge_value(keyword: str, schema: Mapping[str, Any]) -> Any:
    """Return the last number that the bound `keyword` allows, or a length.

    None where it sets no edge.
    """
    limit = schema[keyword]
    return limit if keyword in {"minimum", "maximum", "minLength", "maxLength"} else None
