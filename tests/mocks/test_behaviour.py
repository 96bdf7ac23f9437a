"""The mock's behavior: rejected requests, pagination, and rows."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import httpx
import pytest
from examples import count_examples
from hypothesis import given, settings, strategies as st

from driftline.errors import TargetError
from driftline.mock import HttpRequest, Mock, MockTransport, run_server
from driftline.mock.server.serve import serve
from driftline.openapi import Spec
from driftline.openapi.schema.validation import list_violations
from mocks.calling import build_credentials, call

NEW = {
    "recordingUrl": "https://example.com/a.wav",
    "startedAt": "2026-01-02T03:04:05Z",
    "interfaceType": "PHONE",
    "callDirection": "OUTBOUND",
}


@pytest.fixture
def mock(roark: Spec) -> Mock:
    return Mock(roark)


def list_rows(mock: Mock, **query: Any) -> list[dict[str, Any]]:
    """Return the rows of all pages."""
    rows: list[dict[str, Any]] = []
    while True:
        page = call(mock, "GET", "/v1/call", query=query).parse_json()
        rows += page["data"]
        if not page["pagination"]["hasMore"]:
            assert page["pagination"]["nextCursor"] is None
            return rows
        query = {**query, "after": page["pagination"]["nextCursor"]}


REJECTED_REQUESTS: list[tuple[str, dict[str, Any], int, str]] = [
    ("limit too small", {"query": {"limit": 0}}, 400, "'limit'"),
    ("limit too large", {"query": {"limit": 101}}, 400, "'limit'"),
    ("limit is not an integer", {"query": {"limit": "1e1"}}, 400, "'limit'"),
    ("limit twice", {"query": {"limit": [1, 2]}}, 400, "2 times"),
    ("sort by an unknown field", {"query": {"sortBy": "mood"}}, 400, "'sortBy'"),
    ("cursor is not a UUID", {"query": {"after": "x"}}, 400, "'after'"),
    ("all at once", {"query": {"limit": 0, "sortBy": "mood"}}, 400, "; query parameter"),
    ("no credential", {"bearerToken": None}, 401, "missing"),
    ("a wrong credential", {"bearerToken": "wrong"}, 401, "wrong"),
    ("an empty credential", {"bearerToken": ""}, 401, "missing"),
]


@pytest.mark.parametrize(
    ("change", "status", "expected_message"),
    [r[1:] for r in REJECTED_REQUESTS],
    ids=[r[0] for r in REJECTED_REQUESTS],
)
def test_an_invalid_request_is_rejected(
    mock: Mock, change: dict[str, Any], status: int, expected_message: str
) -> None:
    """The error response names the violation in the documented error schema, and no credential."""
    response = call(mock, "GET", "/v1/call", **change)
    assert response.status == status
    assert expected_message in response.parse_json()["message"]
    assert mock.credentials["bearerToken"] not in response.body.decode()
    documented_response = mock.spec.operations[0].find_response(status)
    assert documented_response is not None
    assert documented_response.json is not None
    assert (
        list_violations(mock.spec, documented_response.json.schema_pointer, response.parse_json())
        == []
    )
    assert dict(response.headers).get("WWW-Authenticate", "").startswith("Bearer") == (
        status == 401
    )


BODIES: list[tuple[str, dict[str, Any], int]] = [
    ("a field missing", {"body": {k: v for k, v in NEW.items() if k != "startedAt"}}, 400),
    ("a wrong enum value", {"body": NEW | {"callDirection": "SIDEWAYS"}}, 400),
    ("no time", {"body": NEW | {"startedAt": "yesterday"}}, 400),
    ("too long", {"body": NEW | {"externalId": "x" * 256}}, 400),
    ("no JSON", {"raw": b"{"}, 400),
    ("NaN", {"raw": b'{"a": NaN}'}, 400),
    ("no UTF-8", {"raw": b"\xff"}, 400),
    ("half a surrogate pair", {"body": NEW | {"properties": {"a": "\ud800"}}}, 400),
    ("half a pair as a name", {"body": NEW | {"properties": {"\udfff": 1}}}, 400),
    ("half a pair in a list", {"body": NEW | {"properties": {"a": ["x\ud800"]}}}, 400),
    ("a number that is too large", {"raw": b'{"properties": {"a": 1e999}}'}, 400),
    ("another", {"raw": b'{"properties": {"a": 1' + b"0" * 999 + b"}}"}, 400),
    ("one too long to read", {"raw": b'{"properties": {"a": -1' + b"0" * 9999 + b"}}"}, 400),
    ("too deep", {"raw": b"[" * 100_000}, 400),
    ("nothing", {}, 400),
    ("another media type", {"raw": b"a=b", "media_type": "text/plain"}, 415),
]


@pytest.mark.parametrize(
    ("request_parts", "status"), [b[1:] for b in BODIES], ids=[b[0] for b in BODIES]
)
def test_an_invalid_body_is_rejected_and_creates_no_row(
    mock: Mock, request_parts: dict[str, Any], status: int
) -> None:
    """A request with an invalid body is rejected and creates no row."""
    assert call(mock, "POST", "/v1/call", **request_parts).status == status
    assert len(list_rows(mock, limit=100)) == 250


def test_one_of_two_required_credentials_is_rejected() -> None:
    """If two credentials are required together, one alone is rejected with 401."""
    from mocks.conftest import SPECS

    mock = Mock(SPECS["zudu"])
    assert call(mock, "GET", "/api/calls").status == 200
    for name in ("apiKey", "apiSecret"):
        for value in (
            None,
            "wrong",
            mock.credentials["apiKey" if name != "apiKey" else "apiSecret"],
        ):
            assert call(mock, "GET", "/api/calls", **{name: value}).status == 401


def test_unknown_paths_are_404_and_unknown_methods_405(mock: Mock) -> None:
    """An unknown path is 404 and an unknown method 405
    with `Allow`; HEAD and OPTIONS work for each path.
    """
    assert call(mock, "GET", "/v1/nothing").status == 404
    response = call(mock, "DELETE", "/v1/call")
    assert response.status == 405
    assert dict(response.headers)["Allow"] == "GET, HEAD, OPTIONS, POST"
    head, get = call(mock, "HEAD", "/v1/call"), call(mock, "GET", "/v1/call")
    assert (head.status, head.headers, head.body) == (200, get.headers, b"")
    options = call(mock, "OPTIONS", "/v1/call")
    assert (options.status, dict(options.headers)["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")


def test_the_base_path_of_the_server_is_optional() -> None:
    """A request with or without the server's base path reaches the same operation."""
    from mocks.conftest import SPECS

    mock = Mock(SPECS["revox"])
    query = {"page": 1, "page_size": 1}
    assert call(mock, "GET", "/api/call", query=query).body == (
        call(mock, "GET", "/call", query=query).body
    )


