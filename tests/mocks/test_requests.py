"""Request parsing: parameter styles, forms, credentials, and routing."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.openapi import load
from driftline.openapi.build import build
from driftline.openapi.read.reader import read

STRING = {"type": "string"}
COUNT = {"type": "integer"}
COUNTS = {"type": "array", "items": COUNT}
STRINGS = {"type": "array", "items": STRING}
STATES = {"type": "array", "items": {"type": "string", "enum": ["open", "held"]}}
EITHER = {"oneOf": [{"type": "string", "minLength": 3}, STATES]}
POINT = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"x": COUNT, "open": {"type": "boolean"}, "tags": STRINGS},
}


def _build_mock(tmp_path: Path, paths: dict[str, Any], **parts: Any) -> Mock:
    for number, item in enumerate(paths.values()):
        for method, operation in item.items():
            if method not in {"servers", "parameters"}:
                operation.setdefault("operationId", f"thing{number}.{method}")
                operation.setdefault("responses", {"200": {"description": "ok"}})
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.example.com/v1"}],
        "paths": paths,
        **parts,
    }
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(document))
    return Mock(build(read(path)))


def _get(mock: Mock, target: str, *headers: tuple[str, str]) -> HttpResponse:
    path, _, query = target.partition("?")
    return mock.handle(HttpRequest("GET", path, query, headers))


def _build_query_parameter(schema: Any, **keywords: Any) -> dict[str, Any]:
    return {"name": "q", "in": "query", "required": True, "schema": schema, **keywords}


@pytest.mark.parametrize(
    ("path", "has_slashes"),
    [
        *[("/a/{+q}", True), ("/a/{q+}", True), ("/a/{*q}", True), ("/a/{**q}", True)],
        *[("/a/{q:path}", True), ("/a/{q:.+}", True), ("/a/{q=shelves/*}", True)],
        *[("/a/{q}", False), ("/a/{q:int}", False), ("/a/{q=*}", False), ("/a/{q?}", False)],
        *[("/a/{ q }", False), ("/a/{ +q }", True)],
    ],
)
@pytest.mark.parametrize("name", ["q", None])
def test_router_syntax_in_a_path_parameter_is_removed(
    tmp_path: Path, path: str, has_slashes: bool, name: str | None
) -> None:
    """Router syntax in a path parameter is removed from its name; some variants match slashes."""
    parameter_name = name or path.partition("{")[2].rstrip("}")
    parameter = {"name": parameter_name, "in": "path", "required": True, "schema": STRING}
    _build_mock(tmp_path, {path: {"get": {"parameters": [parameter]}}})
    mock = Mock(load(tmp_path / "shop.json"))
    (operation,) = mock.spec.operations
    assert not mock.spec.problems
    assert operation.path == "/a/{q}"
    assert [parameter.name for parameter in operation.parameters] == ["q"]
    assert _get(mock, "/v1/a/x").status == 200
    assert _get(mock, "/v1/a/shelves/1").status == (200 if has_slashes else 404)


def test_percent_encoded_paths_match(tmp_path: Path) -> None:
    """A path with spaces or non-ASCII letters matches its percent-encoded form."""
    mock = _build_mock(tmp_path, {"/größe der/{q}": {"get": {}}})
    assert _get(mock, "/v1/gr%C3%B6%C3%9Fe%20der/1").status == 200


@pytest.mark.parametrize(
    "path", ["orders", "//orders", "/orders{?page}", "https://shop.example.com/orders"]
)
def test_unusual_spellings_of_a_path_match(tmp_path: Path, path: str) -> None:
    """A path without a slash, with two, with query names or with a host is matched."""
    assert _get(_build_mock(tmp_path, {path: {"get": {}}}), "/v1/orders").status == 200


def _build_path_parameter(name: str, schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/v1/reports/a.b.json", "thing0.get"),
        ("/v1/reports/a.xml", "thing0.get"),
        ("/v1/reports/a.tar", "thing1.get"),
        ("/v1/days/7th", "thing2.get"),
        ("/v1/days/x7", ""),
    ],
)
def test_adjacent_parameters_are_split_by_their_schemas(
    tmp_path: Path, target: str, expected: str
) -> None:
    """`{id}{format}` is split by the parameter schemas; a path that no split fits is a 404."""
    kinds = {"type": "string", "enum": [".json", ".xml"]}
    item = {
        "get": {
            "parameters": [
                _build_path_parameter("id", STRING),
                _build_path_parameter("format", kinds),
            ]
        }
    }
    plain_item = {"get": {"parameters": [_build_path_parameter("id", STRING)]}}
    days = {
        "get": {
            "parameters": [
                _build_path_parameter("day", COUNT),
                _build_path_parameter("rest", STRING),
            ]
        }
    }
    paths = {"/reports/{id}{format}": item, "/reports/{id}": plain_item, "/days/{day}{rest}": days}
    for path_item in paths.values():
        identity = {"type": "string", "const": f"thing{[*paths.values()].index(path_item)}.get"}
        content = {"application/json": {"schema": identity}}
        path_item["get"]["responses"] = {"200": {"description": "ok", "content": content}}
    response = _get(_build_mock(tmp_path, paths), target)
    assert response.status == (200 if expected else 404)
    assert not expected or json.loads(response.body) == expected


@pytest.mark.parametrize(
    ("schema", "segment"),
    [
        ({"type": "string", "format": "date"}, "2024-01-02-2024-02-03"),
        ({"type": "integer"}, "-3--1"),
        (
            {"type": "string", "format": "uuid"},
            "01234567-89ab-cdef-0123-456789abcdef-01234567-89ab-cdef-0123-456789abcdef",
        ),
    ],
)
def test_separators_within_parameter_values_are_split_by_type(
    tmp_path: Path, schema: dict[str, Any], segment: str
) -> None:
    """`{from}-{to}` is split by the types even if
    values contain the separator, else it is a 400.
    """
    item = {
        "get": {
            "parameters": [
                _build_path_parameter("from", schema),
                _build_path_parameter("to", schema),
            ]
        }
    }
    mock = _build_mock(tmp_path, {"/rates/{from}-{to}": item})
    assert _get(mock, f"/rates/{segment}").status == 200
    assert _get(mock, "/rates/one-two").status == 400


def test_paths_of_one_shape_are_distinguished_by_type(tmp_path: Path) -> None:
    """`/files/{id}` matches an integer, and `/files/{name}` anything else."""
    by_id: dict[str, Any] = {"get": {"parameters": [_build_path_parameter("id", COUNT)]}}
    by_name: dict[str, Any] = {"get": {"parameters": [_build_path_parameter("name", STRING)]}}
    by_id["get"]["responses"] = {"204": {"description": "ok"}}
    mock = _build_mock(tmp_path, {"/files/{id}": by_id, "/files/{name}": by_name})
    assert [_get(mock, f"/files/{file_name}").status for file_name in ("7", "a.txt")] == [204, 200]


@pytest.mark.parametrize(
    ("parameter", "query", "status"),
    [
        (
            _build_query_parameter(POINT, style="deepObject", explode=True),
            "q[x]=1&q[open]=true",
            200,
        ),
        (_build_query_parameter(POINT, style="deepObject", explode=True), "q%5Bx%5D=1", 200),
        (_build_query_parameter(EITHER), "q=open", 200),
        (_build_query_parameter(EITHER), "q=open&q=held", 200),
        (_build_query_parameter(EITHER), "q=none", 200),
        (_build_query_parameter(EITHER), "q=no", 400),
        (_build_query_parameter(EITHER), "q=open&q=none", 400),
        (_build_query_parameter(POINT, style="deepObject", explode=True), "q[x]=one", 400),
        (_build_query_parameter(POINT, style="deepObject", explode=True), "q[open]=1", 400),
        (
            _build_query_parameter(POINT, style="deepObject", explode=True),
            "q[tags][]=a&q[tags][]=b",
            200,
        ),
        (
            _build_query_parameter(POINT, style="deepObject", explode=True),
            "q[tags][0]=a&q[tags][1]=b",
            200,
        ),
        (_build_query_parameter(POINT), "x=1&open=false", 200),
        (_build_query_parameter(POINT), "x=one", 400),
        (
            _build_query_parameter({"type": "object", "additionalProperties": COUNT}),
            "any=1&other=2",
            200,
        ),
        (_build_query_parameter({"type": "object", "additionalProperties": COUNT}), "any=one", 400),
        (_build_query_parameter(POINT, explode=False), "q=x,1,open,true", 200),
        (_build_query_parameter(COUNTS, explode=False), "q=1,2", 200),
        (_build_query_parameter(COUNTS, explode=False), "q=1%2C2", 200),
        (_build_query_parameter(COUNTS, explode=False), "q=1,two", 400),
        (_build_query_parameter({**STRINGS, "maxItems": 1}, explode=False), "q=a%2Cb", 200),
        (_build_query_parameter(STATES, explode=False), "q=open%2Cheld", 200),
        (_build_query_parameter(STATES, explode=False), "q=open%2Cgone", 400),
        (_build_query_parameter({**STRINGS, "maxItems": 1}, explode=False), "q=a,b", 400),
        (
            _build_query_parameter(
                {**COUNTS, "minItems": 2}, style="spaceDelimited", explode=False
            ),
            "q=1%202",
            200,
        ),
        (
            _build_query_parameter(
                {**COUNTS, "minItems": 2}, style="spaceDelimited", explode=False
            ),
            "q=1+2",
            200,
        ),
        (
            _build_query_parameter({**COUNTS, "minItems": 2}, style="pipeDelimited", explode=False),
            "q=1|2",
            200,
        ),
        (
            _build_query_parameter({**COUNTS, "minItems": 2}, style="pipeDelimited", explode=False),
            "q=1%7C2",
            200,
        ),
        (_build_query_parameter(COUNTS), "q=", 200),
        (_build_query_parameter(COUNT, allowEmptyValue=True), "q=", 200),
        (_build_query_parameter(COUNT), "q=", 400),
        (_build_query_parameter({"type": "array", "items": POINT}), 'q={"x":1}', 200),
        (_build_query_parameter({"type": "array", "items": POINT}), 'q={"x":"one"}', 400),
    ],
)
def test_query_parameters(
    tmp_path: Path, parameter: dict[str, Any], query: str, status: int
) -> None:
    """Query parameters are parsed by their style and validated by their type."""
    mock = _build_mock(tmp_path, {"/things": {"get": {"parameters": [parameter]}}})
    response = _get(mock, f"/things?{query}")
    assert response.status == status, response.reason


@pytest.mark.parametrize(
    ("style", "schema", "explode", "segment", "status"),
    [
        ("label", COUNT, False, ".7", 200),
        ("label", COUNTS, True, ".7.8", 200),
        ("label", COUNTS, False, ".7,8", 200),
        ("matrix", COUNT, False, ";q=7", 200),
        ("matrix", COUNTS, True, ";q=7;q=8", 200),
        ("matrix", COUNTS, False, ";q=7,8", 200),
        ("matrix", COUNT, False, ";q=seven", 400),
        ("simple", {**STRINGS, "maxItems": 1}, False, "a%2Cb", 200),
        ("simple", POINT, True, "x=1,open=true", 200),
        ("simple", POINT, False, "x,1,open,true", 200),
    ],
)
def test_path_parameters(
    tmp_path: Path, style: str, schema: Any, *, explode: bool, segment: str, status: int
) -> None:
    """Path parameters support every style; an encoded separator belongs to the value."""
    parameter = {"name": "q", "in": "path", "required": True, "schema": schema}
    styled_parameter = {**parameter, "style": style, "explode": explode}
    mock = _build_mock(tmp_path, {"/things/{q}": {"get": {"parameters": [styled_parameter]}}})
    response = _get(mock, f"/things/{segment}")
    assert response.status == status, response.reason


@pytest.mark.parametrize(("value", "status"), [('{"x":1}', 200), ('{"x":"one"}', 400), ("no", 400)])
def test_parameters_of_a_media_type(tmp_path: Path, value: str, status: int) -> None:
    """A parameter with JSON `content` is validated as JSON."""
    content = {"application/json": {"schema": POINT}}
    parameter = {"name": "q", "in": "query", "required": True, "content": content}
    mock = _build_mock(tmp_path, {"/things": {"get": {"parameters": [parameter]}}})
    assert _get(mock, f"/things?q={value}").status == status


def test_headers_that_openapi_reserves_are_not_parameters(tmp_path: Path) -> None:
    """`Accept`, `Content-Type` and `Authorization` are ignored as parameters."""
    names = ("Accept", "Content-Type", "Authorization")
    parameters = [
        {"name": name, "in": "header", "required": True, "schema": {"enum": ["?"]}}
        for name in names
    ]
    mock = _build_mock(tmp_path, {"/things": {"get": {"parameters": parameters}}})
    assert _get(mock, "/things").status == 200


FORM = {
    "type": "object",
    "required": ["count"],
    "additionalProperties": False,
    "properties": {
        "count": COUNT,
        "open": {"type": "boolean"},
        "tags": STRINGS,
        "point": POINT,
        "rows": {"type": "array", "items": POINT},
        "id": {**STRING, "readOnly": True},
    },
}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("count=1&open=true", 200),
        ("count=one", 400),
        ("open=true", 400),
        ("count=1&tags=a&tags=b", 200),
        ("count=1&tags[]=a&tags[]=b", 200),
        ("count=1&tags[0]=a&tags[1]=b", 200),
        ("count=1&point[x]=2&point[open]=false", 200),
        ("count=1&point[x]=two", 400),
        ("count=1&rows[0][x]=1&rows[1][x]=2", 200),
        ("count=1&rows[0][x]=one", 400),
        ("count=1&id=anything", 200),
    ],
)
def test_forms(tmp_path: Path, body: str, status: int) -> None:
    """Form fields are validated by type; lists and objects may use any common notation."""
    content = {"application/x-www-form-urlencoded": {"schema": FORM}}
    operation = {"requestBody": {"required": True, "content": content}}
    mock = _build_mock(tmp_path, {"/things": {"post": operation}})
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    response = mock.handle(HttpRequest("POST", "/things", "", headers, body.encode()))
    assert response.status == status, response.reason


SCHEMES = {
    "user": {"type": "http", "scheme": "bearer"},
    "project": {"type": "oauth2", "flows": {}},
    "basic": {"type": "http", "scheme": "basic"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
}


@pytest.mark.parametrize(
    ("security", "credentials", "status"),
    [
        ([{"user": [], "project": []}], ["user"], 200),
        ([{"user": [], "project": []}], ["project"], 200),
        ([{"user": [], "project": []}], [], 401),
        ([{"user": [], "key": []}], ["user"], 401),
        ([{"user": [], "key": []}], ["user", "key"], 200),
        ([{"user": [], "basic": []}], ["basic"], 200),
        ([{"user": []}, {"key": []}], ["key"], 200),
        ([{"user": []}, {}], [], 200),
    ],
)
def test_credentials(
    tmp_path: Path, security: list[Any], credentials: list[str], status: int
) -> None:
    """If several schemes use the `Authorization` header, one of them is sufficient."""
    paths = {"/things": {"get": {"security": security}}}
    mock = _build_mock(tmp_path, paths, components={"securitySchemes": SCHEMES})
    headers: list[tuple[str, str]] = []
    for name in credentials:
        value = mock.credentials[name]
        if name == "basic":
            value = base64.b64encode(value.encode()).decode()
        kind = "Basic" if name == "basic" else "Bearer"
        headers.append(("X-Key", value) if name == "key" else ("Authorization", f"{kind} {value}"))
    assert _get(mock, "/things", *headers).status == status


def test_base_paths_of_path_and_operation_servers_are_optional(tmp_path: Path) -> None:
    """The base paths of path and operation servers may be sent or omitted."""
    operation = {"servers": [{"url": "https://files.example.com/{region}/v2"}]}
    item = {"servers": [{"url": "/path/base"}], "get": {}, "put": operation}
    mock = _build_mock(tmp_path, {"/things": item})
    for path in ("/things", "/v1/things", "/path/base/things", "/eu/v2/things"):
        assert _get(mock, path).status == 200, path
    assert _get(mock, "/other/things").status == 404


def test_operations_of_one_path_are_distinguished(tmp_path: Path) -> None:
    """Operations on one path differ by the query or
    fragment of their path, media type or parameters.
    """

    def build_operation(constant: str, **members: Any) -> dict[str, Any]:
        content = {"application/json": {"schema": {"const": constant}}}
        return {"responses": {"200": {"description": "ok", "content": content}}, **members}

    required_parameter = {
        "name": "kind",
        "in": "query",
        "required": True,
        "schema": {"enum": ["b"]},
    }
    patch = {"content": {"application/json-patch+json": {}}}
    mock = _build_mock(
        tmp_path,
        {
            "/a?Action=one": {"get": build_operation("one")},
            "/a?Action=two": {"get": build_operation("two")},
            "/b#X-Target=three": {"get": build_operation("three")},
            "/b#X-Target=four": {"get": build_operation("four")},
            "/c/{id}": {"get": build_operation("five")},
            "/d#add": {
                "put": build_operation("seven", requestBody={"content": {"application/json": {}}})
            },
            "/d#update": {"put": build_operation("eight", requestBody=patch)},
            "/c/{name}": {"get": build_operation("six", parameters=[required_parameter])},
        },
    )
    assert _get(mock, "/a?Action=one").parse_json() == "one"
    assert _get(mock, "/a?x=1&Action=two").parse_json() == "two"
    assert _get(mock, "/b", ("X-Target", "four")).parse_json() == "four"
    assert _get(mock, "/b?X-Target=three").parse_json() == "three"
    assert _get(mock, "/c/7").parse_json() == "five"
    assert _get(mock, "/c/7?kind=b").parse_json() == "six"
    for media_type, constant in (
        ("application/json", "seven"),
        ("application/json-patch+json", "eight"),
    ):
        headers = (("Content-Type", media_type),)
        assert mock.handle(HttpRequest("PUT", "/d", "", headers, b"[]")).parse_json() == constant


def test_a_base_path_is_not_a_parameter(tmp_path: Path) -> None:
    """`/v1/` is the API's root, although `/{id}` could match it too."""
    mock = _build_mock(
        tmp_path,
        {
            "/": {"post": {}},
            "/{id}": {"get": {"parameters": [_build_path_parameter("id", STRING)]}},
        },
    )
    for path in ("/v1/", "/"):
        assert mock.handle(HttpRequest("POST", path, "", ())).status == 200
    assert [_get(mock, path).status for path in ("/v1/x", "/x", "/v1")] == [200, 200, 200]


