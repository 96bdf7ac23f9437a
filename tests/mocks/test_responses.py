"""The mock's responses: media type, status, and what is omitted."""

from __future__ import annotations

import io
import json
import wave
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.openapi.build import build
from driftline.openapi.read.reader import read

STRING = {"type": "string"}
THING_SCHEMA = {
    "type": "object",
    "required": ["id", "tags"],
    "properties": {
        "id": {"type": "integer", "xml": {"attribute": True}},
        "tags": {"type": "array", "minItems": 2, "items": {**STRING, "xml": {"name": "tag"}}},
    },
}


def _build_mock(tmp_path: Path, responses: dict[str, Any], **members: Any) -> Mock:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.example.com"}],
        "paths": {"/thing": {"get": {"operationId": "thing.get", "responses": responses}}},
        "components": {"schemas": {"Thing": THING_SCHEMA}},
        **members,
    }
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(document))
    return Mock(build(read(path)))


def _build_responses(*kinds: str, schema: Any = None) -> dict[str, Any]:
    content_schema = {"$ref": "#/components/schemas/Thing"} if schema is None else schema
    return {
        "200": {
            "description": "ok",
            "content": {kind: {"schema": content_schema} for kind in kinds},
        }
    }


def _get(mock: Mock, accept: str = "*/*") -> HttpResponse:
    return mock.handle(HttpRequest("GET", "/thing", "", (("Accept", accept),)))


@pytest.mark.parametrize(
    ("kinds", "accept", "expected_type"),
    [
        (["text/csv", "application/json"], "*/*", "application/json"),
        (["application/*+json", "application/json"], "*/*", "application/json"),
        (["application/*+json"], "*/*", "application/json"),
        (["*/*"], "*/*", "application/json"),
        (["application/*"], "application/vnd.shop+json", "application/vnd.shop+json"),
        (["application/vnd.api+json"], "application/json", "application/vnd.api+json"),
        (["application/hal+json; v=1"], "application/json", "application/hal+json; v=1"),
        (["application/json"], "application/vnd.shop+json", "application/json"),
        (["text/csv", "application/json"], "text/csv", "text/csv"),
        (["image/*"], "image/*", "image/png"),
        (["image/*"], "image/gif", "image/gif"),
        (["audio/*"], "*/*", "audio/wav"),
    ],
)
def test_a_wildcard_media_type_is_sent_as_a_concrete_type(
    tmp_path: Path, kinds: list[str], accept: str, expected_type: str
) -> None:
    """JSON is preferred, then exact media types; a wildcard is sent as a concrete type."""
    response = _get(_build_mock(tmp_path, _build_responses(*kinds)), accept)
    assert response.status == 200
    assert response.get_header("Content-Type") == expected_type


def test_a_request_without_an_acceptable_type_is_a_406(tmp_path: Path) -> None:
    """A request that accepts no documented media type gets a 406."""
    assert (
        _get(_build_mock(tmp_path, _build_responses("text/csv")), "application/json").status == 406
    )


def test_bodies_of_other_media_types_are_well_formed(tmp_path: Path) -> None:
    """XML, event streams, JSON lines, forms, text and multipart bodies are well-formed."""

    def request_body(kind: str, schema: Any = None) -> bytes:
        return _get(_build_mock(tmp_path, _build_responses(kind, schema=schema))).body

    root = ElementTree.fromstring(request_body("application/xml"))  # noqa: S314 (made here)
    assert root.tag == "Thing"
    assert int(root.attrib["id"]) >= 0
    assert len(root.findall("tag")) >= 2
    assert ElementTree.fromstring(request_body("text/xml", STRING)).tag == "root"  # noqa: S314
    events = [event for event in request_body("text/event-stream").decode().split("\n\n") if event]
    data = [event.partition("data: ")[2] for event in events]
    assert [set(json.loads(item)) for item in data] == [{"id", "tags"}] * 3
    rows = [json.loads(line) for line in request_body("application/x-ndjson").splitlines()]
    assert len(rows) == 3
    assert b"id=" in request_body("application/x-www-form-urlencoded")
    assert request_body("text/plain", {"type": "integer"}).isdigit()
    assert b'name="tags"' in request_body("multipart/form-data")


BINARY = {**STRING, "format": "binary"}


def test_generated_files_are_valid_for_their_media_type(tmp_path: Path) -> None:
    """Generated files are small and valid for their media type."""

    def request_body(kind: str) -> bytes:
        return _get(_build_mock(tmp_path, _build_responses(kind, schema=BINARY))).body

    with wave.open(io.BytesIO(request_body("audio/wav"))) as sound:
        assert sound.getnframes() > 0
    with zipfile.ZipFile(io.BytesIO(request_body("application/zip"))) as archive:
        assert archive.testzip() is None
    assert request_body("image/png").startswith(b"\x89PNG\r\n\x1a\n")
    assert request_body("image/jpeg").startswith(b"\xff\xd8\xff")
    assert request_body("application/pdf").startswith(b"%PDF-")
    assert request_body("audio/mpeg")[:2] == b"\xff\xfb"
    assert request_body("video/mp4")[4:8] == b"ftyp"
    assert request_body("text/csv").startswith(b"id,name")
    assert request_body("application/octet-stream")


@pytest.mark.parametrize(
    ("responses", "status", "has_body"),
    [
        ({"201": {"description": "", **_build_responses("application/json")["200"]}}, 201, True),
        ({"2XX": {"description": "", **_build_responses("application/json")["200"]}}, 200, True),
        (
            {"default": {"description": "", **_build_responses("application/json")["200"]}},
            200,
            True,
        ),
        ({"default": {"description": ""}}, 204, False),
        ({"302": {"description": ""}, "404": {"description": ""}}, 302, False),
        ({"204": {"description": "", **_build_responses("application/json")["200"]}}, 204, False),
    ],
)
def test_the_response_has_the_documented_success_status(
    tmp_path: Path, responses: Any, status: int, *, has_body: bool
) -> None:
    """The response has the documented success status, or else that of a redirect or `default`."""
    response = _get(_build_mock(tmp_path, responses))
    assert response.status == status
    assert bool(response.body) is has_body


