"""Undocumented rejections of invalid requests are tolerated; documented ones must match."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftline.checks.exchange import Exchange
from driftline.checks.outgoing import Outgoing
from driftline.checks.response import find_flaws
from driftline.checks.tolerance import can_be_rejected, is_tolerated
from driftline.openapi import Spec
from driftline.suite.fuzzing.leniency import read_leniently

from .documents import build_operation, build_responses, load_document

LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
ERROR = {
    "description": "No.",
    "content": {"application/json": {"schema": {"type": "object", "required": ["message"]}}},
}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Spec:
    """Return a spec with an operation that documents no rejection and one that documents 400."""
    silent = build_operation("row.get", {}, parameters=[ID, LIMIT], security=[{"key": []}])
    told_operation = {
        **build_operation("row.told", {}, parameters=[LIMIT]),
        "responses": build_responses({}, **{"400": ERROR}),
    }
    key = {"type": "apiKey", "name": "X-Key", "in": "header"}
    return load_document(
        tmp_path_factory.mktemp("tolerance"),
        {"/row/{id}": {"get": silent}, "/told": {"get": told_operation}},
        securitySchemes={"key": key},
    )


JSON = (("Content-Type", "application/json"),)


def is_all_tolerated(spec: Spec, name: str, target: str, status: int) -> bool:
    """Return whether every flaw of the response to a GET of `target` is tolerated."""
    path, _, query = target.partition("?")
    request = Outgoing("GET", path, query, (), b"")
    exchange = Exchange(name, request, "http://x", status, JSON, b"{}", 0.0)
    flaws = list(find_flaws(spec, exchange))
    assert flaws
    return all(is_tolerated(spec, exchange, flaw) for flaw in flaws)


@pytest.mark.parametrize(
    ("target", "status", "expected"),
    [
        ("/row/1?limit=x", 400, True),
        ("/row/1?limit=x", 422, True),
        ("/row/1?limit=1", 400, False),
        ("/row/1?limit=%00", 400, True),
        ("/row/1", 401, True),
        ("/row/1", 404, True),
        ("/row/1", 429, True),
        ("/row/1?limit=x", 418, False),
        ("/row/1?limit=x", 302, False),
    ],
)
def test_invalid_requests_may_be_rejected_without_documentation(
    spec: Spec, target: str, status: int, *, expected: bool
) -> None:
    """Without a documented rejection, an invalid request may be rejected; a valid one may not."""
    assert is_all_tolerated(spec, "row.get", target, status) is expected


@pytest.mark.parametrize(
    ("query", "status", "expected"),
    [
        ("limit=x", 422, False),
        ("limit=x", 400, False),
        ("limit=%00", 400, True),
        ("limit=x", 401, False),
        ("limit=x", 404, False),
    ],
)
def test_a_rejection_must_match_a_documented_one(
    spec: Spec, query: str, status: int, *, expected: bool
) -> None:
    """With a documented rejection, another status or body is a flaw, except for NUL characters."""
    assert is_all_tolerated(spec, "row.told", f"/told?{query}", status) is expected


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ("limit=x", {"message": "No.", "errors": {"limit": "no number"}}, True),
        ("limit=1", {"message": "No.", "errors": {"limit": "no number"}}, False),
        ("limit=x", {"errors": {"limit": "no number"}}, False),
        ("limit=x", {"message": "No.", "reason": "no number"}, False),
        ("limit=x", {"list": [{"code": "int", "input": "x"}]}, True),
        ("limit=x", {"list": [{"code": 7}]}, False),
        ("limit=x", {"list": [{"place": ["lines", 7]}]}, True),
        ("limit=1", {"list": [{"place": ["lines", 7]}]}, False),
    ],
)
def test_a_rejection_of_an_invalid_request_may_have_details(
    tmp_path: Path, query: str, body: Any, *, expected: bool
) -> None:
    """The rejection of an invalid request may have extra details; other undocumented fields are
    flaws.
    """
    steps = {"type": "array", "items": {"type": "string"}}
    item = {"type": "object", "properties": {"place": steps, "code": {"type": "string"}}}
    list_schema = {"type": "array", "items": item}
    text = {"type": "string"}
    schema = {"type": "object", "properties": {"message": text, "list": list_schema}}
    error = {"description": "No.", "content": {"application/json": {"schema": schema}}}
    get = {
        **build_operation("get", {}, parameters=[LIMIT]),
        "responses": build_responses({}, **{"400": error}),
    }
    rows_spec = load_document(tmp_path, {"/rows": {"get": get}})
    request = Outgoing("GET", "/rows", query, (), b"")
    exchange = Exchange("get", request, "http://x", 400, JSON, json.dumps(body).encode(), 0.0)
    (flaw,) = find_flaws(rows_spec, exchange)
    assert is_tolerated(rows_spec, exchange, flaw) is expected


@pytest.mark.parametrize(
    ("query", "expected"), [("limit=1e50", True), ("limit=" + "9" * 19, True), ("limit=7", False)]
)
def test_a_server_may_reject_a_number_beyond_64_bits(
    spec: Spec, query: str, *, expected: bool
) -> None:
    """A server may reject a number beyond 64 bits, whatever the schema allows."""
    request = Outgoing("GET", "/told", query, (), b"")
    exchange = Exchange("row.told", request, "http://x", 400, JSON, b"{}", 0.0)
    operation = spec.find_operation("row.told")
    assert operation is not None
    assert can_be_rejected(spec, operation, exchange) is expected


def test_a_correct_response_needs_no_tolerance(spec: Spec) -> None:
    """A correct response has no flaws."""
    request = Outgoing("GET", "/told", "", (), b"")
    exchange = Exchange("row.told", request, "http://x", 200, JSON, b"{}", 0.0)
    assert list(find_flaws(spec, exchange)) == []


@pytest.mark.parametrize(
    ("target", "expected"),
    [("/row", True), ("/row?kind=other", False), ("/row?kind=beta", False), ("/row?n=x", False)],
)
def test_response_of_another_operation_at_the_path(
    tmp_path: Path, target: str, *, expected: bool
) -> None:
    """A valid request of another operation at the same path may get that operation's response."""
    number = {"name": "n", "in": "query", "schema": {"type": "integer"}}
    none = {"name": "kind", "in": "query", "schema": {"enum": ["plain"]}}
    strict = {"type": "object", "required": ["message"]}
    paths = {
        "/row": {"get": build_operation("row.plain", {}, parameters=[number, none])},
        "/row?kind=beta": {"get": build_operation("row.beta", strict, parameters=[number])},
    }
    spec = load_document(tmp_path, paths)
    assert is_all_tolerated(spec, "row.beta", target, 200) is expected


