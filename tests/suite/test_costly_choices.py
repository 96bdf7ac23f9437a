"""Alternatives and fields whose combinations multiply are not fuzzed; all others are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftline.openapi import Spec, load
from driftline.suite.fuzzing.costly_choices import find_costly_choice

CHOICE = {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}
SHARED_CHOICES = {"oneOf": [{"$ref": "#/components/schemas/Choice"}, {"type": "boolean"}]}
COSTLY: dict[str, Any] = {
    "3^14": {"allOf": [CHOICE] * 14},
    "by reference": {"allOf": [{"$ref": "#/components/schemas/Choice"}] * 14},
    "in a field": {"type": "object", "properties": {"a": {"items": {"allOf": [CHOICE] * 14}}}},
    "below alternatives": {"anyOf": [{"type": "string"}, {"allOf": [SHARED_CHOICES] * 14}]},
    "beside each other": {"allOf": [{"anyOf": [True] * 30, "oneOf": [True] * 30}] * 3},
}
FIELDS: dict[str, Any] = {
    f"L{n}": {
        "type": "object",
        "properties": {key: {"$ref": f"#/components/schemas/L{n + 1}"} for key in ("a", "b")},
    }
    for n in range(30)
}
NESTED_CHOICES: dict[str, Any] = {
    f"N{n}": {
        "oneOf": [
            {"type": "object", "properties": {"a": {"$ref": f"#/components/schemas/N{n + 1}"}}}
            for _ in range(3)
        ]
    }
    for n in range(14)
}
DOUBLING_OBJECTS: dict[str, Any] = {
    f"T{n}": {"allOf": [{"$ref": f"#/components/schemas/T{n + 1}"}] * 2} for n in range(40)
}
CHAIN: dict[str, Any] = {
    f"C{n}": {"properties": {"a": {"$ref": f"#/components/schemas/C{n + 1}"}}} for n in range(2_000)
}
COSTLY["3^14 in fields of alternatives"] = NESTED_CHOICES["N0"]
COSTLY["2^40 without alternatives"] = DOUBLING_OBJECTS["T0"]
COSTLY["2^14 conditions"] = {"allOf": [{"if": {"required": ["a"]}, "then": {}}] * 14}
COSTLY["a long enum"] = {"enum": list(range(55_000))}
NAMES = [f"a{number}" for number in range(250)]
COSTLY["250 fields that need each other"] = {"dependentRequired": dict.fromkeys(NAMES, NAMES)}
COSTLY["250 dependencies"] = {"dependentRequired": {name: ["c"] for name in NAMES}}
COSTLY["many dependent schemas"] = {
    "dependentSchemas": {name: {"required": ["c"]} for name in NAMES}
}
COSTLY["a long chain"] = CHAIN["C0"]
COSTLY["a huge optional field"] = {"properties": {"a": {"type": "string", "minLength": 10**9}}}
COSTLY["2^30 fields"] = FIELDS["L0"]
COSTLY["many required fields"] = {"type": "object", "required": [f"a{n}" for n in range(20_000)]}
COSTLY["a long tuple"] = {"type": "array", "prefixItems": [{"type": "string"}] * 1_000}
CHEAP: dict[str, Any] = {
    "2^5 fields": FIELDS["L25"],
    "3^4 in fields of alternatives": NESTED_CHOICES["N10"],
    "a field named type": {"properties": {"type": {"type": "string"}, "enum": {"type": "string"}}},
    "some dependencies": {"dependentRequired": {name: ["c"] for name in NAMES[:90]}},
    "a tuple": {"type": "array", "prefixItems": [{"type": "string"}] * 50},
    "many alternatives": {"oneOf": [{"const": number} for number in range(5_000)]},
    "alternatives of alternatives": {"oneOf": [{"oneOf": [CHOICE] * 10}] * 10},
    "fields with a choice each": {
        "type": "object",
        "properties": {f"a{number}": CHOICE for number in range(50)},
    },
    "itself": {"allOf": [{"$ref": "#/components/schemas/Loop"}] * 5},
}


def load_spec(schema: Any, folder: Path) -> Spec:
    """Return a spec with one operation whose request body has this schema."""
    body = {"content": {"application/json": {"schema": schema}}}
    responses = {"201": {"description": "Done."}}
    loop = {"anyOf": [{"$ref": "#/components/schemas/Loop"}, {"type": "null"}]}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Hotel", "version": "1"},
        "paths": {"/rooms": {"post": {"requestBody": body, "responses": responses}}},
        "components": {
            "schemas": {
                "Choice": CHOICE,
                "Loop": loop,
                **FIELDS,
                **NESTED_CHOICES,
                **DOUBLING_OBJECTS,
                **CHAIN,
            }
        },
    }
    (folder / "hotel.json").write_text(json.dumps(document))
    return load(folder / "hotel.json")


@pytest.mark.parametrize("schema", COSTLY.values(), ids=COSTLY)
def test_choices_that_multiply_are_found(schema: Any, tmp_path: Path) -> None:
    """Choices that multiply are found anywhere in a request body."""
    spec = load_spec(schema, tmp_path)
    assert find_costly_choice(spec, spec.operations[0])


@pytest.mark.parametrize("schema", CHEAP.values(), ids=CHEAP)
def test_choices_that_add_up_are_not_costly(schema: Any, tmp_path: Path) -> None:
    """Choices that add up are not costly, even if there are many or a schema refers to itself."""
    spec = load_spec(schema, tmp_path)
    assert find_costly_choice(spec, spec.operations[0]) is None