@given(
    limit=st.integers(1, 100),
    sort_field=st.sampled_from(
        ["createdAt", "startedAt", "endedAt", "duration", "title", "status"]
    ),
    direction=st.sampled_from(["asc", "desc"]),
    status=st.sampled_from([None, "RINGING", "IN_PROGRESS", "ENDED"]),
)
@settings(max_examples=count_examples(25), deadline=None)
def test_pages_list_each_matching_row_once_and_sorted(
    limit: int, sort_field: str, direction: str, status: str | None
) -> None:
    """Any limit, order and filter lists each matching
    row once, sorted, rows without the field last.
    """
    from mocks.conftest import SPECS

    mock = MOCKS.setdefault("roark", Mock(SPECS["roark"]))
    query = {"limit": limit, "sortBy": sort_field, "sortDirection": direction}
    rows = list_rows(mock, **query, **({"status": status} if status else {}))
    all_rows = list_rows(mock, limit=100)
    expected_ids = {row["id"] for row in all_rows if status in (None, row.get("status"))}
    assert len(rows) == len(expected_ids)
    assert {row["id"] for row in rows} == expected_ids
    field = "durationMs" if sort_field == "duration" else sort_field
    values = [row[field] for row in rows if field in row]
    assert values == sorted(values, reverse=direction == "desc")
    assert all(field not in row for row in rows[len(values) :])


MOCKS: dict[str, Mock] = {}


def test_search_finds_visible_and_hidden_fields(mock: Mock) -> None:
    """A search finds titles, summaries and hidden
    transcripts in any case, and nothing for nonsense.
    """
    all_rows = list_rows(mock, limit=100)
    string = next(row["title"] for row in all_rows if "title" in row)
    found_ids = {row["id"] for row in list_rows(mock, searchText=string.upper(), limit=100)}
    visible_ids = {
        row["id"]
        for row in all_rows
        if string in row.get("title", "") or string in row.get("summary", "")
    }
    assert visible_ids <= found_ids < {row["id"] for row in all_rows}
    assert list_rows(mock, searchText="zz9-no-such-text") == []


def test_a_created_call_is_listed_and_its_external_id_unique(mock: Mock) -> None:
    """A created call is listed with its fields, and a second one with its external ID is a 409."""
    response = call(mock, "POST", "/v1/call", body=NEW | {"externalId": "mine"})
    assert response.status == 200
    item = response.parse_json()["data"]
    assert item | {"externalId": "mine", "callDirection": "OUTBOUND"} == item
    rows = {row["id"]: row for row in list_rows(mock, limit=100)}
    assert rows[item["id"]]["startedAt"] == NEW["startedAt"]
    second_response = call(mock, "POST", "/v1/call", body=NEW | {"externalId": "mine"})
    assert (second_response.status, len(list_rows(mock, limit=100))) == (409, 251)
    mock.reset()
    assert len(list_rows(mock, limit=100)) == 250


