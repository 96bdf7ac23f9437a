"""Unusual strings, other methods, misplaced credentials, and rows that change during pagination."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs
import pytest

from driftline.checks.finding import Finding
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.openapi import Spec, load
from driftline.project import Project
from driftline.suite.examinations.hostile_strings import TEXTS
from driftline.suite.run import run_suite

from .conftest import APIS, ROOT
from .documents import build_operation, build_responses, load_document
from .faults import Handle, build_response, is_create, is_list, parse_query

PROJECT = Project(ROOT)
CHECKS = ("texts", "methods", "credentials", "changing rows", "listed rows")
SERVER_ERROR = HttpResponse(500, (("Content-Type", "application/json"),), b"{}")


def find_by_check(
    spec: Spec, check: str, fault: Callable[[Handle], Handle] | None = None
) -> list[Finding]:
    """Return the findings of one check, which must have run."""
    mock = Mock(spec)
    checks = run_suite(
        PROJECT,
        [spec],
        handles={spec.name: fault(mock.handle) if fault else mock.handle},
        rank=lambda _, name: 0 if name == check else None,
    )
    checks_of_name = [check_result for check_result in checks if check_result.name == check]
    assert checks_of_name or check in {"changing rows", "listed rows"}
    assert not any(check_result.detail for check_result in checks_of_name)
    return [finding for check_result in checks_of_name for finding in check_result.findings]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("api", APIS)
def test_a_correct_mock_has_no_findings(specs: dict[str, Spec], api: str, check: str) -> None:
    """The mock has no findings."""
    assert find_by_check(specs[api], check) == []


STRINGS = ["'", "\0", "%", "👩", "\u202e", "\n", "x" * 10_000]


@pytest.mark.parametrize("string", STRINGS, ids=range(len(STRINGS)))
def test_a_server_that_fails_on_a_search_string_is_found(roark: Spec, string: str) -> None:
    """A server that fails on a certain string of a search is found."""

    def plant_fault(handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            breaks = is_list(request) and string in parse_query(request).get("searchText", "")
            return SERVER_ERROR if breaks else handle(request)

        return respond_wrongly

    assert {f.id for f in find_by_check(roark, "texts", plant_fault)} == {"response.server-error"}


FILTERS = tuple(f"filter{number}" for number in range(30))


@pytest.fixture
def spec_with_filters(tmp_path: Path) -> Spec:
    """A document with one operation that has many parameters for any string."""
    parameters = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in FILTERS]
    operation = build_operation("it.get", {}, parameters=parameters)
    return load_document(tmp_path, {"/it": {"get": operation}})


def test_parameters_get_their_strings_together(spec_with_filters: Spec) -> None:
    """Each gets each string, in as many requests as there are parameters."""
    requests: list[HttpRequest] = []

    def record(handle: Handle) -> Handle:
        def note(request: HttpRequest) -> HttpResponse:
            requests.append(request)
            return handle(request)

        return note

    assert find_by_check(spec_with_filters, "texts", record) == []
    pairs = {pair for request in requests for pair in parse_qsl(request.query)}
    assert len(pairs) == len(FILTERS) * len(TEXTS)
    assert len(requests) < 2 * len(FILTERS)


def test_the_one_parameter_that_breaks_is_reported(spec_with_filters: Spec) -> None:
    """Although others have their strings in the same request."""

    def plant_fault(handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            breaks = "%" in parse_query(request).get("filter7", "")
            return HttpResponse(400, (), b"") if breaks else handle(request)

        return respond_wrongly

    findings = find_by_check(spec_with_filters, "texts", plant_fault)
    assert [f.where for f in findings if f.id == "request.valid.rejected"] == ["filter7"]


def test_parameters_that_exclude_each_other_get_their_strings_alone(
    spec_with_filters: Spec,
) -> None:
    """A server that rejects two filters together is right; one that reads one wrongly is found."""

    def plant_fault(handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            query = parse_query(request)
            breaks = len(query) > 1 or "%" in query.get("filter29", "")
            return HttpResponse(400, (), b"") if breaks else handle(request)

        return respond_wrongly

    findings = find_by_check(spec_with_filters, "texts", plant_fault)
    assert [f.where for f in findings if f.id == "request.valid.rejected"] == ["filter29"]


def test_a_search_that_is_read_as_a_regular_expression_is_found(roark: Spec) -> None:
    """A server that reads a search as a regular expression is found."""

    def plant_fault(handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            try:
                re.compile(parse_query(request).get("searchText", "") if is_list(request) else "")
            except re.error:
                return SERVER_ERROR
            return handle(request)

        return respond_wrongly

    assert {f.id for f in find_by_check(roark, "texts", plant_fault)} == {"response.server-error"}


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_a_server_that_fails_on_a_method_is_found(roark: Spec, method: str) -> None:
    """A server that fails on an undocumented HEAD or OPTIONS request is found."""

    def plant_fault(handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            return SERVER_ERROR if request.method == method else handle(request)

        return respond_wrongly

    (finding,) = find_by_check(roark, "methods", plant_fault)
    assert finding.id == "response.server-error"
    assert method == "OPTIONS" or "-I" in finding.curl


def with_token(request: HttpRequest, token: str) -> HttpRequest:
    other_headers = [pair for pair in request.headers if pair[0].lower() != "authorization"]
    return attrs.evolve(request, headers=(*other_headers, ("Authorization", f"Bearer {token}")))


@pytest.mark.parametrize("variant", ["in the query", "without Bearer"])
def test_a_credential_accepted_in_another_location_is_found(roark: Spec, variant: str) -> None:
    """A server that accepts the token in the query or without `Bearer` is found."""

    def plant_fault(handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            pairs = parse_qsl(request.query, keep_blank_values=True)
            query_token, headers = dict(pairs).get("Authorization"), dict(request.headers)
            bare = headers.get("Authorization", " ")
            if variant == "in the query" and query_token:
                other_query = urlencode([pair for pair in pairs if pair[0] != "Authorization"])
                request = with_token(attrs.evolve(request, query=other_query), query_token)
            elif variant == "without Bearer" and " " not in bare:
                request = with_token(request, bare)
            return handle(request)

        return respond_wrongly

    findings = find_by_check(roark, "credentials", plant_fault)
    assert {(f.id, f.severity) for f in findings} == {("security.elsewhere-accepted", "additive")}
    assert {f.operation for f in findings} == {operation.id for operation in roark.operations}
    assert all(f.where.endswith(variant) and "mock-roark" not in f.curl for f in findings)


def list_all_rows(handle: Handle, request: HttpRequest) -> list[Any]:
    """Return all rows, whatever page the request names."""
    rows: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        query = urlencode({"limit": 100, **cursor})
        body = json.loads(handle(attrs.evolve(request, query=query)).body)
        rows += body["data"]
        if not body["pagination"]["nextCursor"]:
            return rows
        cursor = {"after": body["pagination"]["nextCursor"]}


def page_by_position(handle: Handle) -> Handle:
    """Page by positions counted from the newest row, so that a created row shifts all others."""

    known_ids: set[str] = set()

    def respond_wrongly(request: HttpRequest) -> HttpResponse:
        if not is_list(request):
            return handle(request)
        query, rows = parse_query(request), list_all_rows(handle, request)
        known_ids.update([] if known_ids else [row["id"] for row in rows])
        rows.sort(key=lambda row: row["id"] in known_ids)
        start, size = int(query.get("after", "0")), int(query.get("limit", "20"))
        has_more = len(rows) > start + size
        following = str(start + size) if has_more else None
        pagination = {"hasMore": has_more, "nextCursor": following, "total": len(rows)}
        return build_response({"data": rows[start : start + size], "pagination": pagination})

    return respond_wrongly


def test_a_cursor_that_counts_rows_is_found(roark: Spec) -> None:
    """Cursors that are positions are found, since a row created meanwhile repeats another."""
    findings = find_by_check(roark, "changing rows", page_by_position)
    assert {f.operation for f in findings} == {"call.list"}
    assert "listing.page.repeats" in {f.id for f in findings}


def test_rows_that_vanish_during_a_walk_are_found(roark: Spec) -> None:
    """Rows that are missing from every page after a creation are found."""
    create_requests: list[HttpRequest] = []

    def plant_fault(handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            response = handle(request)
            create_requests.extend([request] if is_create(request) else [])
            if create_requests and is_list(request) and response.status == 200:
                body = json.loads(response.body)
                return build_response({**body, "data": body["data"][1:]})
            return response

        return respond_wrongly

    assert "listing.row.lost" in {f.id for f in find_by_check(roark, "changing rows", plant_fault)}


def test_a_row_that_cannot_be_read_is_found() -> None:
    """A row that the listing returns but that cannot be read by its id is found."""
    pets = load(ROOT / "tests/acceptance/specs/pet-store.yaml")
    paths = {f"/pets/{row['id']}" for row in Mock(pets).list_rows("pets.list")[::2]}

    def plant_fault(handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            is_missing = request.method == "GET" and request.path.endswith(tuple(paths))
            return build_response({}, 404) if is_missing else handle(request)

        return respond_wrongly

    assert find_by_check(pets, "listed rows") == []
    assert "effect.not-found" in {f.id for f in find_by_check(pets, "listed rows", plant_fault)}


@pytest.mark.parametrize(
    ("documented", "ids"), [(True, set()), (False, {"security.rejection.status"})]
)
def test_a_403_is_documented(tmp_path: Path, *, documented: bool, ids: set[str]) -> None:
    """Where a document has a 401 but no 403, a missing credential is not forbidden."""
    response = {"description": "No."}
    key = {"type": "apiKey", "in": "header", "name": "X-Key"}
    rejections = {"401": response, **({"403": response} if documented else {})}
    get = {
        **build_operation("x.get", {"type": "object"}, security=[{"key": []}]),
        "responses": build_responses({"type": "object"}, **rejections),
    }
    spec = load_document(tmp_path, {"/x": {"get": get}}, securitySchemes={"key": key})

    def plant_fault(handle: Handle) -> Handle:
        def forbid(request: HttpRequest) -> HttpResponse:
            response = handle(request)
            return HttpResponse(403, (), b"") if response.status == 401 else response

        return forbid

    findings = find_by_check(spec, "credentials", plant_fault)
    assert {f.id for f in findings if f.id.startswith("security")} == ids
