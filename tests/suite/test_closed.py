"""Undocumented fields are found wherever a schema leaves fields open implicitly, and only there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from driftline.openapi import Spec, find_undocumented_fields, load

HEADER = """
openapi: 3.1.0
info: {title: t, version: "1"}
paths: {}
components:
  schemas:
    Cat: {type: object, required: [purrs], properties: {purrs: {type: boolean}}}
    Dog: {type: object, required: [barks], properties: {barks: {type: boolean}}}
    Tree:
      type: object
      properties: {leaf: {type: string}, below: {$ref: "#/components/schemas/Tree"}}
    Named: {type: object, properties: {name: {type: string}}}
    Aged: {type: object, required: [kind], properties: {kind: {}, age: {type: integer}}}
    Vehicle: {type: object, required: [kind], properties: {wheels: {type: integer}}}
    Car:
      allOf: [{$ref: "#/components/schemas/Vehicle"}]
      properties: {kind: {const: car}, doors: {type: string}}
    Bus:
      allOf: [{$ref: "#/components/schemas/Vehicle"}]
      properties: {kind: {enum: [bus, coach]}, seats: {type: integer}}
"""

CASES: dict[str, tuple[str, Any, list[str]]] = {
    "known": ("{$ref: '#/components/schemas/Cat'}", {"purrs": True}, []),
    "unknown": ("{$ref: '#/components/schemas/Cat'}", {"purrs": True, "x": 1}, ["/x"]),
    "unknown beside a missing one": ("{$ref: '#/components/schemas/Cat'}", {"x": 1}, ["/x"]),
    "explicitly open": (
        "{type: object, properties: {a: {}}, additionalProperties: true}",
        {"b": 1},
        [],
    ),
    "open with a schema": (
        "{type: object, additionalProperties: {$ref: '#/components/schemas/Cat'}}",
        {"any": {"purrs": True, "x": 1}},
        ["/any/x"],
    ),
    "the property of a discriminator": (
        "{discriminator: {propertyName: kind}, oneOf: [{$ref: '#/components/schemas/Cat'}]}",
        {"purrs": True, "kind": "Cat"},
        [],
    ),
    "an alternative that requires a field of requests": (
        "{oneOf: [{type: object, required: [kind, secret], properties: {kind: {}, name: {}, "
        "secret: {type: string, writeOnly: true}}}, {$ref: '#/components/schemas/Aged'}]}",
        {"kind": "a", "name": "b"},
        [],
    ),
    "more fields needed than named": (
        "{type: object, minProperties: 1, properties: {a: {type: string, writeOnly: true}}}",
        {"b": 1},
        [],
    ),
    "no properties named": ("{type: object}", {"b": {"c": 1}}, []),
    "anything": ("{}", {"b": 1}, []),
    "an alternative of anything": (
        "{anyOf: [{$ref: '#/components/schemas/Tree'}, {}]}",
        {"x": 1, "below": {"x": 1}},
        ["/below/x"],
    ),
    "an alternative of a list of anything": (
        "{anyOf: [{type: array, items: {$ref: '#/components/schemas/Cat'}},"
        " {type: array, items: {}}]}",
        [{"purrs": True, "x": 1}],
        [],
    ),
    "an empty part": (
        "{allOf: [{$ref: '#/components/schemas/Cat'}, {}]}",
        {"purrs": True, "x": 1},
        ["/x"],
    ),
    "allOf adds up": (
        "{allOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Named'}]}",
        {"purrs": True, "name": "a", "x": 1},
        ["/x"],
    ),
    "allOf with siblings": (
        "{allOf: [{$ref: '#/components/schemas/Cat'}], properties: {age: {type: integer}}}",
        {"purrs": True, "age": 3},
        [],
    ),
    "oneOf takes the branch that fits": (
        "{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}",
        {"barks": True, "purrs": 5},
        ["/purrs"],
    ),
    "a tag selects a branch, whatever else is wrong in it": (
        "{oneOf: [{$ref: '#/components/schemas/Car'}, {$ref: '#/components/schemas/Bus'}]}",
        {"kind": "car", "seats": "many", "doors": 5},
        ["/seats"],
    ),
    "an unknown tag matches no branch": (
        "{oneOf: [{$ref: '#/components/schemas/Car'}, {$ref: '#/components/schemas/Bus'}]}",
        {"kind": "tram", "seats": "many", "doors": 5, "x": 1},
        ["/x"],
    ),
    "anyOf with null": (
        "{anyOf: [{$ref: '#/components/schemas/Cat'}, {type: 'null'}]}",
        {"purrs": True, "x": 1},
        ["/x"],
    ),
    "recursion": (
        "{$ref: '#/components/schemas/Tree'}",
        {"below": {"below": {"leaf": "a", "x": 1}}},
        ["/below/below/x"],
    ),
    "in a list": (
        "{type: array, items: {$ref: '#/components/schemas/Cat'}}",
        [{"purrs": True}, {"purrs": True, "x": 1}],
        ["/1/x"],
    ),
    "by position": (
        "{type: array, prefixItems: [{$ref: '#/components/schemas/Cat'}], items: {}}",
        [{"x": 1}, {"x": 1}],
        ["/0/x"],
    ),
    "by pattern": (
        "{type: object, properties: {a: {}}, patternProperties: {'^x-': {}}}",
        {"x-b": 1, "y": 1},
        ["/y"],
    ),
}


@pytest.fixture
def spec_of(tmp_path: Path) -> Any:
    def make(schema: str) -> Spec:
        path = tmp_path / "api.yaml"
        path.write_text(f"{HEADER}    Here: {schema}\n")
        return load(path)

    return make


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_undocumented_fields_are_those_no_schema_allows(
    case: tuple[str, Any, list[str]], spec_of: Any
) -> None:
    """The undocumented fields are those that no schema names and no schema explicitly allows."""
    schema, value, expected = case
    undocumented_fields = find_undocumented_fields(
        spec_of(schema), "/components/schemas/Here", value
    )
    assert [stranger.path for stranger in undocumented_fields] == expected


def test_an_undocumented_field_points_at_its_properties_clause(spec_of: Any) -> None:
    """An undocumented field points at the `properties` that would document it."""
    spec = spec_of("{$ref: '#/components/schemas/Cat'}")
    (stranger,) = find_undocumented_fields(
        spec, "/components/schemas/Here", {"purrs": True, "x": 1}
    )
    assert stranger.clause == "/components/schemas/Cat/properties"
