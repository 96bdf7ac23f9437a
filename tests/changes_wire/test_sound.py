"""A change that rejects what was right, or returns what could not come, is never "nothing breaks".

Schemas are made of small ones, one for each keyword, in the spirit of a test suite for JSON Schema;
instances come from a fixed set, and a validator is the judge.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from typing import Any

import jsonschema_rs
import pytest
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
PLAIN: tuple[Any, ...] = (None, True, False, 0, 1, 2, 3, 4, 6, 1.5, "", "a", "b", "ab", "abc")
INSTANCES: tuple[Any, ...] = (
    *PLAIN,
    *([list(items) for size in range(3) for items in product((1, "a", "b"), repeat=size)]),
    [1, 1, 1],
    {},
    *({"a": value} for value in PLAIN),
    *({"b": value} for value in PLAIN),
    *({"a": one, "b": other} for one, other in product((None, 1, "a", "abc"), repeat=2)),
)


def choices(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        *(lists.map(lambda listed, word=word: {word: listed}) for word in ("anyOf", "oneOf")),
        st.lists(inner, min_size=1, max_size=2).map(lambda listed: {"allOf": listed}),
        inner.map(lambda schema: {"type": "object", "properties": {"a": schema, "b": {}}}),
        inner.map(lambda schema: {"type": "array", "items": schema}),
    )


SCHEMAS = st.recursive(st.sampled_from(SEEDS), choices, max_leaves=4)


def is_known(instance: Any, schema: Any) -> bool:
    """Whether the schema documents every field of an object."""
    return not isinstance(instance, dict) or instance.keys() <= fields(schema)


def fields(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return {name for each in schema for name in fields(each)}
    if not isinstance(schema, dict):
        return set()
    own = set(schema.get("properties", {}))
    return own | {name for each in schema.values() for name in fields(each)}


def find_rejected(right: Any, wrong: Any, instances: Sequence[Any]) -> Any:
    """An instance that the one schema accepts and the other rejects; MISSING if there is none."""
    accepts, rejects = (jsonschema_rs.Draft202012Validator(each) for each in (right, wrong))
    return next(
        (
            each
            for each in instances
            if is_known(each, right)
            and is_known(each, wrong)
            and accepts.is_valid(each)
            and not rejects.is_valid(each)
        ),
        MISSING,
    )


MISSING: Any = object()


def check(old: Any, new: Any, instances: Sequence[Any] = INSTANCES) -> None:
    for make, right, wrong in (
        (as_body, old, new),
        (as_response, new, old),
    ):
        instance = find_rejected(right, wrong, instances)
        found = {change.severity for change in changes(make(old), make(new))}
        assert instance is MISSING or "breaking" in found, (make.__name__, instance, old, new)


@pytest.mark.parametrize("old", SEEDS, ids=repr)
def test_no_seed_becomes_another_one_unnoticed(old: Any) -> None:
    """Each pair of the small schemas, in both directions."""
    for new in SEEDS:
        check(old, new)


@settings(deadline=None, max_examples=200)
@given(SCHEMAS, SCHEMAS)
def test_what_is_rejected_now_breaks(old: Any, new: Any) -> None:
    """Whatever two schemas are made of.

    Null is left out: a oneOf of two nullable alternatives is taken to allow it, as is meant.
    """
    check(old, new, [each for each in INSTANCES if "null" not in json.dumps(each)])


@settings(deadline=None, max_examples=100)
@given(SCHEMAS, st.data())
def test_a_rewrite_that_means_the_same_is_nothing(schema: Any, data: st.DataObject) -> None:
    """Order, references, allOf of one and lists of one type are matters of style."""
    other = rewritten(schema, data)
    for make in (as_body, as_response):
        new = make({"$ref": "#/components/schemas/S"}, components={"schemas": {"S": other}})
        assert changes(make(schema), new) == []
        assert changes(new, make(schema)) == []


def rewritten(schema: Any, data: st.DataObject) -> Any:
    if isinstance(schema, list):
        return [rewritten(each, data) for each in schema]
    if not isinstance(schema, dict):
        return schema
    words = ("allOf", "anyOf", "oneOf", "prefixItems", "items", "contains", "not")
    made = {
        word: rewritten(value, data) if word in words else value
        for word, value in reversed(schema.items())
    }
    if "properties" in made:
        items = reversed(made["properties"].items())
        made["properties"] = {name: rewritten(each, data) for name, each in items}
    if isinstance(made.get("type"), str):
        made["type"] = data.draw(st.sampled_from((made["type"], [made["type"]])))
    return data.draw(st.sampled_from((made, {"allOf": [made]})))