@pytest.mark.parametrize(
    ("request_value", "response_value", "expected"),
    [
        ({"name": "a", "odd": 1}, {"name": "a", "odd": 1}, []),
        ({"name": "a", "part": {"odd": [2]}}, {"part": {"odd": [2]}}, []),
        ({"name": "a", "odd": 1}, {"name": "a", "odd": 2}, ["response.field.undocumented"]),
        ({"name": "a"}, {"title": "a"}, ["response.field.undocumented"]),
    ],
)
def test_a_response_may_repeat_an_unknown_field_of_the_request(
    tmp_path: Path, request_value: Any, response_value: Any, expected: list[str]
) -> None:
    """A response may repeat an unknown field of the request with its value, and no other field."""
    part = {"type": "object", "properties": {"name": {"type": "string"}}}
    row = {**part, "properties": {**part["properties"], "part": part}}
    body = {"content": {"application/json": {"schema": row}}}
    spec = load_document(
        tmp_path, {"/row": {"post": build_operation("row.make", row, requestBody=body)}}
    )
    request = Outgoing("POST", "/row", "", JSON, json.dumps(request_value).encode())
    response_content = json.dumps(response_value).encode()
    exchange = Exchange("row.make", request, "http://x", 200, JSON, response_content, 0.0)
    assert [flaw.kind for flaw in find_flaws(spec, exchange)] == expected


@pytest.mark.parametrize(
    ("method", "status", "expected"),
    [("OPTIONS", 501, []), ("OPTIONS", 500, ["response.server-error"]), ("HEAD", 405, [])],
)
def test_a_server_may_reject_options_and_head(
    spec: Spec, method: str, status: int, expected: list[str]
) -> None:
    """A server may reject OPTIONS with 501 and HEAD with 405, but not fail with 500."""
    request = Outgoing(method, "/told", "", (), b"")
    exchange = Exchange("row.told", request, "http://x", status, JSON, b"{}", 0.0)
    assert [flaw.kind for flaw in find_flaws(spec, exchange)] == expected


