"""Coverage reports which clauses of a spec a run covered, and a run that covered no rows is an
error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from driftline.checks.coverage.evidence import Coverage, Evidence
from driftline.checks.coverage.ledger import CoverageLedger
from driftline.checks.coverage.marks import CoverageMark
from driftline.checks.coverage.values import ValueCoverage, is_at
from driftline.checks.exchange import Exchange
from driftline.checks.finding import Check
from driftline.checks.outgoing import Outgoing, build_outgoing, encode_text
from driftline.checks.request_arguments import read_values
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.openapi import Spec, load
from driftline.project import Project
from driftline.suite.run import run_suite

from .conftest import APIS, ROOT
from .faults import build_response, edit_bodies

PROJECT = Project(ROOT)
JSON = (("Content-Type", "application/json"),)


def collect_coverage(checks: list[Check]) -> dict[str, Coverage]:
    return {check.operation: check.coverage for check in checks if check.coverage}


def list_uncovered_subjects(coverage: Coverage) -> set[str]:
    return {evidence.subject for evidence in coverage.uncovered}


@pytest.mark.parametrize("api", APIS)
def test_a_run_against_the_mock_covers_everything(
    check_right_mock: Callable[[str, int], list[Check]], api: str
) -> None:
    """A run against the mock covers every parameter, filter, order, credential, page and field.

    The report gives a reason for the rest: a 429, and optional fields that are always present.
    """
    for coverage in collect_coverage(check_right_mock(api, 0)).values():
        uncovered = [evidence for evidence in coverage.uncovered if evidence.part != "429"]
        assert {(evidence.part, evidence.kind) for evidence in uncovered} <= {("200", "absent")}
        assert all(evidence.first == 0 and evidence.reason for evidence in uncovered)
        assert coverage.covered > 60


def test_evidence_names_its_request(check_right_mock: Callable[[str, int], list[Check]]) -> None:
    """Evidence has the number of the first request that shows it, and its clause and line, once
    each.
    """
    coverage = collect_coverage(check_right_mock("roark", 0))["call.list"]
    title = next(e for e in coverage.evidence if e.subject == "200 data[].title absent")
    assert title.first > 0
    assert title.location.line > 1
    assert title.location.pointer.endswith("/properties/title")
    evidence_keys = [(e.part, e.kind, e.where, e.value) for e in coverage.evidence]
    assert len(evidence_keys) == len(set(evidence_keys))


def empty(_: HttpRequest) -> HttpResponse:
    return build_response(
        {"data": [], "pagination": {"total": 0, "hasMore": False, "nextCursor": None}}
    )


def rank_listing_only(operation: str, _: str) -> int | None:
    """Rank only the checks of the listing."""
    return 0 if operation == "call.list" else None


def test_a_listing_without_rows_is_an_error(roark: Spec) -> None:
    """A listing without rows passes all checks, but its coverage is an error."""
    mock = Mock(roark)

    def handle(request: HttpRequest) -> HttpResponse:
        response = mock.handle(request)
        is_list = request.method == "GET" and response.status == 200
        return empty(request) if is_list else response

    checks = run_suite(PROJECT, [roark], handles={"roark": handle}, rank=rank_listing_only)
    listing = [check for check in checks if check.operation == "call.list"]
    assert [check.name for check in listing if check.outcome != "passed"] == ["coverage"]
    (last,) = [check for check in listing if check.name == "coverage"]
    assert last.outcome == "error"
    assert "rows" in last.detail
    assert last.coverage is not None
    assert "200 data[].title" in list_uncovered_subjects(last.coverage)


def test_a_field_that_is_never_sent_is_named(roark: Spec) -> None:
    """The coverage names an optional field that the server never sends, though it is not drift."""
    handle = edit_bodies(lambda body, _: [row.pop("title", None) for row in body["data"]])
    handles = {"roark": handle(Mock(roark).handle)}
    checks = run_suite(PROJECT, [roark], handles=handles, rank=rank_listing_only)
    uncovered = [
        e for e in collect_coverage(checks)["call.list"].uncovered if e.where == "data[].title"
    ]
    assert {e.kind for e in uncovered} == {"present"}
    assert all("always absent" in e.reason for e in uncovered)


def test_drift_is_not_hidden_by_a_gap(roark: Spec) -> None:
    """A server that fails every request has findings, and coverage reports no error in addition."""
    handles = {"roark": lambda request: HttpResponse(500, JSON, b"{}")}
    checks = run_suite(PROJECT, [roark], handles=handles)
    assert {check.outcome for check in checks if check.name == "coverage"} == {"passed"}
    assert any(check.outcome == "drift" for check in checks)


def test_a_check_survives_json(check_right_mock: Callable[[str, int], list[Check]]) -> None:
    """A check with its coverage is equal after a round trip through JSON."""
    for check in check_right_mock("roark", 0):
        assert Check.from_dict(json.loads(json.dumps(check.to_dict()))) == check


def test_a_head_request_covers_nothing(roark: Spec) -> None:
    """A HEAD request covers nothing, since its response has no body."""
    ledger = CoverageLedger(roark)
    request = Outgoing("HEAD", "/v1/call", "", ())
    ledger.note(Exchange("call.list", request, "http://x", 200, (), b"", 0.0, 1))
    assert ledger.describe_gap("call.list") == "no response of call.list was judged"


@pytest.mark.parametrize(
    ("cursor", "kinds"), [({}, set[str]()), ({"cursor": "a"}, {"second-page"})]
)
def test_a_cursor_in_the_body_covers_a_later_page(cursor: dict[str, str], kinds: set[str]) -> None:
    """A listing whose cursor is a field of the request body covers its second page only with a
    cursor.
    """
    spec = load(ROOT / "tests" / "paging" / "styles.yaml")
    ledger = CoverageLedger(spec)
    request = Outgoing("POST", "/by-token", "", JSON, json.dumps(cursor).encode())
    rows = json.dumps({"rows": [{"id": "b"}], "has_more": False, "next_cursor": None}).encode()
    ledger.note(Exchange("by_token.search", request, "http://x", 200, JSON, rows, 0.0, 1))
    coverage = ledger.measure_coverage("by_token.search")
    assert {e.kind for e in coverage.evidence if e.first and e.kind == "second-page"} == kinds


def build_field_tree() -> ValueCoverage:
    """Return the coverage tree of `[{a?: null | 1 | "x", b: {c?}}]`."""
    fields = {
        "a": ValueCoverage(
            present_mark=CoverageMark("present", "", "200", "a"),
            absent_mark=CoverageMark("absent", "", "200", "a"),
            null_mark=CoverageMark("null", "", "200", "a"),
            values={"1": CoverageMark("value", "", "200", "a", "1")},
        ),
        "b": ValueCoverage(
            parts={"c": ValueCoverage(present_mark=CoverageMark("present", "", "200", "c"))}
        ),
    }
    return ValueCoverage(parts={"[]": ValueCoverage(parts=fields)})


ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "a": st.sampled_from([None, 1, True, "x", 1.5, []]),
            "b": st.sampled_from([None, {}, {"c": 1}, [], "c"]),
        },
    ),
    max_size=4,
)


@given(st.lists(ROWS, max_size=4))
def test_each_mark_has_the_first_message_that_shows_it(
    messages: list[list[dict[str, Any]]],
) -> None:
    """Each mark has the number of the first message that shows it, as a direct search confirms."""
    tree = build_field_tree()
    for number, rows in enumerate(messages, 1):
        tree.note(number, rows)

    def find_first(shows: Any) -> int:
        return next((n for n, rows in enumerate(messages, 1) if any(map(shows, rows))), 0)

    expected = [
        find_first(lambda row: "a" in row),
        find_first(lambda row: "a" not in row),
        find_first(lambda row: "a" in row and row["a"] is None),
        find_first(lambda row: row.get("a") == 1 and row.get("a") is not True),
        find_first(lambda row: isinstance(row.get("b"), dict) and "c" in row["b"]),
    ]
    assert [mark.first for mark in tree.list_marks()] == expected
    assert tree.is_complete == all(expected)


STRINGS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=8)


@given(search=STRINGS, limit=st.integers(1, 50), after=STRINGS)
def test_arguments_are_read_back_from_an_encoded_request(
    specs: dict[str, Spec], search: str, limit: int, after: str
) -> None:
    """The coverage reads the arguments back from an encoded request, with any characters."""
    spec = specs["roark"]
    operation = spec.find_operation("call.list")
    assert operation is not None
    arguments = {"searchText": search, "limit": limit, "after": after}
    values, rest = read_values(spec, operation, build_outgoing(spec, operation, arguments))
    strings = {key: [encode_text(value)] for key, value in values.items()}
    assert strings == {("query", name): [encode_text(v)] for name, v in arguments.items()}
    assert rest == []


@pytest.mark.parametrize(
    ("query", "covered_values"),
    [
        ("q=x", {"", "minLength 1"}),
        ("q=xy", {""}),
        ("per_page=50", {"", "maximum 50"}),
        ("kind=cat&kind=dog", {"", '"cat"', '"dog"'}),
        ("q=%ff", set[str]()),
    ],
)
def test_a_parameter_is_counted_by_its_value(query: str, covered_values: set[str]) -> None:
    """Coverage counts lengths, numbers and each item of a list, and ignores unreadable values."""
    spec = load(ROOT / "tests" / "acceptance" / "specs" / "pet-store.yaml")
    ledger, request = CoverageLedger(spec), Outgoing("GET", "/pets", query, ())
    ledger.note(Exchange("pets.list", request, "http://x", 200, (), b"", 0.0, 1))
    evidence = ledger.measure_coverage("pets.list").evidence
    assert {e.value for e in evidence if e.part == "request" and e.first} == covered_values


@pytest.mark.parametrize(
    ("keyword", "limit", "value", "expected"),
    [
        ("minimum", 1, 1, True),
        ("minimum", 1, 2, False),
        ("maximum", 1.5, 1.5, True),
        ("maximum", 1, "1", False),
        ("maxLength", 2, "ab", True),
        ("maxLength", 2, ["a", "b"], False),
        ("minItems", 1, ["a"], True),
        ("minItems", 1, "a", False),
    ],
)
def test_a_bound_is_covered_by_an_equal_value(
    keyword: str, limit: float, value: Any, expected: bool
) -> None:
    """A bound is covered by a value of its type that is equal to it."""
    assert is_at(keyword, limit, value) is expected


def test_the_subject_of_evidence_is_distinct(roark: Spec) -> None:
    """The subject of evidence distinguishes statuses, fields, absent fields, values and bounds."""
    location = roark.locate("")
    evidence = [
        Evidence(kind="status", location=location, part="429"),
        Evidence(kind="present", location=location, part="200", where="a.b"),
        Evidence(kind="absent", location=location, part="200", where="a.b"),
        Evidence(kind="value", location=location, part="request", where="sort", value='"asc"'),
        Evidence(kind="bound", location=location, part="request", where="n", value="maximum 5"),
    ]
    subjects = [
        "429",
        "200 a.b",
        "200 a.b absent",
        'request sort "asc"',
        "request n bound maximum 5",
    ]
    assert [item.subject for item in evidence] == subjects
