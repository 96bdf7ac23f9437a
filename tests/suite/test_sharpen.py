"""Findings name the part that a rejection is about and show the smallest request."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, strategies as st

from driftline.checks.exchange import Exchange
from driftline.checks.finding import Finding
from driftline.checks.outgoing import Outgoing, build_outgoing
from driftline.mock import HttpRequest, HttpResponse, Mock, run_server
from driftline.openapi import Spec, load
from driftline.openapi.pointer import MISSING
from driftline.project import Project
from driftline.suite.run import run_suite
from driftline.suite.shrink.attribution import observe_difference
from driftline.suite.shrink.request_parts import (
    Part,
    find_clause,
    list_differences,
    list_parts,
    remove_part,
    replace_part,
)

from .conftest import ROOT
from .documents import build_operation, load_document
from .faults import Handle, build_response, is_create, is_list, parse_query

PROJECT = Project(ROOT)
BOOKSHOP = load(ROOT / "tests" / "acceptance" / "specs" / "bookshop.json")
VALID_REJECTED = "request.valid.rejected"


def reject_when(when: Callable[[HttpRequest], bool]) -> Callable[[Handle], Handle]:
    def plant_fault(handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            response = handle(request)
            if response.status < 300 and when(request):
                return build_response({"error": "INVALID", "message": "no"}, 400)
            return response

        return respond_wrongly

    return plant_fault


def parse_body(request: HttpRequest) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(request.body)
    return body


def find_by_check(roark: Spec, fault: Callable[[Handle], Handle], check: str) -> list[Finding]:
    """Return the findings of one check."""
    checks = run_suite(
        PROJECT,
        [roark],
        handles={"roark": fault(Mock(roark).handle)},
        rank=lambda _, name: 0 if name == check else None,
    )
    return [finding for check_result in checks for finding in check_result.findings]


CASES: dict[str, tuple[Callable[[HttpRequest], bool], str, str]] = {
    "a parameter": (
        lambda r: is_list(r) and "searchText" in parse_query(r),
        "searchText",
        "because of the parameter",
    ),
    "a value": (
        lambda r: is_list(r) and parse_query(r).get("sortBy") == "duration",
        "sortBy",
        "because of the parameter",
    ),
    "a parameter that is newly required": (
        lambda r: is_list(r) and "sortDirection" not in parse_query(r),
        "sortDirection",
        "without the parameter",
    ),
    "a field": (
        lambda r: is_create(r) and "properties" in parse_body(r),
        "properties",
        "because of the field",
    ),
    "a field that is newly required": (
        lambda r: is_create(r) and "externalId" not in parse_body(r),
        "externalId",
        "without the field",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_rejection_names_the_rejected_part(roark: Spec, case: str) -> None:
    """The suite finds the rejected part by comparing the request with accepted requests."""
    when, name, expected_words = CASES[case]
    findings = [
        finding
        for finding in find_by_check(roark, reject_when(when), "fuzzing")
        if finding.id == VALID_REJECTED
    ]
    assert {finding.where for finding in findings} == {name}
    (finding,) = findings
    assert expected_words in finding.message
    assert finding.location.pointer.rpartition("/")[2] != "get"
    assert finding.count > 0


def test_two_rejected_parts_are_two_findings(roark: Spec) -> None:
    """Two rejected parts result in two findings."""

    def is_either(request: HttpRequest) -> bool:
        query = parse_query(request) if is_list(request) else {}
        return "searchText" in query or query.get("sortDirection") == "asc"

    findings = [
        e for e in find_by_check(roark, reject_when(is_either), "fuzzing") if e.id == VALID_REJECTED
    ]
    assert {finding.where for finding in findings} == {"searchText", "sortDirection"}


def test_the_command_of_a_finding_omits_irrelevant_parameters(roark: Spec) -> None:
    """The command of a finding omits parameters that are irrelevant to it."""

    def plant_fault(handle: Handle) -> Handle:
        def respond_wrongly(request: HttpRequest) -> HttpResponse:
            if is_list(request) and "searchText" in parse_query(request):
                return HttpResponse(500, (("Content-Type", "application/json"),), b"{}")
            return handle(request)

        return respond_wrongly

    findings = [
        e for e in find_by_check(roark, plant_fault, "fuzzing") if e.id == "response.server-error"
    ]
    assert findings
    for finding in findings:
        url = finding.curl.split(" ")[1]
        assert url.count("=") == 1
        assert "searchText=" in url


def test_the_shown_request_breaks_the_rule_of_its_finding(tmp_path: Path) -> None:
    """The shown request keeps a required parameter that is too large, so that it breaks the same
    rule.
    """
    schema = {"type": "integer", "minimum": 1, "maximum": 10}
    size = {"name": "page_size", "in": "query", "required": True, "schema": schema}
    more = {"name": "color", "in": "query", "schema": {"type": "string"}}
    paths = {"/items": {"get": build_operation("item.list", {}, parameters=[size, more])}}
    checks = run_suite(
        PROJECT,
        [load_document(tmp_path, paths)],
        handles={"made": lambda _: build_response({})},
        rank=lambda _, name: 0 if name == "fuzzing" else None,
    )
    messages = [f for check in checks for f in check.findings if "maximum" in f.message]
    assert messages
    assert all("page_size=" in finding.curl for finding in messages)


def test_a_field_that_persists_after_a_write_is_kept(tmp_path: Path) -> None:
    """If a field persists on a live server after a write, the shown request keeps the field."""
    book = {"author": {"type": "string", "minLength": 2}, "title": {"type": "string"}}
    body = {name: {"type": "string"} for name in book}
    content = {"application/json": {"schema": {"type": "object", "properties": body}}}
    update = build_operation(
        "book.update", {"type": "object", "properties": book}, requestBody={"content": content}
    )
    row: dict[str, Any] = {}

    def handle(request: HttpRequest) -> HttpResponse:
        sent = json.loads(request.body or b"{}")
        row.update(sent if isinstance(sent, dict) else {})
        return build_response({name: value for name, value in row.items() if name in book})

    with run_server({"made": handle}) as url:
        checks = run_suite(
            PROJECT,
            [load_document(tmp_path, {"/book": {"patch": update}})],
            urls={"made": f"{url}/made"},
            allow_writes=["book.update"],
            rate=100_000,
            rank=lambda _, name: 0 if name == "fuzzing" else None,
        )
    bound_findings = [
        f for check in checks for f in check.findings if f.id == "response.bound.exceeded"
    ]
    assert bound_findings
    assert all('"author"' in finding.curl for finding in bound_findings)


BODIES = st.dictionaries(
    st.sampled_from(["a", "b/c", "~d", ""]),
    st.one_of(st.integers(), st.lists(st.integers(), max_size=3), st.none()),
    min_size=1,
    max_size=4,
)


@given(body=BODIES, data=st.data())
def test_parts_are_removed_and_restored(
    specs: dict[str, Spec], body: dict[str, Any], data: st.DataObject
) -> None:
    """Removing a part leaves all others unchanged, and replacing it restores the body."""
    spec = specs["roark"]
    operation = spec.find_operation("call.create")
    assert operation is not None
    request = build_outgoing(spec, operation, {}, body)
    parts = list_parts(spec, operation, request)
    assert len(parts) == len(body)
    part = data.draw(st.sampled_from(parts))
    less = remove_part(request, part)
    assert part.read(less) is MISSING
    assert [p for p in parts if p.read(less) != p.read(request)] == [part]
    assert list_differences(spec, operation, request, less) == [part]
    restored_request = replace_part(less, part, request)
    assert json.loads(restored_request.body) == body


@given(st.lists(st.sampled_from(["limit=1", "after=x%20y", "tag=a", "tag=b"]), unique=True))
def test_a_repeated_query_parameter_is_one_part(specs: dict[str, Spec], pairs: list[str]) -> None:
    """A query parameter with several values is one part, and the others keep their encoding."""
    spec = specs["roark"]
    operation = spec.find_operation("call.list")
    assert operation is not None
    request = Outgoing("GET", "/v1/call", "&".join(pairs), ())
    names = {pair.partition("=")[0] for pair in pairs}
    assert {part.name for part in list_parts(spec, operation, request)} == names
    for name in names:
        less = remove_part(request, Part("query", name))
        assert less.query.split("&") == [p for p in pairs if not p.startswith(f"{name}=")] or [""]


@given(ids=st.lists(st.text("ab/ ?é", min_size=1), min_size=2, max_size=2))
def test_a_path_parameter_is_replaced_but_not_removed(ids: list[str]) -> None:
    """A path parameter is a part that can be replaced with another request's, but not removed."""
    spec = BOOKSHOP
    operation = spec.find_operation("listBooks")
    assert operation is not None
    first, second = (
        Outgoing("GET", f"/shelves/{quote(shelf_id, safe='')}/books", "page=1", ())
        for shelf_id in ids
    )
    (part,) = (part for part in list_parts(spec, operation, first) if part.location == "path")
    assert (part.name, part.read(first)) == ("shelf", quote(ids[0], safe=""))
    assert remove_part(first, part) == first
    assert replace_part(first, part, second) == second
    assert list_differences(spec, operation, first, second) == ([part] if ids[0] != ids[1] else [])
    assert find_clause(spec, operation, part) == operation.parameters[0].pointer


QUERY = Part("query", "page")


@pytest.mark.parametrize(
    ("rejected_query", "accepted_queries", "schema"),
    [
        ("page=1.0", ["page=1", "page=20&size=4"], {"type": "integer"}),
        ("page=1.0", ["page=1", "page=2.5"], None),
        ("page=x", ["page=1"], None),
        ("page=1.0", [], None),
        ("size=4", ["page=1", "page=2"], {"required": ["page"]}),
        ("size=4", ["page=1", "size=9"], None),
    ],
)
def test_what_a_rejected_request_lacks_is_observed(
    rejected_query: str, accepted_queries: list[str], schema: dict[str, Any] | None
) -> None:
    """The observation is an integer type or a required parameter if accepted requests agree."""

    def build(query: str) -> Outgoing:
        return Outgoing("GET", "/items", query, ())

    exchange = Exchange("item.list", build(rejected_query), "", 400, (), b"", 0)
    observation = observe_difference(
        QUERY, exchange, [build(accepted_query) for accepted_query in accepted_queries]
    )
    assert (observation and observation.schema) == schema