@pytest.mark.parametrize("name", ["Accept-Encoding", "User-Agent"])
def test_headers_of_http_libraries_are_not_validated(tmp_path: Path, name: str) -> None:
    """`Accept-Encoding` and `User-Agent` parameters are neither required nor validated."""
    schema = {"type": "string", "enum": ["base64"]}
    parameter = {"name": name, "in": "header", "required": True, "schema": schema}
    mock = _build_mock(tmp_path, {"/things": {"get": {"parameters": [parameter]}}})
    assert _get(mock, "/things").status == 200
    for value in ("gzip, deflate", "base64"):
        assert _get(mock, "/things", (name, value)).status == 200


def test_an_update_keeps_only_documented_fields(tmp_path: Path) -> None:
    """An update drops undocumented fields at any depth."""
    part = {"type": "object", "properties": {"size": COUNT}}
    row = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": STRING, "parts": {"type": "array", "items": part}},
    }
    content = {"application/json": {"schema": row}}
    rows = {"application/json": {"schema": {"type": "array", "items": row}}}
    listing = {"items": "", "id": "/id", "page": {"style": "single"}}
    effect = {"kind": "update", "of": "things.list", "id": "id", "item": ""}
    list_operation = {
        "operationId": "things.list",
        "responses": {"200": {"description": "ok", "content": rows}},
        "x-listing": listing,
    }
    update_operation = {
        "operationId": "things.update",
        "parameters": [_build_path_parameter("id", STRING)],
        "requestBody": {"content": content},
        "responses": {"200": {"description": "ok", "content": content}},
        "x-effect": effect,
    }
    mock = _build_mock(
        tmp_path, {"/things": {"get": list_operation}, "/things/{id}": {"put": update_operation}}
    )
    mock.put("things.list", {"id": "one"})
    body = json.dumps({"id": "one", "odd": 1, "parts": [{"size": 2, "odd": 3}]}).encode()
    kind = ("Content-Type", "application/json")
    response = mock.handle(HttpRequest("PUT", "/v1/things/one", "", (kind,), body))
    assert response.status == 200, response.reason
    stored_row = next(row for row in mock.list_rows("things.list") if row["id"] == "one")
    assert "odd" not in stored_row
    assert stored_row["parts"] == [{"size": 2}]
