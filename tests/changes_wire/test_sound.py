"""Soundness: a change that rejects valid input, or allows new output, is reported as breaking.

Schemas are combined from small ones, one per keyword, as in a test suite for JSON Schema. A
validator decides which instances of a fixed set each schema accepts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from typing import Any

import jsonschema_rs
import pytest
from examples import count_examples
from hypothesis import given, settings, strategies as st

from changes_wire.comparing import Json, as_body, as_response, changes

SCALARS: tuple[Json | bool, ...] = (
    {"type": "string"},
    {"type": ["string"]},
    {"type": ["string", "null"]},
    {"type": "integer"},
    {"type": "number"},
    {"type": ["integer", "string"]},
    {"type": "boolean"},
    {"type": "null"},
    {"type": "string", "minLength": 2},
    {"type": "string", "maxLength": 2},
    {"type": "string", "pattern": "^a"},
    {"type": "string", "enum": ["a", "b"]},
    {"enum": ["a", 1, None, True]},
    {"const": "a"},
    {"const": 1},
    {"type": "integer", "minimum": 2},
    {"type": "integer", "exclusiveMinimum": 1},
    {"type": "number", "maximum": 3},
    {"type": "integer", "multipleOf": 2},
    {"allOf": [{"multipleOf": 2}, {"multipleOf": 3}]},
    {"multipleOf": 6},
    {"not": {"type": "string"}},
    {},
    True,
    False,
)
LISTS: tuple[Json, ...] = (
    {"type": "array", "items": {"type": "integer"}},
    {"type": "array", "items": {"type": "string"}, "minItems": 1},
    {"type": "array", "maxItems": 1},
    {"type": "array", "uniqueItems": True},
    {"type": "array", "prefixItems": [{"type": "integer"}], "items": {"type": "string"}},
    {"type": "array", "contains": {"type": "integer"}},
    {"type": "array", "contains": {"type": ["integer", "string"]}, "maxContains": 1},
    {"type": "array", "contains": {"const": 1}, "minContains": 2},
)
A, B = ({"properties": {name: {"type": "string"}}} for name in "ab")
OBJECTS: tuple[Json, ...] = (
    {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}},
    {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a", "b"]},
    {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a"]},
    {"type": "object", "properties": {"a": {}, "b": {}}, "additionalProperties": False},
    {"type": "object", "properties": {"a": {}}, "additionalProperties": {"type": "string"}},
    {"type": "object", "properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["b"]}},
    {"type": "object", "properties": {"a": {}, "b": {}}, "minProperties": 1},
    {"type": "object", "properties": {"a": {}, "b": {}}, "maxProperties": 1},
    {"type": "object", "properties": {"a": {}, "b": {}}, "propertyNames": {"pattern": "^a"}},
    {"type": "object", "properties": {"a": {}, "b": {}}, "oneOf": [
        {"required": ["a"]}, {"required": ["b"]},
    ]},
    {"type": "object", "properties": {"a": {}, "b": {}}, "anyOf": [
        {"required": ["a"]}, {"required": ["b"]},
    ]},
    {"allOf": [{"type": "object", **A, "additionalProperties": False}, B]},
    {"allOf": [{"type": "object", **A}, {**B, "required": ["b"]}]},
    {"if": {"required": ["a"]}, "then": {"required": ["b"]}, **A},
    {"type": "object", "patternProperties": {"^a": {"type": "string"}}, **B,
     "additionalProperties": False},
)  # fmt: skip
SEEDS = (*SCALARS, *LISTS, *OBJECTS)
PLAIN_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    2,
    3,
    4,
    6,
    1.5,
    "",
    "a",
    "b",
    "ab",
    "abc",
)
INSTANCES: tuple[Any, ...] = (
    *PLAIN_VALUES,
    *([list(items) for size in range(3) for items in product((1, "a", "b"), repeat=size)]),
    [1, 1, 1],
    {},
    *({"a": value} for value in PLAIN_VALUES),
    *({"b": value} for value in PLAIN_VALUES),
    *({"a": first, "b": second} for first, second in product((None, 1, "a", "abc"), repeat=2)),
)


def draw_choices(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        *(
            lists.map(lambda schemas, keyword=keyword: {keyword: schemas})
            for keyword in ("anyOf", "oneOf")
        ),
        st.lists(inner, min_size=1, max_size=2).map(lambda schemas: {"allOf": schemas}),
        inner.map(lambda schema: {"type": "object", "properties": {"a": schema, "b": {}}}),
        inner.map(lambda schema: {"type": "array", "items": schema}),
    )


SCHEMAS = st.recursive(st.sampled_from(SEEDS), draw_choices, max_leaves=4)


def is_known(instance: Any, schema: Any) -> bool:
    """Return whether the schema documents every field of the instance."""
    return not isinstance(instance, dict) or instance.keys() <= list_fields(schema)


def list_fields(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return {name for item in schema for name in list_fields(item)}
    if not isinstance(schema, dict):
        return set()
    own_fields = set(schema.get("properties", {}))
    return own_fields | {name for member in schema.values() for name in list_fields(member)}


def find_rejected(accepting: Any, rejecting: Any, instances: Sequence[Any]) -> Any:
    """Return an instance that one schema accepts and the other rejects, or MISSING."""
    accepts, rejects = (
        jsonschema_rs.Draft202012Validator(schema) for schema in (accepting, rejecting)
    )
    return next(
        (
            instance
            for instance in instances
            if is_known(instance, accepting)
            and is_known(instance, rejecting)
            and accepts.is_valid(instance)
            and not rejects.is_valid(instance)
        ),
        MISSING,
    )


MISSING: Any = object()


def check(old: Any, new: Any, instances: Sequence[Any] = INSTANCES) -> None:
    for make, accepting, rejecting in (
        (as_body, old, new),
        (as_response, new, old),
    ):
        instance = find_rejected(accepting, rejecting, instances)
        severities = {change.severity for change in changes(make(old), make(new))}
        assert instance is MISSING or "breaking" in severities, (make.__name__, instance, old, new)


@pytest.mark.parametrize("old", SEEDS, ids=repr)
def test_a_breaking_change_between_small_schemas_is_reported(old: Any) -> None:
    """A breaking change is reported for each pair of small schemas that needs one."""
    for new in SEEDS:
        check(old, new)


@settings(deadline=None, max_examples=count_examples(200))
@given(SCHEMAS, SCHEMAS)
def test_a_newly_rejected_instance_is_a_breaking_change(old: Any, new: Any) -> None:
    """If the new schema rejects an instance that the old one accepts, the change is breaking.

    Null is excluded, as a `oneOf` of two nullable alternatives is interpreted as allowing it.
    """
    check(old, new, [instance for instance in INSTANCES if "null" not in json.dumps(instance)])


@settings(deadline=None, max_examples=count_examples(100))
@given(SCHEMAS, st.data())
def test_an_equivalent_rewrite_is_not_a_change(schema: Any, data: st.DataObject) -> None:
    """Reordering, references, a single `allOf` and a list of one type do not change the API."""
    rewritten = rewrite_schema(schema, data)
    for make in (as_body, as_response):
        new = make({"$ref": "#/components/schemas/S"}, components={"schemas": {"S": rewritten}})
        assert changes(make(schema), new) == []
        assert changes(new, make(schema)) == []


def rewrite_schema(schema: Any, data: st.DataObject) -> Any:
    if isinstance(schema, list):
        return [rewrite_schema(item, data) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema_keywords = ("allOf", "anyOf", "oneOf", "prefixItems", "items", "contains", "not")
    rewritten = {
        keyword: rewrite_schema(value, data) if keyword in schema_keywords else value
        for keyword, value in reversed(schema.items())
    }
    if "properties" in rewritten:
        items = reversed(rewritten["properties"].items())
        rewritten["properties"] = {
            name: rewrite_schema(field_schema, data) for name, field_schema in items
        }
    if isinstance(rewritten.get("type"), str):
        rewritten["type"] = data.draw(st.sampled_from((rewritten["type"], [rewritten["type"]])))
    return data.draw(st.sampled_from((rewritten, {"allOf": [rewritten]})))
