"""Odd texts, other methods, misplaced credentials, and rows that change during a walk."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs
import pytest

from driftline.checks.finding import Finding
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.run import run_suite

from .conftest import APIS, ROOT
from .faults import Handle, answer, is_create, is_list, query_of

PROJECT = Project(ROOT)
CHECKS = ("texts", "methods", "credentials", "changing rows")
BROKEN = HttpResponse(500, (("Content-Type", "application/json"),), b"{}")


def find_by_check(
    spec: Spec, check: str, fault: Callable[[Handle], Handle] | None = None
) -> list[Finding]:
    """What one check finds; it must have been made."""
    mock = Mock(spec)
    checks = run_suite(
        PROJECT,
        [spec],
        handles={spec.name: fault(mock.handle) if fault else mock.handle},
        rank=lambda _, name: 0 if name == check else None,
    )
    made = [each for each in checks if each.name == check]
    assert made or check == "changing rows"
    assert not any(each.detail for each in made)
    return [finding for each in made for finding in each.findings]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("api", APIS)
def test_a_right_mock_is_clean(specs: dict[str, Spec], api: str, check: str) -> None:
    """No false alarm."""
    assert find_by_check(specs[api], check) == []


TEXTS = ["'", "\0", "%", "👩", "\u202e", "\n", "x" * 10_000]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_server_that_breaks_on_a_text_is_found(roark: Spec, text: str) -> None:
    """Whatever the text, the request that shows it is in the report."""

    def fault(handle: Handle) -> Handle:
        def wrong(request: HttpRequest) -> HttpResponse:
            breaks = is_list(request) and text in query_of(request).get("searchText", "")
            return BROKEN if breaks else handle(request)

        return wrong

    assert {f.id for f in find_by_check(roark, "texts", fault)} == {"response.server-error"}


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_a_server_that_breaks_on_a_method_is_found(roark: Spec, method: str) -> None:
    """Nothing is documented of the method; that it may break the server least of all."""

    def fault(handle: Handle) -> Handle:
        def wrong(request: HttpRequest) -> HttpResponse:
            return BROKEN if request.method == method else handle(request)

        return wrong

    (finding,) = find_by_check(roark, "methods", fault)
    assert finding.id == "response.server-error"
    assert method == "OPTIONS" or "-I" in finding.curl


def with_token(request: HttpRequest, token: str) -> HttpRequest:
    kept = [pair for pair in request.headers if pair[0].lower() != "authorization"]
    return attrs.evolve(request, headers=(*kept, ("Authorization", f"Bearer {token}")))


@pytest.mark.parametrize("how", ["in the query", "without Bearer"])
def test_a_credential_in_another_place_is_found(roark: Spec, how: str) -> None:
    """The server takes the token where the spec does not have it."""

    def fault(handle: Handle) -> Handle:
        def wrong(request: HttpRequest) -> HttpResponse:
            pairs = parse_qsl(request.query, keep_blank_values=True)
            given, held = dict(pairs).get("Authorization"), dict(request.headers)
            bare = held.get("Authorization", " ")
            if how == "in the query" and given:
                rest = urlencode([pair for pair in pairs if pair[0] != "Authorization"])
                request = with_token(attrs.evolve(request, query=rest), given)
            elif how == "without Bearer" and " " not in bare:
                request = with_token(request, bare)
            return handle(request)

        return wrong

    findings = find_by_check(roark, "credentials", fault)
    assert {(f.id, f.severity) for f in findings} == {("security.elsewhere-accepted", "additive")}
    assert {f.operation for f in findings} == {operation.id for operation in roark.operations}
    assert all(f.where.endswith(how) and "mock-roark" not in f.curl for f in findings)


def rows_of(handle: Handle, request: HttpRequest) -> list[Any]:
    """All rows, whatever page is asked for."""
    rows: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        query = urlencode({"limit": 100, **cursor})
        body = json.loads(handle(attrs.evolve(request, query=query)).body)
        rows += body["data"]
        if not body["pagination"]["nextCursor"]:
            return rows
        cursor = {"after": body["pagination"]["nextCursor"]}


def by_position(handle: Handle) -> Handle:
    """Cursors that count rows from the newest: what is created moves all others on."""

    known: set[str] = set()

    def wrong(request: HttpRequest) -> HttpResponse:
        if not is_list(request):
            return handle(request)
        query, rows = query_of(request), rows_of(handle, request)
        known.update([] if known else [row["id"] for row in rows])
        rows.sort(key=lambda row: row["id"] in known)
        start, size = int(query.get("after", "0")), int(query.get("limit", "20"))
        more = len(rows) > start + size
        following = str(start + size) if more else None
        pagination = {"hasMore": more, "nextCursor": following, "total": len(rows)}
        return answer({"data": rows[start : start + size], "pagination": pagination})

    return wrong


def test_a_cursor_that_counts_rows_is_found(roark: Spec) -> None:
    """A row created during the walk pushes another onto the next page, where it comes again."""
    findings = find_by_check(roark, "changing rows", by_position)
    assert {f.operation for f in findings} == {"call.list"}
    assert "listing.page.repeats" in {f.id for f in findings}


def test_rows_that_vanish_during_a_walk_are_found(roark: Spec) -> None:
    """A row that was there before and after the creation is on some page."""
    created: list[HttpRequest] = []

    def fault(handle: Handle) -> Handle:
        def wrong(request: HttpRequest) -> HttpResponse:
            response = handle(request)
            created.extend([request] if is_create(request) else [])
            if created and is_list(request) and response.status == 200:
                body = json.loads(response.body)
                return answer({**body, "data": body["data"][1:]})
            return response

        return wrong

    assert "listing.row.lost" in {f.id for f in find_by_check(roark, "changing rows", fault)}
