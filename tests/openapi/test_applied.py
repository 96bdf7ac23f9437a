"""Direction and discriminators add conditions to a message beyond plain JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from driftline.openapi import Spec, load
from driftline.openapi.schema import validators
from driftline.openapi.schema.validation import list_violations

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
    """A tag that selects no branch is validated by JSON Schema: two matches break `oneOf`."""
    assert _list_clauses(spec, "Implicit", {"kind": "?"}) == ["/components/schemas/Implicit/oneOf"]
