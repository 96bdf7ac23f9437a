"""The simplest value that a schema allows."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from random import Random
from typing import Any

from driftline.openapi import (
    MOST_SIZE,
    Spec,
    get_costs,
    is_array,
    is_hidden,
    is_object,
    is_valid,
    make_matching,
    pointer as json_pointer,
    resolve_schema,
)
from driftline.suite.http.session import NotChecked

MAX_DEPTH = 12
_FORMATS = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date-time": "2024-01-15T10:00:00Z",
    "date": "2024-01-15",
    "time": "10:00:00Z",
    "uri": "https://example.com/",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "e164": "+14155550100",
}


def make_value(spec: Spec, pointer: str, depth: int = 0) -> Any:
    """Return the simplest value that the schema at `pointer` allows, as far as known.

    Raises:
        NotChecked: the smallest value is too large to send.
    """
    pointer, _ = spec.resolve(pointer)
    if not depth and MOST_SIZE < get_costs(spec).estimate_size(pointer) < inf:
        message = f"a value is too costly to generate ({spec.locate(pointer)})"
        raise NotChecked(f"{message}; add an example, or lower minItems and minLength")
    schema = resolve_schema(spec, pointer)
    if depth > 2 * MAX_DEPTH:
        return None
    for keyword in ("const", "default", "example"):
        if keyword in schema:
            return schema[keyword]
    for keyword in ("examples", "enum"):
        if schema.get(keyword):
            return schema[keyword][0]
    for keyword in ("anyOf", "oneOf"):
        if schema.get(keyword):
            return make_value(spec, f"{pointer}/{keyword}/0", depth + 1)
    if schema.get("allOf"):
        parts = [
            make_value(spec, f"{pointer}/allOf/{i}", depth + 1) for i in range(len(schema["allOf"]))
        ]
        merged = {key: part[key] for part in parts if is_object(part) for key in part}
        return {**merged, **_make_object(spec, pointer, schema, depth)} if merged else parts[0]
    return _make_simple(spec, pointer, schema, depth)


def _make_simple(spec: Spec, pointer: str, schema: Mapping[str, Any], depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if is_array(kind):
        kind = next((type_name for type_name in kind if type_name != "null"), "null")
    if kind == "object":
        return _make_object(spec, pointer, schema, depth)
    if kind == "array":
        count = schema.get("minItems", 0) if depth < MAX_DEPTH else 0
        return [make_value(spec, pointer + "/items", depth + 1) for _ in range(count)]
    if kind in {"integer", "number"}:
        low = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        return min(low, schema.get("maximum", low))
    if kind == "boolean":
        return False
    if kind == "null":
        return None
    string = _FORMATS.get(schema.get("format", ""), "text")
    if "pattern" in schema:
        candidates = make_matching(schema["pattern"], Random(0))  # noqa: S311 (the same each time)
        right = (candidate for candidate in candidates if is_valid(spec, pointer, candidate))
        return next(right, string)
    return string.ljust(schema.get("minLength", 0), "x")[
        : schema.get("maxLength", len(string) + 999)
    ]


def _make_object(spec: Spec, pointer: str, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
    names: list[str] = schema.get("required", []) if depth < MAX_DEPTH else []
    properties = schema.get("properties", {})
    # Read-only fields are required in responses only.
    request_names = (
        n for n in names if not is_hidden(spec.document, properties.get(n), "readOnly")
    )
    return {
        name: make_value(spec, pointer + "/properties" + json_pointer.join(name), depth + 1)
        for name in request_names
    }