@pytest.mark.parametrize("number", ["9" * 5_000, "9" * 400, "1e999", "-1e999"])
def test_an_infinite_number_of_a_query_is_not_a_number(number: str, spec: Spec) -> None:
    """A number in a query that no float can represent is not read as a number."""
    request = Outgoing("GET", "/row/a", f"limit={number}", ())
    assert read_leniently(spec, spec.operations[0], request) == request


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "number"}, "1.5", True),
        ({"type": "number"}, "1e-3", True),
        ({"type": "number"}, "7", False),
        ({"type": "number"}, str(2**70), True),
        ({"type": "number", "format": "double"}, "1.5", False),
        ({"type": "string"}, "1.5", False),
    ],
)
def test_a_server_may_reject_a_fractional_number_as_an_id(
    tmp_path: Path, schema: dict[str, Any], value: str, *, expected: bool
) -> None:
    """A server may reject a fractional or huge `number` as an id unless its schema has a format."""
    row = build_operation("row.get", {}, parameters=[{**ID, "schema": schema}])
    spec = load_document(tmp_path, {"/row/{id}": {"get": row}})
    request = Outgoing("GET", f"/row/{value}", "", (), b"")
    exchange = Exchange("row.get", request, "http://x", 400, JSON, b"{}", 0.0)
    assert can_be_rejected(spec, spec.operations[0], exchange) is expected


NAMES = {
    "sort_by": ({"type": "string"}, True),
    "order": ({"type": "array", "items": {"type": "string"}}, True),
    "sort": ({"type": "string", "enum": ["a"]}, False),
    "fields": ({"type": "string", "pattern": "^[a-z]*$"}, False),
    "title": ({"type": "string"}, False),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_fields_are_rarely_documented(tmp_path: Path, name: str) -> None:
    """An order by another string than a field may be rejected, unless the values are listed."""
    schema, is_open = NAMES[name]
    parameter = {"name": name, "in": "query", "schema": schema}
    spec = load_document(
        tmp_path, {"/x": {"get": build_operation("x", {}, parameters=[parameter])}}
    )
    request = Outgoing("GET", "/x", f"{name}=a", (), b"")
    exchange = Exchange("x", request, "http://x", 400, JSON, b"{}", 0.0)
    assert can_be_rejected(spec, spec.operations[0], exchange) is is_open


@pytest.mark.parametrize(("written", "is_open"), [({}, True), ({"required": False}, False)])
def test_a_body_may_be_required(tmp_path: Path, written: dict[str, Any], *, is_open: bool) -> None:
    """Unless the document says that it is not, since many generators leave that out."""
    content = {"application/json": {"schema": {"type": "object"}}}
    patch = build_operation("x", {}, requestBody={**written, "content": content})
    spec = load_document(tmp_path, {"/x": {"patch": patch}})
    exchange = Exchange("x", Outgoing("PATCH", "/x", "", (), b""), "http://x", 400, JSON, b"", 0.0)
    assert can_be_rejected(spec, spec.operations[0], exchange) is is_open


@pytest.mark.parametrize(
    ("documented", "status", "expected"),
    [
        ({"400": ERROR}, 422, 1),
        ({"400": ERROR}, 400, 0),
        ({"400": ERROR}, 409, 0),
        ({"400": ERROR, "422": ERROR}, 422, 0),
        ({}, 422, 0),
    ],
)
def test_an_assumed_class_does_not_stand_for_another_word_of_a_documented_400(
    tmp_path: Path, documented: dict[str, Any], status: int, expected: int
) -> None:
    """A 422 where 400 is documented is undocumented, although `driftline add` assumes 4XX."""
    assumed = {"4XX": {"description": "No.", "x-assumed": "Neither 4XX nor default."}}
    operation = {
        **build_operation("rows.list", {}, parameters=[LIMIT]),
        "responses": build_responses({}, **documented, **assumed),
    }
    spec = load_document(tmp_path, {"/rows": {"get": operation}})
    request = Outgoing("GET", "/rows", "limit=x", (), b"")
    body = b'{"message": ""}'
    exchange = Exchange("rows.list", request, "http://x", status, JSON, body, 0.0)
    flaws = [flaw for flaw in find_flaws(spec, exchange) if not is_tolerated(spec, exchange, flaw)]
    assert [flaw.kind for flaw in flaws] == ["response.status.undocumented"] * expected