def test_times_are_sorted_by_instant(mock: Mock) -> None:
    """Times with different UTC offsets are sorted by the instant, not by their text."""
    early = call(mock, "POST", "/v1/call", body=NEW | {"startedAt": "1999-01-01T09:00:00+09:00"})
    late = call(mock, "POST", "/v1/call", body=NEW | {"startedAt": "1999-01-01T01:00:00Z"})
    rows = list_rows(mock, limit=100, sortBy="startedAt", sortDirection="asc")
    assert [row["id"] for row in rows[:2]] == [r.parse_json()["data"]["id"] for r in (early, late)]


def test_rows_are_read_and_deleted_by_id(pets: Spec) -> None:
    """A row is created, read and deleted by ID; reading or deleting it again returns 404."""
    mock = Mock(pets, rows=3)
    response = call(mock, "POST", "/pets", body={"name": "Rex", "kind": "dog", "owner": None})
    assert response.status == 201
    pet = response.parse_json()
    assert (pet["name"], pet["kind"], pet["owner"]) == ("Rex", "dog", None)
    path = f"/pets/{pet['id']}"
    assert call(mock, "GET", path).parse_json()["name"] == "Rex"
    assert call(mock, "DELETE", path).status == 204
    assert call(mock, "DELETE", path).status == 404
    missing = call(mock, "GET", path)
    assert missing.status == 404
    assert dict(missing.headers)["Content-Type"] == "application/problem+json"


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "X", ""]),
    path=st.sampled_from(["/v1/call", "/pets/%FF", "/pets/a%2Fb", "/", "", "//", "/v1/call/"])
    | st.text(),
    query=st.text(),
    headers=st.lists(
        st.tuples(st.sampled_from(["Cookie", "Content-Type", "Authorization"]), st.text())
    ),
    body=st.binary(),
)
@settings(max_examples=count_examples(150), deadline=None)
def test_any_request_gets_a_response_below_500(
    method: str, path: str, query: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    """Any request, with or without credentials, gets
    a response below 500 and raises no exception.
    """
    from mocks.conftest import SPECS

    for name in ("roark", "pet-store", "bookshop"):
        mock = MOCKS.setdefault(name, Mock(SPECS[name], rows=20))
        credential_headers, secret = build_credentials(mock)
        for extra in ((), credential_headers):
            full_query = f"{secret}&{query}" if extra else query
            response = mock.handle(HttpRequest(method, path, full_query, (*extra, *headers), body))
            assert 200 <= response.status < 500


def test_one_transport_serves_sync_and_async_clients(mock: Mock) -> None:
    """One transport serves both the sync and the async client of httpx."""
    headers = {"Authorization": f"Bearer {mock.credentials['bearerToken']}"}
    transport = MockTransport(mock.handle, base_path="/base")
    with httpx.Client(transport=transport, headers=headers) as client:
        assert client.get("http://x/base/v1/call?limit=2").json()["pagination"]["total"] == 250

    async def run() -> int:
        async with httpx.AsyncClient(transport=transport, headers=headers) as aclient:
            return (await aclient.post("http://x/base/v1/call", json=NEW)).status_code

    assert asyncio.run(run()) == 200


def test_a_port_serves_each_api_under_its_name(mock: Mock, pets: Spec) -> None:
    """A server serves each API below its name, and
    returns a 404 that lists the names for any other.
    """
    with run_server({"roark": mock.handle, "pet-store": Mock(pets).handle}) as url:
        response = httpx.get(f"{url}/roark/v1/call")
        assert response.status_code == 401
        assert httpx.get(f"{url}/pet-store/pets").status_code == 401
        missing = httpx.get(f"{url}/other")
        assert missing.status_code == 404
        assert "/roark, /pet-store" in missing.json()["detail"]


def test_a_port_in_use_is_an_error_before_serving(mock: Mock) -> None:
    """A port in use raises `TargetError` before anything is served."""
    with socket.socket() as busy_socket:
        busy_socket.bind(("127.0.0.1", 0))
        busy_socket.listen()
        port = busy_socket.getsockname()[1]
        with pytest.raises(TargetError, match=f"127.0.0.1:{port}: could not open the port"):
            serve({"roark": mock.handle}, port=port)


def test_content_length_matches_the_json_body(mock: Mock) -> None:
    """`Content-Length` matches the body, which is JSON."""
    response = call(mock, "GET", "/v1/call")
    assert dict(response.headers)["Content-Length"] == str(len(response.body))
    assert json.loads(response.body)["data"]
