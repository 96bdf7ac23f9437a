"""Merges schemas that apply to the same value (`allOf`) into one that is as narrow as possible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from driftline.generate.prepare.nodes import SchemaNode, as_array, as_object

_KNOWN = ("string", "integer", "number", "boolean", "array", "object", "null")
_OBJECT_WORDS = ("properties", "patternProperties", "required")


def list_types(schema: dict[str, Any]) -> list[str] | None:
    """Return the types that a schema names or implies by its other keywords; None for any."""
    kinds = schema.get("type")
    if isinstance(kinds, str):
        return [kinds]
    if kinds:
        return [str(kind) for kind in as_array(kinds)]
    if any(keyword in schema for keyword in ("properties", "patternProperties")):
        return ["object"]
    if as_object(schema.get("additionalProperties")):
        return ["object"]
    if "items" in schema or "prefixItems" in schema:
        return ["array"]
    return None


def merge(parts: Sequence[SchemaNode]) -> dict[str, Any] | None:
    """Return the schema of values that match all parts, without `allOf`, or None.

    A property in several parts gets an `allOf` of its own. Of several choices, the first is under
    `anyOf` and the others under `x-choices`, for the caller to combine.
    """
    merged: dict[str, Any] = {}
    kinds: list[str] | None = None
    values: list[Any] | None = None
    for part in parts:
        schema = part.schema
        own_kinds = list_types(schema)
        if own_kinds is None and any(keyword in schema for keyword in _OBJECT_WORDS):
            own_kinds = ["object"]
        kinds = own_kinds if kinds is None else _intersect_types(kinds, own_kinds)
        if kinds == []:
            return None
        if "enum" in schema or "const" in schema:
            own_values = as_array(schema["enum"]) if "enum" in schema else [schema["const"]]
            values = own_values if values is None else [v for v in values if v in own_values]
        _merge_rest(merged, schema)
    if kinds is not None:
        merged["type"] = kinds if len(kinds) > 1 else kinds[0]
    if values is not None:
        merged["enum"] = values
    return merged


def _intersect_types(kinds: list[str], own_kinds: list[str] | None) -> list[str]:
    if own_kinds is None:
        return kinds
    common = [
        kind for kind in kinds if kind in own_kinds or (kind == "integer" and "number" in own_kinds)
    ]
    if "number" in kinds and "integer" in own_kinds and "integer" not in common:
        common.append("integer")
    return common


def _merge_rest(merged: dict[str, Any], schema: dict[str, Any]) -> None:
    """Add all keywords except those of type and values."""
    for key, value in schema.items():
        if key in {"type", "enum", "const"}:
            continue
        if key in {"properties", "patternProperties"}:
            merged[key] = _merge_named(as_object(merged.get(key)), as_object(value))
        elif key == "required":
            merged[key] = list(dict.fromkeys([*as_array(merged.get(key)), *as_array(value)]))
        elif key in {"anyOf", "oneOf"}:
            choice = "anyOf" if "anyOf" not in merged else "x-choices"
            merged[choice] = [*as_array(merged.get(choice)), *as_array(value)]
        elif key == "items" and as_object(merged.get(key)) and as_object(value):
            merged[key] = _combine(merged[key], value)
        elif key == "additionalProperties" and merged.get(key, True) is not True:
            merged[key] = merged[key] if value is True else value
        elif key != "discriminator":
            merged[key] = value


def _merge_named(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    merged = dict(first)
    for name, schema in second.items():
        merged[name] = _combine(merged[name], schema) if name in merged else schema
    return merged


def _combine(first: Any, second: Any) -> Any:
    if first == second or second is True or second == {}:
        return first
    return second if first is True or first == {} else {"allOf": [first, second]}
