"""Received values that violate a clause, as a schema: what an edit of the spec has to allow.

A finding shows one value, cut for people. An observation is for programs: it has the values, or
types of values, that the spec would have to allow. It contains no value longer than an enum value,
and a limited number of fields.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

import attrs

from driftline.openapi import is_array, is_object, name_type

MOST: Final = 8
"""How many different values of one finding are kept."""
_LONGEST: Final = 100
_DEEPEST: Final = 5
_MOST_FIELDS: Final = 60
_MOST_ITEMS: Final = 50


@attrs.frozen(kw_only=True)
class ObservedSchema:
    """A schema that the observed value matches, and how often it occurred.

    `media_type` is that of the body, if the value is one; "" otherwise. `site` is the pointer of
    the schema whose `$ref` leads to the one with the clause, if any.
    """

    schema: dict[str, Any]
    media_type: str = ""
    site: str = ""
    count: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; `from_dict` is the inverse."""
        return attrs.asdict(self, recurse=False)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ObservedSchema:
        return cls(**data)


def observe_value(value: Any) -> ObservedSchema:
    """Observe a value of an enum: itself, or its type if it is not a short scalar."""
    is_scalar = value is None or isinstance(value, bool | int | float | str)
    if is_scalar and len(str(value)) <= _LONGEST:
        return ObservedSchema(schema={"const": value})
    return observe_type(value)


def observe_type(value: Any, media_type: str = "") -> ObservedSchema:
    """Observe the shape of a value without its scalars."""
    return ObservedSchema(schema=describe_shape(value), media_type=media_type)


def observe_field(name: str, value: Any) -> ObservedSchema:
    """Observe that an object has a field, and the shape of its value."""
    shape = describe_shape(value)
    return ObservedSchema(schema={"type": "object", "properties": {name: shape}})


def observe_absence(name: str) -> ObservedSchema:
    """Observe that an object lacks a field."""
    return ObservedSchema(schema={"not": {"required": [name]}})


def observe_size(value: Any) -> ObservedSchema:
    """Observe a number, or the length of a string, list or object."""
    if isinstance(value, bool) or value is None:
        return observe_type(value)
    if isinstance(value, int | float):
        return ObservedSchema(schema={"minimum": value, "maximum": value})
    suffix, size = "Length", len(str(value))
    if is_array(value):
        suffix, size = "Items", len(value)
    elif is_object(value):
        suffix, size = "Properties", len(value)
    return ObservedSchema(schema={f"min{suffix}": size, f"max{suffix}": size})


def describe_shape(value: Any) -> dict[str, Any]:
    """Return the types of a value and its parts, as a schema."""
    return _ShapeBuilder().describe(value, 0)


class _ShapeBuilder:
    """Describes one value with a limited number of fields."""

    def __init__(self) -> None:
        self.fields_left = _MOST_FIELDS

    def describe(self, value: Any, depth: int) -> dict[str, Any]:
        if is_object(value):
            return self.describe_object(value, depth)
        if is_array(value):
            shape: dict[str, Any] = {"type": "array"}
            items: dict[str, Any] | None = None
            for item in value[:_MOST_ITEMS] if depth < _DEEPEST else ():
                inner = self.describe(item, depth + 1)
                items = inner if items is None else _merge_shapes(items, inner)
            return shape if items is None else {**shape, "items": items}
        return {"type": name_type(value)}

    def describe_object(self, value: dict[str, Any], depth: int) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for key, inner in value.items() if depth < _DEEPEST else ():
            if self.fields_left <= 0 or len(key) > _LONGEST:
                continue
            self.fields_left -= 1
            fields[key] = self.describe(inner, depth + 1)
        return {"type": "object", "properties": fields} if fields else {"type": "object"}


def _merge_shapes(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Return a shape that allows both."""
    if first == second:
        return first
    merged: dict[str, Any] = {"type": _merge_types(first["type"], second["type"])}
    for keyword in ("properties", "items"):
        sides: list[dict[str, Any]] = [side[keyword] for side in (first, second) if keyword in side]
        if len(sides) == 1:
            merged[keyword] = sides[0]
        elif sides and keyword == "items":
            merged[keyword] = _merge_shapes(*sides)
        elif sides:
            merged[keyword] = _merge_fields(*sides)
    return merged


def _merge_fields(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    fields = dict(first)
    for name, shape in second.items():
        if name in fields:
            fields[name] = _merge_shapes(fields[name], shape)
        elif len(fields) < _MOST_FIELDS:
            fields[name] = shape
    return fields


def _merge_types(first: Any, second: Any) -> Any:
    names = list(dict.fromkeys([*_list_types(first), *_list_types(second)]))
    if "number" in names:
        names = [name for name in names if name != "integer"]
    sorted_names = [*(name for name in names if name != "null"), *(n for n in names if n == "null")]
    return sorted_names[0] if len(sorted_names) == 1 else sorted_names


def _list_types(types: Any) -> list[str]:
    return types if is_array(types) else [types]


def merge_observations(observations: Iterable[ObservedSchema]) -> tuple[ObservedSchema, ...]:
    """Return each value once, one shape per media type, and one range, with counts."""
    merged: dict[tuple[str, str], ObservedSchema] = {}
    for observation in observations:
        key = (observation.media_type, _name_kind(observation.schema))
        earlier = merged.get(key)
        if earlier is not None:
            schema = _merge_schemas(earlier.schema, observation.schema)
            merged[key] = attrs.evolve(
                earlier, schema=schema, count=earlier.count + observation.count
            )
        elif len(merged) < MOST:
            merged[key] = observation
    return tuple(merged.values())


def _name_kind(schema: dict[str, Any]) -> str:
    """Return the key by which observations are merged: a value, or the kind of a shape or range."""
    if "type" in schema:
        return "type"
    if "const" in schema or "not" in schema:
        return json.dumps(schema, sort_keys=True)
    return " ".join(sorted(schema))


def _merge_schemas(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    if first == second:
        return first
    if "type" in first:
        return _merge_shapes(first, second)
    return {
        keyword: (min if keyword.startswith("min") else max)(first[keyword], second[keyword])
        for keyword in first
    }


def redact_observation(
    observation: ObservedSchema, clean: Callable[[str], str]
) -> ObservedSchema | None:
    """Return the observation if `clean` does not change it; otherwise its type, or nothing.

    Names and values that are secrets are removed.
    """
    if clean(observation.media_type) != observation.media_type:
        return None
    schema = observation.schema
    if "const" in schema:
        constant = schema["const"]
        if isinstance(constant, str) and clean(constant) != constant:
            return redact_value(observation)
        return observation
    if "not" in schema:
        return observation if all(clean(n) == n for n in schema["not"]["required"]) else None
    return attrs.evolve(observation, schema=_drop_names(schema, clean))


def redact_value(observation: ObservedSchema) -> ObservedSchema:
    """Return the type of an observed value instead of itself."""
    if "const" not in observation.schema:
        return observation
    return attrs.evolve(observation, schema=describe_shape(observation.schema["const"]))


def _drop_names(schema: dict[str, Any], clean: Callable[[str], str]) -> dict[str, Any]:
    cleaned = dict(schema)
    if "properties" in schema:
        fields = schema["properties"].items()
        cleaned["properties"] = {k: _drop_names(v, clean) for k, v in fields if clean(k) == k}
    if "items" in schema:
        cleaned["items"] = _drop_names(schema["items"], clean)
    return cleaned
