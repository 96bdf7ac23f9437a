"""Finds schemas that no value can satisfy, where two clauses prove it.

Only what needs no search: bounds that cross, a pattern whose matches are too long or too short, and
a field that one part of a schema requires and another forbids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeGuard

from driftline.openapi.model import Spec
from driftline.openapi.pointer import is_array, is_object, parse_reference
from driftline.openapi.schema.applied import is_hidden
from driftline.openapi.schema.patterns import matches_pattern, measure_pattern

Conflict = tuple[str, str]
"""The pointer of a clause, and why it leaves no value."""
_BOUNDS: Final = (
    ("minimum", "maximum", frozenset({"integer", "number"})),
    ("minLength", "maxLength", frozenset({"string"})),
    ("minItems", "maxItems", frozenset({"array"})),
    ("minProperties", "maxProperties", frozenset({"object"})),
)
_STRING: Final = frozenset({"string"})
_OBJECT: Final = frozenset({"object"})
_MOST_PARTS: Final = 200
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
    if kinds <= _OBJECT or "allOf" in node:
        return _find_closed_field(spec, pointer)
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


def _find_closed_field(spec: Spec, pointer: str) -> Conflict | None:
    """Return a field that is required, and that a part with `additionalProperties: false` omits."""
    parts = dict(_list_parts(spec, pointer))
    closed_parts = {
        p: node for p, node in parts.items() if node.get("additionalProperties") is False
    }
    kinds = _KINDS
    for node in parts.values():
        kinds &= _list_kinds(node)
    if not closed_parts or kinds != _OBJECT:
        return None
    names = {
        name: None
        for node in parts.values()
        for name in node.get("required", ())
        if isinstance(name, str) and not _is_one_way(spec, parts.values(), name)
    }
    for closed_pointer, node in closed_parts.items():
        for name in names:
            patterns = node.get("patternProperties", ())
            if name not in node.get("properties", ()) and not any(
                matches_pattern(pattern, name, otherwise=True) for pattern in patterns
            ):
                reason = f"`{name}` is required, but additionalProperties: false forbids it"
                return f"{closed_pointer}/additionalProperties", reason
    return None


def _is_one_way(spec: Spec, nodes: Any, name: str) -> bool:
    """Return whether a required field is optional in requests or in responses."""
    fields = [node["properties"][name] for node in nodes if name in node.get("properties", ())]
    return any(
        is_hidden(spec.document, field, keyword)
        for field in fields
        for keyword in ("readOnly", "writeOnly")
    )


def _list_parts(spec: Spec, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a schema and all that apply together with it, through `$ref` and `allOf`."""
    seen, pending = {pointer}, [pointer]
    while pending and len(seen) < _MOST_PARTS:
        current = pending.pop(0)
        node = spec.get_node(current)
        if not is_object(node):
            continue
        yield current, node
        reference, parts = node.get("$ref"), node.get("allOf")
        targets = [
            f"{current}/allOf/{index}" for index in range(len(parts) if is_array(parts) else 0)
        ]
        if isinstance(reference, str) and reference.startswith("#"):
            targets.append(parse_reference(reference))
        pending += [target for target in targets if target not in seen]
        seen.update(targets)
