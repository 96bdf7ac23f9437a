"""Values that cover a schema are valid and few, and exercise every choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from driftline.openapi import Spec
from driftline.openapi.schema.validation import list_violations
from driftline.suite.fuzzing.covering import cover

from .conftest import APIS
from .documents import build_operation, load_document

SCHEMAS: dict[str, Any] = {
    "Flat": {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "kind": {"enum": ["a", "b", "c"]},
            "note": {"type": ["string", "null"]},
            "size": {"type": "integer", "minimum": 3, "maximum": 9},
        },
    },
    "Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}}},
    "Dog": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}}},
    "Pet": {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]},
    "Tree": {
        "type": "object",
        "properties": {
            "below": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
            "beside": {"anyOf": [{"$ref": "#/components/schemas/Tree"}, {"type": "null"}]},
        },
    },
    "Map": {
        "type": "object",
        "minProperties": 2,
        "additionalProperties": {"$ref": "#/components/schemas/Flat"},
    },
    "Keys": {
        "type": "object",
        "required": ["ghost"],
        "propertyNames": {"pattern": "^[a-z]{3,9}$"},
        "additionalProperties": {"type": "boolean"},
        "minProperties": 3,
    },
    "Patterns": {
        "type": "object",
        "patternProperties": {"^x-[a-z]$": {"type": "integer"}, "^[0-9]$": {}},
        "additionalProperties": False,
        "minProperties": 2,
    },
    "Whole": {
        "allOf": [
            {"$ref": "#/components/schemas/Flat"},
            {"properties": {"more": {"type": "number"}}},
        ]
    },
    "Parts": {
        "allOf": [
            {"$ref": "#/components/schemas/Sent"},
            {"properties": {"from": {"required": ["country", "at"]}}, "required": ["from"]},
        ]
    },
    "Sent": {
        "type": "object",
        "properties": {
            "from": {
                "type": "object",
                "properties": {
                    "country": {"type": "string", "maxLength": 2},
                    "at": {"type": "string", "format": "date-time", "pattern": r"^\d+-\d+-\d+T"},
                },
            }
        },
    },
    "Round": {"type": "object", "properties": {"shape": {"type": "string"}}},
    "Square": {
        "type": "object",
        "required": ["side"],
        "properties": {"shape": {"type": "string"}, "side": {"type": "number"}},
    },
    "Shape": {
        "type": "object",
        "properties": {"shape": {"type": "string"}},
        "required": ["shape"],
        "oneOf": [{"$ref": "#/components/schemas/Round"}, {"$ref": "#/components/schemas/Square"}],
        "discriminator": {"propertyName": "shape"},
    },
    "Endless": {
        "type": "object",
        "required": ["self"],
        "properties": {"self": {"$ref": "#/components/schemas/Endless"}},
    },
    "Account": {
        "type": "object",
        "required": ["id", "password"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "password": {"type": "string", "writeOnly": True},
        },
    },
}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Spec:
    """Return the spec of a document with these schemas."""
    folder: Path = tmp_path_factory.mktemp("covering")
    return load_document(folder, {"/it": {"get": build_operation("it.get", {})}}, schemas=SCHEMAS)


def cover_schema(spec: Spec, name: str, count: int = 12, **options: Any) -> list[Any]:
    return list(cover(spec, f"/components/schemas/{name}", count, **options))


@pytest.mark.parametrize("name", sorted(SCHEMAS.keys() - {"Endless"}))
def test_every_value_is_valid_and_the_same_each_time(spec: Spec, name: str) -> None:
    """Each schema has at least one value; all are valid, different, and the same in every run."""
    values = cover_schema(spec, name)
    pointer = f"/components/schemas/{name}"
    assert values
    assert [value for value in values if list_violations(spec, pointer, value)] == []
    assert values == cover_schema(spec, name)
    assert len({repr(value) for value in values}) == len(values)


def test_the_values_include_every_choice(spec: Spec) -> None:
    """The values have fields present and absent, every enum value, null, both bounds and all
    branches.
    """
    flat = cover_schema(spec, "Flat")
    assert {value.get("kind") for value in flat} == {"a", "b", "c", None}
    assert {"note" in value and value["note"] is None for value in flat} == {True, False}
    assert {value.get("size") for value in flat} >= {3, 9}
    assert {"id"} in [set(value) for value in flat]
    assert {value["kind"] for value in cover_schema(spec, "Pet")} == {"cat", "dog"}
    assert {value["shape"] for value in cover_schema(spec, "Shape")} == {"Round", "Square"}


def test_a_schema_without_a_finite_value_has_none(spec: Spec) -> None:
    """A schema that requires itself has no values and causes no endless recursion."""
    assert cover_schema(spec, "Endless") == []


def test_direction_decides_which_fields_are_present(spec: Spec) -> None:
    """Requests have no read-only fields, and responses no write-only fields."""
    request_values = cover_schema(spec, "Account", direction="request")
    response_values = cover_schema(spec, "Account", direction="response")
    assert {name for value in request_values for name in value} == {"password"}
    assert {name for value in response_values for name in value} == {"id"}


@pytest.mark.parametrize("api", APIS)
def test_real_responses_can_be_covered(specs: dict[str, Spec], api: str) -> None:
    """Every documented JSON response of the project's specs has as many values as requested."""
    for operation in specs[api].operations:
        media = operation.success.json if operation.success else None
        assert media is not None
        assert len(list(cover(specs[api], media.schema_pointer, 25, "response"))) == 25


def test_fields_follow_the_part_that_describes_them(tmp_path: Path) -> None:
    """If one part of an `allOf` leaves a field open and another describes it, values follow the
    latter.
    """
    envelope = {"properties": {"data": {}, "code": {"type": "integer"}}}
    own_schema = {
        "properties": {"data": {"type": "object", "properties": {"id": {"type": "string"}}}}
    }
    spec = load_document(
        tmp_path,
        {"/row": {"get": build_operation("row.get", {"allOf": [envelope, own_schema]})}},
    )
    media = spec.operations[0].responses[0].content[0]
    values = list(cover(spec, media.schema_pointer, 12, "response"))
    assert len(values) > 4
    assert {name for value in values for name in value.get("data", {})} <= {"id"}


def test_fields_that_multiply_have_few_and_small_values(tmp_path: Path) -> None:
    """Ten optional fields on each of nine levels have few and small values, not a billion."""
    levels: dict[str, Any] = {
        f"L{n}": {
            "properties": {
                f"f{name}": {"$ref": f"#/components/schemas/L{n + 1}"} for name in range(10)
            }
        }
        for n in range(9)
    }
    spec = load_document(tmp_path, {}, schemas={**levels, "L9": {"type": "string"}})
    values = cover_schema(spec, "L0", 50)
    assert 2 < len(values) < 20
    assert all(len(repr(value)) < 1_000_000 for value in values)
