"""The suite finds no drift on a document's own mock, however unusual the document is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from driftline.mock import HttpRequest, Mock
from driftline.suite.examinations.credentials import check_credentials
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine
from driftline.suite.samples import make_sample

from .documents import build_operation, build_responses, load_document
from .test_wire_values import NAMED_OBJECT, STRING, check_own_mock, load_with_client

COUNT = {"name": "count", "in": "query", "required": True, "schema": {"type": "integer"}}


def get(spec: Any, target: str) -> Any:
    """Return the response of the mock to a GET request."""
    path, _, query = target.partition("?")
    return Mock(spec).handle(HttpRequest("GET", path, query))


@pytest.mark.parametrize(
    ("media", "schema"),
    [
        ("application/json", None),
        ("application/text", STRING),
        ("text/xml", NAMED_OBJECT),
        ("application/octet-stream", None),
        ("text/plain", STRING),
    ],
)
def test_a_rejection_has_the_documented_media_type(media: str, schema: Any, tmp_path: Path) -> None:
    """The mock rejects an invalid request in the documented media type and names the parameter."""
    content = {media: {"schema": schema} if schema else {}}
    rejection = {"description": "No.", "content": content}
    operation = build_operation("things.list", NAMED_OBJECT, parameters=[COUNT])
    operation["responses"]["default"] = rejection
    spec = load_with_client(tmp_path, {"/things": {"get": operation}})
    response = get(spec, "/things?count=many")
    assert response.status == 400
    assert response.get_header("Content-Type") == media
    assert b"count" in response.body
    check_own_mock(spec, tmp_path)


def test_two_schemes_with_one_header_send_one_credential(tmp_path: Path) -> None:
    """If two security schemes share a header, only one is sent and the other is not checked."""
    urls = {"authorizationUrl": "https://a.example/a", "tokenUrl": "https://a.example/t"}
    schemes = {
        name: {"type": "oauth2", "flows": {flow: {**urls, "scopes": {}}}}
        for name, flow in (("one", "implicit"), ("other", "authorizationCode"))
    }
    operation = build_operation("things.get", NAMED_OBJECT, security=[{"one": [], "other": []}])
    paths = {"/things": {"get": operation}}
    check_own_mock(load_with_client(tmp_path, paths, securitySchemes=schemes), tmp_path)


def test_a_redirect_that_is_the_only_success_is_no_rejection(tmp_path: Path) -> None:
    """A documented redirect that is the only success counts as a success, not as a rejection."""
    operation = {"operationId": "things.open", "responses": {"302": {"description": "Go."}}}
    check_own_mock(load_with_client(tmp_path, {"/things": {"get": operation}}), tmp_path)


def test_an_indistinguishable_operation_is_not_checked(tmp_path: Path) -> None:
    """The second of two operations with the same route is not checked, since the mock uses the
    first.
    """

    def build_get(name: str, field: str) -> dict[str, Any]:
        schema = {"type": "object", "required": [field], "properties": {field: STRING}}
        parameter = {"name": field, "in": "path", "required": True, "schema": STRING}
        return build_operation(name, schema, parameters=[parameter])

    spec = load_with_client(
        tmp_path,
        {
            "/things/{id}": {"get": build_get("things.get", "id")},
            "/things/{name}": {"get": build_get("things.find", "name")},
        },
    )
    checks = check_own_mock(spec, tmp_path)
    assert {c.operation for c in checks if c.outcome == "not-sent"} == {"things.find"}
    assert {c.operation for c in checks if c.requests} == {"things.get"}


VERSIONS = [
    {
        "type": "object",
        "required": ["version"],
        "properties": {"version": {"type": "integer", "enum": [number]}, field: STRING},
    }
    for number, field in ((1, "old"), (2, "new"))
]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "format": "date"},
        {"type": "array", "items": {"type": "string", "format": "date-time"}},
        {"type": "object", "additionalProperties": {"type": "string", "format": "uuid"}},
        {"oneOf": [{"type": "integer"}, {"type": "number"}, {"type": "string", "format": "date"}]},
        {
            "oneOf": [{"$ref": f"#/components/schemas/V{number}"} for number in (1, 2)],
            "discriminator": {"propertyName": "version"},
        },
    ],
)
def test_the_client_decodes_scalars_at_the_root_of_a_body(schema: Any, tmp_path: Path) -> None:
    """The client reads dates and UUIDs at the root of a body, and integers as discriminators."""
    operation = build_operation("things.get", schema)
    schemas = {"V1": VERSIONS[0], "V2": VERSIONS[1]}
    spec = load_with_client(tmp_path, {"/things": {"get": operation}}, schemas=schemas)
    assert get(spec, "/things").status == 200
    check_own_mock(spec, tmp_path)


def test_the_mock_responds_to_a_deletion_as_documented(tmp_path: Path) -> None:
    """The mock responds to a deletion with the documented body."""
    row = {"type": "object", "required": ["id"], "properties": {"id": STRING}}
    key = {"name": "id", "in": "path", "required": True, "schema": STRING}
    listing = build_operation("things.list", {"type": "array", "items": row})
    listing["x-listing"] = {"items": "", "id": "/id", "page": {"style": "single"}}
    deletion = build_operation("things.delete", {"type": "object"}, parameters=[key])
    deletion["x-effect"] = {"kind": "delete", "of": "things.list", "id": "id"}
    paths = {"/things": {"get": listing}, "/things/{id}": {"delete": deletion}}
    spec = load_with_client(tmp_path, paths)
    row_id = get(spec, "/things").parse_json()[0]["id"]
    response = Mock(spec).handle(HttpRequest("DELETE", f"/things/{row_id}"))
    assert isinstance(response.parse_json(), dict)


def test_a_field_with_another_pattern_in_the_row_is_not_compared(tmp_path: Path) -> None:
    """A field whose pattern differs in request and row is not compared after a creation."""
    name = {"type": "string", "pattern": "^[a-z]{3}$"}
    row = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": STRING, "name": name},
    }
    field_schema = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string", "enum": ["ABC", "DEF"]}},
    }
    listing = build_operation("things.list", {"type": "array", "items": row})
    listing["x-listing"] = {"items": "", "id": "/id", "page": {"style": "single"}}
    body = {"required": True, "content": {"application/json": {"schema": field_schema}}}
    creation = build_operation("things.create", row, requestBody=body)
    creation["x-effect"] = {"kind": "create", "of": "things.list", "item": ""}
    spec = load_with_client(tmp_path, {"/things": {"get": listing, "post": creation}})
    check_own_mock(spec, tmp_path)


@pytest.mark.parametrize(
    ("media", "schema", "example"),
    [
        ("application/json", {"type": "array", "items": STRING}, '["a", "b"]'),
        ("application/xml", NAMED_OBJECT, "<thing><name>a</name></thing>"),
        ("application/json", {"oneOf": [NAMED_OBJECT, {"type": "object"}]}, {"name": "a"}),
    ],
)
def test_json_strings_xml_and_ambiguous_examples_are_valid(
    media: str, schema: Any, example: Any, tmp_path: Path
) -> None:
    """Examples that are JSON in a string, XML, or match several alternatives are valid."""
    responses = build_responses(NAMED_OBJECT)
    responses["200"]["content"] = {media: {"schema": schema, "example": example}}
    operation = {"operationId": "things.get", "responses": responses}
    check_own_mock(load_with_client(tmp_path, {"/things": {"get": operation}}), tmp_path)


FILE = {"type": "string", "format": "binary"}
FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file", "info", "ids", "deep"],
    "properties": {
        "file": FILE,
        "info": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}},
        "ids": {"type": "array", "minItems": 2, "items": {"type": "integer"}},
        "deep": {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
    },
}
ENCODING = {
    "file": {"contentType": "image/png, image/jpeg"},
    "ids": {"style": "form", "explode": False},
    "deep": {"style": "deepObject", "explode": True},
}


@pytest.mark.parametrize(
    ("media", "content", "expected"),
    [
        (
            "multipart/form-data",
            {"schema": FORM, "encoding": ENCODING},
            [b"image/png", b'name="ids"\r\n\r\n0,1\r\n', b'name="deep[a]"', b"application/json"],
        ),
        (
            "application/x-www-form-urlencoded",
            {"schema": FORM, "encoding": ENCODING},
            [b"ids=0%2C1", b"deep%5Ba%5D=0"],
        ),
        ("image/*", {"schema": FILE}, [b"text"]),
        ("application/*", {"schema": FILE}, [b"text"]),
    ],
)
def test_body_parts_are_encoded_as_documented(
    media: str, content: dict[str, Any], expected: list[bytes], tmp_path: Path
) -> None:
    """The suite and the client write each part of a body as its `encoding` says."""
    operation = build_operation(
        "things.send", NAMED_OBJECT, requestBody={"required": True, "content": {media: content}}
    )
    spec = load_with_client(tmp_path, {"/things": {"post": operation}})
    check_own_mock(spec, tmp_path)
    session = Session(Target.mock(spec))
    session.send(spec.operations[0], {}, body=make_sample(session, spec.operations[0]).body)
    assert session.last is not None
    assert session.last.ok
    assert all(piece in session.last.request.body for piece in expected)


def test_a_number_is_a_valid_example_of_a_string_parameter(tmp_path: Path) -> None:
    """A number as the example of a string parameter is valid, since both are equal in a query."""
    parameter = {"name": "from", "in": "query", "schema": STRING, "example": 13}
    operation = build_operation("things.list", NAMED_OBJECT, parameters=[parameter])
    check_own_mock(load_with_client(tmp_path, {"/things": {"get": operation}}), tmp_path)


def test_an_open_alternative_allows_a_field_of_another(tmp_path: Path) -> None:
    """A value may match an open alternative with a field that another alternative describes."""

    def refer(name: str) -> dict[str, str]:
        return {"$ref": f"#/components/schemas/{name}"}

    def require(field: str, schema: Any = STRING) -> dict[str, Any]:
        return {"type": "object", "required": [field], "properties": {field: schema}}

    mapping = {name.lower(): refer(name)["$ref"] for name in ("Plain", "Noted")}
    schemas = {
        "Open": require("text"),
        "Base": require("kind", {"type": "string", "enum": ["plain"]}),  # not "noted"
        "Plain": {"allOf": [refer("Base"), require("a")]},
        "Noted": {"allOf": [refer("Base"), require("text")]},
        "Event": {
            "oneOf": [refer("Plain"), refer("Noted")],
            "discriminator": {"propertyName": "kind", "mapping": mapping},
        },
    }
    either = {"oneOf": [refer("Open"), refer("Event")]}
    paths = {"/things": {"get": build_operation("things.get", either)}}
    check_own_mock(load_with_client(tmp_path, paths, schemas=schemas), tmp_path)


def test_a_reference_in_an_example_is_data(tmp_path: Path) -> None:
    """A `$ref` in an example is data and is not resolved."""
    schema: dict[str, Any] = {"type": "object", "properties": {"schema": {"type": "object"}}}
    schema["example"] = {"schema": {"$ref": "https://a.example/common.json#String"}}
    examples = {"one": {"value": schema["example"]}}
    content = {"application/json": {"schema": schema, "examples": examples}}
    operation = build_operation("things.create", NAMED_OBJECT, requestBody={"content": content})
    check_own_mock(load_with_client(tmp_path, {"/things": {"post": operation}}), tmp_path)


def test_each_wrong_credential_is_sent_once(tmp_path: Path) -> None:
    """Each wrong credential is sent once, though two security schemes share the request without
    one.
    """
    key = {"type": "apiKey", "in": "header"}
    keys = {name: {**key, "name": f"X-{name}"} for name in ("one", "other")}
    secured_operation = build_operation("things.list", {}, security=[{"one": []}, {"other": []}])
    spec = load_document(tmp_path, {"/things": {"get": secured_operation}}, securitySchemes=keys)
    session = Session(Target.mock(spec))
    [operation] = spec.operations
    rounds = [examine(session, operation, "credentials", check_credentials) for _ in range(2)]
    # Missing; empty, wrong, longer, in the query and right, for each of the two.
    assert [(check.outcome, check.requests) for check in rounds] == [("passed", 11), ("passed", 10)]
