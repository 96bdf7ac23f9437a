"""Direction and discriminators add conditions to a message beyond plain JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from driftline.openapi import MISSING, Spec, follow, load
from driftline.openapi.schema import validators
from driftline.openapi.schema.applied import apply, find_applied_pointer, find_source_clause
from driftline.openapi.schema.validation import is_valid, list_violations, matches_exactly
from driftline.openapi.schema.walk import list_subschemas

SCHEMAS: dict[str, Any] = {
    "User": {
        "type": "object",
        "required": ["id", "name", "secret"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "name": {"type": "string"},
            "secret": {"allOf": [{"allOf": [{"$ref": "#/components/schemas/Secret"}]}]},
        },
    },
    "Secret": {"type": "string", "writeOnly": True},
    "Admin": {
        "allOf": [
            {"$ref": "#/components/schemas/User"},
            {"type": "object", "required": ["id", "level"], "properties": {"level": {}}},
        ]
    },
    "Say": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}, "text": {"type": "string"}},
    },
    "Dial": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}, "to": {"type": "integer"}},
    },
    "Implicit": {
        "oneOf": [{"$ref": "#/components/schemas/Say"}, {"$ref": "#/components/schemas/Dial"}],
        "discriminator": {"propertyName": "kind"},
    },
    "Overlap": {
        "oneOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}},
            {"type": "object", "required": ["b"], "properties": {"b": {"type": "integer"}}},
        ]
    },
    "Both": {
        "oneOf": [
            {"required": ["a"]},
            {"required": ["b"], "properties": {"b": {"type": "integer"}}},
        ],
        "anyOf": [
            {"properties": {"a": {"type": "string"}}},
            {"properties": {"b": {"type": "integer"}}},
        ],
    },
    "Excluded": {"not": {"oneOf": [{"type": "integer"}, {"minimum": 1}, {"type": "string"}]}},
    "Tagged": {
        "type": "object",
        "properties": {
            "kind": {"type": "string"},
            "inner": {
                "oneOf": [{"$ref": "#/components/schemas/Overlap/oneOf/0"}, {"type": "null"}]
            },
        },
    },
    "Chain": {
        "oneOf": [
            {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Chain"}}},
            {"type": "object", "properties": {"end": {"type": "boolean"}}, "required": ["end"]},
        ]
    },
    "Explicit": {
        "anyOf": [
            {"$ref": "#/components/schemas/Say"},
            {"$ref": "#/components/schemas/Dial"},
            {"type": "null"},
        ],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"say": "Say", "tell": "#/components/schemas/Say", "dial": "Dial"},
        },
    },
}


@pytest.fixture(scope="module", params=["one by one", "all at once"])
def spec(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Spec]:
    """Load the schemas above, compiled one by one or, as in a large document, together."""
    path: Path = tmp_path_factory.mktemp("specs") / "shop.json"
    operations = {
        name: {
            "get": {
                "operationId": f"get{name}",
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {
                            "application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}
                        },
                    }
                },
            }
        }
        for name in SCHEMAS
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.example.com"}],
        "paths": {f"/{name}": item for name, item in operations.items()},
        "components": {"schemas": SCHEMAS},
    }
    path.write_text(json.dumps(document))
    spec = load(path)
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "all at once":
            patch.setattr(validators, "_MOST_NODES", 0)
            directions: tuple[Any, ...] = (None, "request", "response")
            for direction, name in product(directions, ("User", "Say")):
                list_violations(spec, f"/components/schemas/{name}", {}, direction)
        yield spec


def _list_clauses(spec: Spec, name: str, value: Any, direction: Any = None) -> list[str]:
    schema_pointer = f"/components/schemas/{name}"
    return [
        violation.clause for violation in list_violations(spec, schema_pointer, value, direction)
    ]


@pytest.mark.parametrize("name", ["User", "Admin"])
def test_fields_of_the_other_direction_are_not_required(spec: Spec, name: str) -> None:
    """readOnly fields are not required in requests, and writeOnly fields not in responses.

    Without a direction, both are required. A nested part of a field's schema may have the keyword.
    """
    common_fields = {"level": 1, "name": "Ann"}
    assert len(_list_clauses(spec, name, common_fields)) >= 2
    assert _list_clauses(spec, name, {**common_fields, "secret": "x"}, "request") == []
    assert _list_clauses(spec, name, {**common_fields, "id": "1"}, "response") == []
    assert _list_clauses(spec, name, {**common_fields, "id": "1"}, "request") != []
    assert _list_clauses(spec, name, {**common_fields, "secret": "x"}, "response") != []


def test_a_read_only_field_that_is_sent_is_not_judged(spec: Spec) -> None:
    """A readOnly field in a request is not validated, since servers ignore it."""
    request_body = {"id": 3, "name": "Ann", "secret": "x"}
    assert _list_clauses(spec, "User", request_body, "request") == []
    assert _list_clauses(spec, "User", request_body, "response") != []


@pytest.mark.parametrize(
    ("name", "value", "clauses"),
    [
        ("Implicit", {"kind": "Say"}, []),
        ("Implicit", {"kind": "Dial", "to": "x"}, ["/Dial/properties/to/type"]),
        ("Implicit", {"kind": "Say", "to": "x", "text": 3}, ["/Say/properties/text/type"]),
        ("Explicit", {"kind": "tell", "to": "x"}, []),
        ("Explicit", {"kind": "dial", "to": "x"}, ["/Dial/properties/to/type"]),
        ("Explicit", None, []),
    ],
)
def test_a_discriminator_selects_one_branch(
    spec: Spec, name: str, value: Any, clauses: list[str]
) -> None:
    """A discriminator selects one branch, and violations name clauses of that branch only."""
    expected = [f"/components/schemas{clause}" for clause in clauses]
    assert _list_clauses(spec, name, value) == expected


def test_an_unknown_discriminator_is_validated_by_json_schema(spec: Spec) -> None:
    """A tag that selects no branch is validated by JSON Schema: two may match."""
    pointer = "/components/schemas/Implicit"
    assert is_valid(spec, pointer, {"kind": "?"})
    assert not matches_exactly(spec, pointer, {"kind": "?"})
    assert _list_clauses(spec, "Implicit", {"kind": "?", "text": 1, "to": "x"}) == [
        "/components/schemas/Implicit/oneOf"
    ]


@pytest.mark.parametrize(
    ("name", "value", "clauses"),
    [
        ("Overlap", {"a": "x", "b": 1}, []),
        ("Overlap", "x", ["/oneOf"]),
        ("Overlap", {"a": 1}, ["/../OneOf/properties/a/type"]),
        ("Both", {"a": "x", "b": 1}, []),
        ("Both", {}, ["/oneOf"]),
        ("Both", 1, ["/anyOf"]),
        ("Excluded", "x", []),
        ("Excluded", 0, ["/not"]),
        (
            "Tagged",
            {"kind": "x", "inner": {"a": 1}},
            ["/../OneOf/properties/a/type"],
        ),
    ],
)
def test_clauses_of_rewritten_alternatives_are_those_of_the_document(
    spec: Spec, name: str, value: Any, clauses: list[str]
) -> None:
    """Several alternatives of `oneOf` may match, and violations name the document's own clauses.

    Inline objects are components of their own. Below `not`, exactly one has to match: allowing more
    would make the whole schema reject more.
    """
    pointer = f"/components/schemas/{name}"
    expected = [(pointer + clause).replace(f"{name}/../", "") for clause in clauses]
    assert _list_clauses(spec, name, value) == expected
    assert is_valid(spec, pointer, value) is not bool(clauses)


@pytest.mark.parametrize("index", [0, 1])
def test_an_alternative_of_a_recursive_schema_is_validated_alone(spec: Spec, index: int) -> None:
    """A pointer into an alternative is found in the rewritten schema, where it has another one."""
    pointer = f"/components/schemas/Chain/oneOf/{index}"
    value = {"next": {"next": {"end": True}}} if index == 0 else {"end": True}
    assert list_violations(spec, pointer, value) == []
    (violation,) = list_violations(spec, pointer, "x")
    assert violation.clause == f"{pointer}/type"


def test_lone_surrogates_are_validated(spec: Spec) -> None:
    """A string that UTF-8 cannot encode is judged, exactly too, instead of raising an error."""
    for name, is_right in (("Overlap", False), ("Excluded", True)):
        pointer = f"/components/schemas/{name}"
        assert is_valid(spec, pointer, "\ud800") is is_right
        assert matches_exactly(spec, pointer, "\ud800") is is_right


def test_the_inverse_of_a_source_clause() -> None:
    """`find_applied_pointer` and `find_source_clause` are inverse for each part of the schemas."""
    document = {"components": {"schemas": SCHEMAS}}
    for is_strict in (False, True):
        schema = apply(document, "", None, is_strict=is_strict)
        for pointer, _ in list_subschemas(document, ""):
            applied_pointer = find_applied_pointer(schema, pointer)
            assert follow(schema, applied_pointer) is not MISSING
            assert find_source_clause(document, applied_pointer) == pointer