def test_an_operation_that_cannot_be_generated_is_a_501(tmp_path: Path) -> None:
    """An operation whose schema cannot be generated
    returns 501 with the reason, and the others work.
    """
    huge = {"type": "string", "minLength": 2 * 10**9}
    responses = _build_responses("application/json", schema=huge)
    paths = {
        "/thing": {"get": {"operationId": "thing.get", "responses": responses}},
        "/other": {
            "get": {"operationId": "other.get", "responses": _build_responses("application/json")}
        },
    }
    mock = _build_mock(tmp_path, {}, paths=paths)
    response = _get(mock)
    assert response.status == 501
    assert response.get_header("Content-Type") == "application/problem+json"
    assert "too costly to generate" in response.parse_json()["detail"]
    assert "shop.json:" in response.parse_json()["detail"]
    assert mock.handle(HttpRequest("GET", "/other")).status == 200


def test_only_valid_examples_are_sent(tmp_path: Path) -> None:
    """An invalid example is not sent, and `writeOnly` fields are removed from a valid one."""
    schema = {
        "type": "object",
        "required": ["name", "secret"],
        "properties": {"name": STRING, "secret": {**STRING, "writeOnly": True}},
    }
    examples = {"wrong": {"value": {"name": 3}}, "right": {"value": {"name": "Ann", "secret": "x"}}}
    content = {"application/json": {"schema": schema, "examples": examples}}
    mock = _build_mock(tmp_path, {"200": {"description": "ok", "content": content}})
    assert _get(mock).parse_json() == {"name": "Ann"}


def test_required_headers_are_sent_on_one_line(tmp_path: Path) -> None:
    """Required headers are sent on one line, and do not override `Content-Type`."""
    headers = {
        "X-Kind": {"required": True, "schema": {"const": "a\r\nX-Injected: 1"}},
        "X-Counts": {"required": True, "schema": {"const": [1, True]}},
        "Content-Type": {"required": True, "schema": {"const": "text/plain"}},
    }
    responses = _build_responses("application/json")
    responses["200"]["headers"] = headers
    response = _get(_build_mock(tmp_path, responses))
    assert response.get_header("X-Kind") == "a  X-Injected: 1"
    assert response.get_header("X-Counts") == "1,true"
    assert response.get_header("Content-Type") == "application/json"


@pytest.mark.parametrize(("kind", "cursor"), [(["string", "null"], "2"), ("integer", 2)])
def test_a_cursor_has_its_documented_type(tmp_path: Path, kind: Any, cursor: str | int) -> None:
    """The cursor has the documented type, even if the row ID has another."""
    row = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    page = {
        "type": "object",
        "required": ["rows"],
        "properties": {"rows": {"type": "array", "items": row}, "next": {"type": kind}},
    }
    listing = {
        "items": "/rows",
        "id": "/id",
        "size": {"parameter": "limit"},
        "page": {"style": "cursor", "parameter": "after", "next": "/next"},
    }
    parameters = [
        {"name": "after", "in": "query", "schema": STRING},
        {"name": "limit", "in": "query", "schema": {"type": "integer"}},
    ]
    operation = {
        "operationId": "thing.list",
        "parameters": parameters,
        "responses": _build_responses("application/json", schema=page),
        "x-listing": listing,
    }
    mock = _build_mock(tmp_path, {}, paths={"/thing": {"get": operation}})
    for number in (1, 2, 3):
        mock.put("thing.list", {"id": number})
    rows = [row["id"] for row in mock.list_rows("thing.list")]
    query = f"limit={rows.index(2) + 1}"
    assert json.loads(mock.handle(HttpRequest("GET", "/thing", query)).body)["next"] == cursor
    next_page = json.loads(mock.handle(HttpRequest("GET", "/thing", f"after={cursor}")).body)
    assert next_page["rows"][0]["id"] == rows[rows.index(2) + 1]


def test_each_json_form_of_a_row_has_its_own_schema(tmp_path: Path) -> None:
    """Each JSON media type of a row has the fields of its own schema."""
    closed = {"type": "object", "required": ["id"], "additionalProperties": False}
    plain = {**closed, "properties": {"id": {"type": "integer"}, "name": STRING}}
    linked = {**closed, "properties": {**plain["properties"], "_links": {"type": "object"}}}
    content = {"application/hal+json": {"schema": linked}, "application/json": {"schema": plain}}
    mock = _build_mock(tmp_path, {"200": {"description": "ok", "content": content}})
    for accept in ("*/*", *content):
        response = _get(mock, accept)
        kind = response.get_header("Content-Type")
        assert kind == ("application/json" if accept == "*/*" else accept)
        names = set(json.loads(response.body))
        assert (
            {"id"}
            <= names
            <= set(content[accept if accept in content else kind]["schema"]["properties"])
        )


def test_fields_that_another_media_type_requires_are_generated(tmp_path: Path) -> None:
    """Fields that another media type requires are generated."""
    linked = {"type": "object", "required": ["self"], "properties": {"self": STRING}}
    content = {
        "application/json": {"schema": THING_SCHEMA},
        "application/hal+json": {"schema": linked},
    }
    mock = _build_mock(tmp_path, {"200": {"description": "ok", "content": content}})
    assert set(json.loads(_get(mock, "application/hal+json").body)) == {"self"}
