"""Mock, client and checks agree on every kind of schema."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from generate.minimal import build_json_response, import_generated, make_document, make_spec

from driftline.mock import HttpRequest, Mock, MockTransport
from driftline.openapi import find_undocumented_fields
from driftline.openapi.schema.validation import list_violations
from driftline.suite.fuzzing.covering import cover

STRING = {"type": "string"}
PARCEL = {
    "type": "object",
    "required": ["carrier"],
    "properties": {"carrier": STRING, "note": STRING},
}
REF = "#/components/schemas/"
BASE = REF + "Parcel"


def build_subtype(field: str) -> dict[str, Any]:
    """Return a schema that extends `Parcel` with one field."""
    own_schema = {"type": "object", "required": [field], "properties": {field: {"type": "integer"}}}
    return {"allOf": [{"$ref": BASE}, own_schema]}


def build_parcels(**discriminator: Any) -> dict[str, Any]:
    """Return a base schema with a discriminator and its subtypes."""
    rule = {"propertyName": "carrier", **discriminator}
    return {
        "Parcel": {**PARCEL, "discriminator": rule},
        "Ship": build_subtype("deck"),
        "Van": build_subtype("doors"),
    }


MAPPED_PARCELS = build_parcels(mapping={"sea": "#/components/schemas/Ship", "road": "Van"})
HALF_MAPPED = build_parcels(mapping={"sea": "#/components/schemas/Ship"})
ANY_OF = {"anyOf": [{"$ref": REF + "A"}, {"$ref": REF + "B"}]}
MEMBERS = {
    "A": {"type": "object", "required": ["a"], "properties": {"a": STRING}},
    "B": {"type": "object", "required": ["b"], "properties": {"b": STRING}},
}
DEPENDING = {"type": "object", "required": ["card"], "properties": {"card": STRING}}

# What it is: the schema of the response, and the components it needs.
KINDS: dict[str, tuple[dict[str, Any], Mapping[str, Any]]] = {
    "a base with a mapping": ({"$ref": BASE}, MAPPED_PARCELS),
    "a base without a mapping": ({"$ref": BASE}, build_parcels()),
    "a base whose mapping leaves one out": ({"$ref": BASE}, HALF_MAPPED),
    "one that a mapping leaves out": ({"$ref": "#/components/schemas/Van"}, HALF_MAPPED),
    "one that a mapping names": ({"$ref": "#/components/schemas/Ship"}, MAPPED_PARCELS),
    "a map of a base": ({"type": "object", "additionalProperties": {"$ref": BASE}}, MAPPED_PARCELS),
    "a union of models": (ANY_OF, MEMBERS),
    "an array of a union": ({"type": "array", "items": ANY_OF}, MEMBERS),
    "one of two arrays of models": (
        {"oneOf": [{"type": "array", "items": {"$ref": REF + name}} for name in MEMBERS]},
        MEMBERS,
    ),
    "models distinguished by null": (
        ANY_OF,
        {
            "A": {"type": "object", "properties": {"a": {"type": ["object", "null"]}}},
            "B": {"type": "object", "properties": {"a": {"type": "string", "enum": ["unknown"]}}},
        },
    ),
    "models that differ further inside": (
        ANY_OF,
        {
            name: {
                "type": "object",
                "properties": {
                    "rows": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"id": STRING, field: STRING}},
                    }
                },
            }
            for name, field in (("A", "text"), ("B", "error"))
        },
    ),
    "a field with remarks beside its reference": (
        {
            "type": "object",
            "properties": {"a": {"allOf": [{"$ref": REF + "A"}, {"deprecated": True}]}},
        },
        MEMBERS,
    ),
    "required fields beside allOf": (
        {
            "type": "object",
            "allOf": [{"$ref": REF + name} for name in MEMBERS],
            "required": ["a", "b"],
        },
        {
            "A": {"type": "object", "properties": {"a": {"type": "integer"}}},
            "B": {"type": "object", "properties": {"b": {"type": "integer"}}},
        },
    ),
    "a required field that nothing describes": (
        {"type": "object", "required": ["owner"], "properties": {"name": STRING}},
        {},
    ),
    "a tag that no member describes": (
        {**ANY_OF, "discriminator": {"propertyName": "which"}},
        MEMBERS,
    ),
    "fields that depend on a field": (
        {**DEPENDING, "dependentSchemas": {"card": {"properties": {"owner": STRING}}}},
        {},
    ),
    "fields that a condition adds": (
        {**DEPENDING, "if": {"required": ["card"]}, "then": {"properties": {"owner": STRING}}},
        {},
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_checks_mock_and_client_agree_on_schemas(kind: str, tmp_path: Path) -> None:
    """The checks know every field of the mock, and a strict client reads every valid value."""
    schema, components = KINDS[kind]
    wrapper_schema = {"type": "object", "required": ["value"], "properties": {"value": schema}}
    operation = {
        "operationId": "thing.get",
        "responses": {"200": build_json_response(wrapper_schema)},
    }
    spec = make_spec(make_document({"/thing": {"get": operation}}, components))
    pointer = "/paths/~1thing/get/responses/200/content/application~1json/schema"
    with import_generated(spec, tmp_path) as (package, _):
        for seed in range(4):
            mock = Mock(spec, seed=seed)
            body = mock.handle(HttpRequest("GET", "/thing", "", (), b"")).parse_json()
            assert list_violations(spec, pointer, body) == []
            assert list(find_undocumented_fields(spec, pointer, body)) == []
            client_type = getattr(package, spec.client_class)
            with client_type(transport=MockTransport(mock.handle), strict=True) as client:
                assert client.thing.get().to_dict() == body
        events: list[object] = []
        reader = package.models.ThingGetResponse200
        for value in cover(spec, pointer, 20, "response"):
            assert reader.from_dict(value, on_drift=events.append).to_dict() == value
        assert events == []


def test_an_argument_named_like_the_module_of_models(tmp_path: Path) -> None:
    """An argument named `models` is renamed, since it would hide the module in annotations."""
    body = {"content": {"application/json": {"schema": {"properties": {"models": STRING}}}}}
    operation = {
        "operationId": "thing.rank",
        "parameters": [{"name": "models", "in": "query", "schema": STRING}],
        "requestBody": body,
        "responses": {"200": build_json_response({"properties": {"ok": STRING}})},
    }
    spec = make_spec(make_document({"/thing": {"post": operation}}))
    with import_generated(spec, tmp_path):
        source = (tmp_path / spec.client_package / "api" / "thing" / "__init__.py").read_text()
    assert "models_: str" in source
    assert " models: str" not in source
