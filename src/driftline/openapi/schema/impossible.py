"""Finds schemas that no value can satisfy, where two clauses prove it.

Only what needs no search: bounds that cross, and a pattern whose matches are too long or too short.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from driftline.openapi.model import Spec
from driftline.openapi.pointer import is_object
from driftline.openapi.schema.patterns import measure_pattern

Conflict = tuple[str, str]
"""The pointer of a clause, and why it leaves no value."""
_BOUNDS: Final = (
    ("minimum", "maximum", frozenset({"integer", "number"})),
    ("minLength", "maxLength", frozenset({"string"})),
    ("minItems", "maxItems", frozenset({"array"})),
    ("minProperties", "maxProperties", frozenset({"object"})),
)
_STRING: Final = frozenset({"string"})
_KINDS: Final = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})


def find_conflict(spec: Spec, pointer: str) -> Conflict | None:
    """Return two clauses of a schema that exclude each other; None if values may exist."""
    node = spec.get_node(pointer)
    if not is_object(node):
        return None
    kinds = _list_kinds(node)
    if not kinds:
        return None
    for low, high, bounded_kinds in _BOUNDS:
        least, most = node.get(low), node.get(high)
        if kinds <= bounded_kinds and _is_number(least) and _is_number(most) and least > most:
            return f"{pointer}/{low}", f"{low} {least} is more than {high} {most}"
    if kinds == _STRING and isinstance(node.get("pattern"), str):
        return _find_length_conflict(pointer, node)
    return None


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _list_kinds(node: Mapping[str, Any]) -> frozenset[str]:
    """Return the types that a schema allows; all of them if it does not say."""
    kinds = node.get("type", _KINDS)
    return frozenset({kinds} if isinstance(kinds, str) else filter(_KINDS.__contains__, kinds))


def _find_length_conflict(pointer: str, node: Mapping[str, Any]) -> Conflict | None:
    """Return why no match of the pattern has an allowed length."""
    shortest, longest = measure_pattern(node["pattern"])
    least, most = node.get("minLength"), node.get("maxLength")
    pattern = node["pattern"][:80]
    if _is_number(least) and longest is not None and longest < least:
        reason = f"minLength {least} is more than the pattern {pattern!r} allows"
        return f"{pointer}/minLength", reason
    if _is_number(most) and shortest > most:
        return (
            f"{pointer}/maxLength",
            f"maxLength {most} is less than the pattern {pattern!r} needs",
        )
    return None
