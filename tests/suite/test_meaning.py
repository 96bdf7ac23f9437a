"""What a listing's parameters mean: filters, ranges, searches, totals, orders and later pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs
import pytest

from driftline import openapi
from driftline.checks.finding import Finding
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.openapi import Filter, Operation, Spec
from driftline.suite.examinations.choices import check_choices
from driftline.suite.examinations.listings.combinations import check_combinations
from driftline.suite.examinations.listings.filtering import check_filters
from driftline.suite.examinations.listings.ordering import order
from driftline.suite.examinations.listings.pages import check_pages
from driftline.suite.examinations.listings.ranges import check_ranges
from driftline.suite.examinations.listings.searching import check_searches
from driftline.suite.examinations.rows.creations.creation import check_creation
from driftline.suite.examinations.rows.updates.updates import check_updates
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import Probe, examine

from .documents import build_operation, load_document

NOTES = openapi.load(Path(__file__).with_name("notes.yaml"))
JSON = (("Content-Type", "application/json"),)
DUE = "due: {type: string, format: date-time}"
Handle = Callable[[HttpRequest], HttpResponse]
Change = Callable[[dict[str, str]], dict[str, str]]


def find(
    examination: Callable[[Probe], None],
    fault: Callable[[Mock], Handle],
    *,
    name: str = "note.list",
    rows: int = 60,
    spec: Spec = NOTES,
) -> list[Finding]:
    """Return the findings of one examination of a mock with a fault."""
    examined_operation = spec.find_operation(name)
    assert examined_operation is not None
    with Session(Target.mock(spec, handle=fault(Mock(spec, rows=rows)))) as session:
        check = examine(session, examined_operation, "meaning", examination)
    assert check.detail == ""
    return list(check.findings)


def edit_query(change: Change) -> Callable[[Mock], Handle]:
    """Return a fault that changes the query of each GET request."""

    def plant_fault(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            query = dict(parse_qsl(request.query))
            changed_query = urlencode(change(query)) if request.method == "GET" else request.query
            return mock.handle(attrs.evolve(request, query=changed_query))

        return handle

    return plant_fault


def remove_parameters(query: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in query.items() if name not in names}


@pytest.mark.parametrize(
    "examination", [check_filters, check_ranges, check_combinations, order, check_choices]
)
@pytest.mark.parametrize("rows", [0, 1, 60])
def test_a_correct_server_has_no_finding(examination: Any, rows: int) -> None:
    """A correct server has no finding, with many rows, one row, or rows that the suite creates."""
    assert find(examination, lambda mock: mock.handle, rows=rows) == []


@pytest.mark.parametrize("name", ["done", "stars", "color", "folder"])
def test_a_filter_that_is_ignored_is_found(name: str) -> None:
    """An ignored filter is found for a boolean, an integer, an enum, and a string or null."""
    findings = find(check_filters, edit_query(lambda query: remove_parameters(query, name)))
    assert {finding.id for finding in findings} == {"listing.filter.ignored"}
    assert {finding.location.pointer.rpartition("/")[2] for finding in findings} == {name}


def test_a_filter_may_keep_similar_strings_if_it_is_not_exact() -> None:
    """A filter that is not exact may return rows that contain the value, and must return all of
    them.
    """
    list_operation = NOTES.find_operation("note.list")
    assert list_operation is not None
    assert list_operation.listing is not None
    filters = tuple(Filter("folder", "/folder", exact=exact) for exact in (True, False))
    specs = [
        attrs.evolve(
            NOTES,
            operations=(
                attrs.evolve(
                    list_operation,
                    listing=attrs.evolve(list_operation.listing, filters=(filter_rule,)),
                ),
                *(o for o in NOTES.operations if o is not list_operation),
            ),
        )
        for filter_rule in filters
    ]

    def lengthen(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            response = mock.handle(request)
            if "folder=" not in request.query or response.status != 200:
                return response
            body = response.body.replace(b'"home"', b'"My Home"').replace(b'"work"', b'"Worked"')
            return attrs.evolve(response, body=body)

        return handle

    findings = [find(check_filters, lengthen, spec=spec) for spec in specs]
    about_rows = [
        [finding for finding in filter_findings if finding.id.startswith("listing.")]
        for filter_findings in findings
    ]
    assert [bool(row_findings) for row_findings in about_rows] == [True, False]
    for change in (lambda query: remove_parameters(query, "folder"), _ask_for_none):
        assert find(check_filters, edit_query(change), spec=specs[1]) != []


def _ask_for_none(query: dict[str, str]) -> dict[str, str]:
    return {**query, "folder": "work"} if query.get("folder") == "home" else query


@pytest.mark.parametrize("name", ["min_stars", "stars_below", "created_after"])
def test_a_range_that_is_ignored_is_found(name: str) -> None:
    """An ignored lower or upper bound is found, for numbers and for timestamps."""
    findings = find(check_ranges, edit_query(lambda query: remove_parameters(query, name)))
    assert {finding.id for finding in findings} == {"listing.filter.ignored"}
    assert {finding.location.pointer.rpartition("/")[2] for finding in findings} == {name}


@pytest.mark.parametrize(
    ("name", "finding"),
    [("min_stars", "listing.filter.lost"), ("stars_below", "listing.filter.ignored")],
)
def test_a_server_that_confuses_the_ends_of_a_range_is_found(name: str, finding: str) -> None:
    """A server that confuses `>` and `>=` at a bound is found."""

    def move_bound(query: dict[str, str]) -> dict[str, str]:
        return {**query, name: str(int(query[name]) + 1)} if name in query else query

    assert {finding.id for finding in find(check_ranges, edit_query(move_bound))} == {finding}


def test_an_ignored_bound_of_zero_is_found() -> None:
    """A server that ignores a bound of 0 is found."""

    def forget_zero(query: dict[str, str]) -> dict[str, str]:
        is_zero = query.get("stars_below") == "0"
        return remove_parameters(query, "stars_below") if is_zero else query

    spec = attrs.evolve(NOTES, operations=tuple(map(_include_bounds, NOTES.operations)))
    findings = find(check_ranges, edit_query(forget_zero), spec=spec)
    assert [finding.id for finding in findings] == ["listing.filter.ignored"]


def _include_bounds(operation: Operation) -> Operation:
    if operation.listing is None:
        return operation
    ranges = tuple(attrs.evolve(rule, inclusive=True) for rule in operation.listing.ranges)
    return attrs.evolve(operation, listing=attrs.evolve(operation.listing, ranges=ranges))


def test_a_range_ignored_on_later_pages_or_by_others_is_found() -> None:
    """A range that is ignored on later pages, or next to another range, is found."""

    def forget(query: dict[str, str]) -> dict[str, str]:
        return remove_parameters(query, "min_stars") if query.get("page", "1") != "1" else query

    def take_one(query: dict[str, str]) -> dict[str, str]:
        return remove_parameters(query, "min_stars") if "stars_below" in query else query

    for examination, fault in ((check_ranges, forget), (check_combinations, take_one)):
        ids = {finding.id for finding in find(examination, edit_query(fault))}
        assert "listing.filter.ignored" in ids


def test_a_filter_that_is_ignored_on_later_pages_is_found() -> None:
    """A filter that is ignored on page 2 is found, and the finding shows the request for page 2."""

    def forget(query: dict[str, str]) -> dict[str, str]:
        return remove_parameters(query, "color") if query.get("page", "1") != "1" else query

    (finding,) = find(check_filters, edit_query(forget))
    assert finding.id == "listing.filter.ignored"
    assert "page=2" in finding.curl


def test_a_total_that_ignores_the_filter_is_found() -> None:
    """A total that counts all rows despite the filter is found."""

    def plant_fault(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            response = mock.handle(request)
            if request.method != "GET" or response.status != 200:
                return response
            body = {**response.parse_json(), "total": 60}
            return attrs.evolve(
                response,
                body=json.dumps(body).encode(),
                headers=(("Content-Type", "application/json"),),
            )

        return handle

    assert {finding.id for finding in find(check_filters, plant_fault)} == {"listing.total.wrong"}


def test_a_filter_that_is_ignored_beside_another_is_found() -> None:
    """A server that uses only the first of two filters is found by combining them."""
    fault = edit_query(
        lambda query: remove_parameters(query, "stars") if "done" in query else query
    )
    assert find(check_filters, fault) == []
    assert {finding.id for finding in find(check_combinations, fault)} == {"listing.filter.ignored"}


def test_a_case_sensitive_search_is_found() -> None:
    """A case-sensitive search is found if the description says that it ignores case."""

    def plant_fault(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            search_string = dict(parse_qsl(request.query)).get("q", "")
            titles = [row["title"] for row in mock.list_rows("note.list")]
            if search_string and not any(search_string in title for title in titles):
                request = attrs.evolve(
                    request, query=request.query.replace(search_string, "no such title")
                )
            return mock.handle(request)

        return handle

    assert find(check_searches, lambda mock: mock.handle) == []
    assert {finding.id for finding in find(check_searches, plant_fault)} == {"listing.search.lost"}


@pytest.mark.parametrize("rows", [0, 1, 60])
@pytest.mark.parametrize("names", [("sort",), ("direction",), ("sort", "direction")])
def test_an_order_that_is_ignored_is_found(names: tuple[str, ...], rows: int) -> None:
    """An ignored order is found, even if the existing rows happen to be sorted."""
    findings = find(order, edit_query(lambda query: remove_parameters(query, *names)), rows=rows)
    assert {finding.id for finding in findings} == {"listing.order.wrong"}


def test_rows_that_are_ordered_on_each_page_only_are_found() -> None:
    """Rows that are sorted only within each page are found, even if all rows fit on one page."""

    def plant_fault(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            query = dict(parse_qsl(request.query))
            unsorted_query = {**remove_parameters(query, "sort", "direction"), "sort": "title"}
            response = mock.handle(attrs.evolve(request, query=urlencode(unsorted_query)))
            if response.status != 200 or "sort" not in query:
                return response
            body, is_down = response.parse_json(), query.get("direction") == "desc"
            body["notes"].sort(key=lambda row: row[query["sort"]], reverse=is_down)
            return HttpResponse(200, JSON, json.dumps(body).encode())

        return handle

    assert {finding.id for finding in find(order, plant_fault, rows=20)} == {"listing.order.wrong"}


def test_rows_repeated_on_the_next_page_are_found() -> None:
    """A row that repeats on the next page of an ordered listing is found, even if rows fit on one
    page.
    """

    def plant_fault(mock: Mock) -> Handle:
        last_rows: list[Any] = []

        def handle(request: HttpRequest) -> HttpResponse:
            response = mock.handle(request)
            query = dict(parse_qsl(request.query))
            if response.status != 200 or "sort" not in query:
                return response
            body = response.parse_json()
            if "page" in query and last_rows and query["page"] != "1":
                body["notes"][:1] = last_rows[-1:]
            last_rows[:] = body["notes"]
            return HttpResponse(200, JSON, json.dumps(body).encode())

        return handle

    findings = find(order, plant_fault, rows=20)
    assert "listing.page.repeats" in {finding.id for finding in findings}


def test_an_accepted_enum_value_in_lower_case_is_found() -> None:
    """Enum values in lower case that the server accepts are found, in parameters and in bodies."""

    def lower(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            body = request.body.replace(b"RED", b"red").replace(b"HOME", b"home")
            query = request.query.replace("RED", "red").replace("DESC", "desc")
            headers = tuple(header for header in request.headers if header[0] != "Content-Length")
            return mock.handle(attrs.evolve(request, query=query, body=body, headers=headers))

        return handle

    list_findings = find(check_choices, lower)
    assert {(finding.id, finding.where) for finding in list_findings} == {
        ("request.invalid.accepted", "color")
    }
    create_findings = find(check_choices, lower, name="note.create")
    assert {finding.where for finding in create_findings} == {"color", "folder"}


@pytest.mark.parametrize(
    ("keep", "finding_ids"),
    [
        (None, set()),
        (lambda tags, sent_tags: tags >= sent_tags, set()),
        (lambda tags, sent_tags: True, {"listing.filter.ignored"}),
        (lambda tags, sent_tags: tags == sent_tags, {"listing.filter.lost"}),
    ],
    ids=["mock", "all values", "ignored", "equal lists"],
)
def test_a_filter_by_a_list_keeps_the_rows_that_have_the_value(
    tmp_path: Path, keep: Callable[[set[str], set[str]], bool] | None, finding_ids: set[str]
) -> None:
    """Rows whose list has the value are returned; with several values, one or all of them."""
    list_schema = {"type": "array", "items": {"type": "string", "enum": ["new", "old", "sold"]}}
    row = {"type": "object", "required": ["id"]}
    row |= {"properties": {"id": {"type": "integer"}, "tags": {**list_schema, "minItems": 1}}}
    listing = {"items": "", "id": "/id", "page": {"style": "offset", "parameter": "skip"}}
    list_operation = build_operation(
        "book.list",
        {"type": "array", "items": row},
        parameters=[
            {"name": "tag", "in": "query", "schema": list_schema},
            {"name": "skip", "in": "query", "schema": {"type": "integer", "minimum": 0}},
        ],
        **{"x-listing": {**listing, "filter": {"tag": {"field": "/tags"}}}},
    )
    spec = load_document(tmp_path, {"/books": {"get": list_operation}})
    books = [
        {"id": number, "tags": names}
        for number, names in enumerate([["new"], ["new", "old"], ["old", "sold"], ["sold"]])
    ]

    def plant_fault(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            response = mock.handle(request)
            if keep is None or response.status != 200:
                return response
            arguments = parse_qsl(request.query)
            tags = {value for name, value in arguments if name == "tag"}
            matching_books = [book for book in books if not tags or keep(set(book["tags"]), tags)]
            rest = matching_books[int(dict(arguments).get("skip", 0)) :]
            return attrs.evolve(response, body=json.dumps(rest).encode())

        return handle

    list_findings = find(check_filters, plant_fault, name="book.list", spec=spec)
    assert {finding.id for finding in list_findings} == finding_ids


def test_names_with_a_direction_are_orders(tmp_path: Path) -> None:
    """The values `-title` and `title_desc` are checked as orders by the title, descending."""
    row = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    row["properties"]["title"] = {"type": "string"}
    names = ["title", "-title", "title_desc"]
    listing = {
        "items": "",
        "id": "/id",
        "page": {"style": "single"},
        "order": {"by": "sort", "fields": dict.fromkeys(names, "/title")},
    }
    list_operation = build_operation(
        "book.list",
        {"type": "array", "items": row},
        parameters=[{"name": "sort", "in": "query", "schema": {"enum": names}}],
        **{"x-listing": listing},
    )
    spec = load_document(tmp_path, {"/books": {"get": list_operation}})
    books = [{"id": number, "title": f"title {number}"} for number in range(3)]

    def plant_fault(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            body = json.dumps(books).encode()
            return HttpResponse(200, (("Content-Type", "application/json"),), body)

        return handle

    findings = find(order, plant_fault, name="book.list", spec=spec)
    assert {finding.location.pointer.rpartition("/")[2] for finding in findings} == set(names[1:])
    assert {finding.where for finding in findings} == {"descending"}


def test_a_string_that_is_stored_shortened_is_found() -> None:
    """A string that the server shortens from 80 to 40 characters is found."""

    def plant_fault(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            if request.method == "POST" and request.body.startswith(b"{"):
                body = json.loads(request.body or b"{}")
                if isinstance(body.get("title"), str) and len(body["title"]) <= 80:
                    shortened_body = json.dumps({**body, "title": body["title"][:40]}).encode()
                    headers = (h for h in request.headers if h[0].lower() != "content-length")
                    request = attrs.evolve(request, body=shortened_body, headers=tuple(headers))
            return mock.handle(request)

        return handle

    assert find(check_creation, lambda mock: mock.handle, name="note.create") == []
    (finding,) = find(check_creation, plant_fault, name="note.create")
    assert (finding.id, finding.where) == ("effect.field.changed", "title")


def test_a_time_that_loses_its_offset_is_found(tmp_path: Path) -> None:
    """A timestamp whose offset is lost is found; the same timestamp in UTC is not a finding."""
    source = Path(NOTES.path).read_text().replace("due: {type: string, format: date}", DUE)
    (tmp_path / "notes.yaml").write_text(source)
    spec = openapi.load(tmp_path / "notes.yaml")

    def replace_time(new: bytes) -> Callable[[Mock], Handle]:
        def plant_fault(mock: Mock) -> Handle:
            def handle(request: HttpRequest) -> HttpResponse:
                body = request.body.replace(b"T10:00:00+02:00", new)
                headers = tuple(h for h in request.headers if h[0].lower() != "content-length")
                return mock.handle(attrs.evolve(request, body=body, headers=headers))

            return handle

        return plant_fault

    for name, check in (("note.create", check_creation), ("note.update", check_updates)):
        assert find(check, replace_time(b"T08:00:00Z"), name=name, spec=spec) == []
        for wrong_time in (b"T10:00:00Z", b"T10:00:00-02:00"):
            (finding,) = find(check, replace_time(wrong_time), name=name, spec=spec)
            assert (finding.id, finding.where) == ("effect.field.changed", "due")


def test_a_repeated_creation_that_fails_is_found(tmp_path: Path) -> None:
    """If a 409 is documented, a repeated creation that fails with a server error is found."""
    source = (
        Path(NOTES.path)
        .read_text()
        .replace(
            '"415": {$ref',
            '"409": {$ref: "#/components/responses/Problem"}\n        "415": {$ref',
            1,
        )
    )
    (tmp_path / "notes.yaml").write_text(source)
    spec = openapi.load(tmp_path / "notes.yaml")
    titles = set[str]()

    def plant_fault(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            response = mock.handle(request)
            if request.method != "POST" or response.status != 201:
                return response
            title = response.parse_json()["title"]
            is_known = title in titles
            titles.add(title)
            return HttpResponse(500) if is_known else response

        return handle

    findings = find(check_creation, plant_fault, name="note.create", spec=spec)
    assert {finding.id for finding in findings} == {"response.server-error"}


def test_a_lost_row_is_shown_with_the_page_that_lacks_it() -> None:
    """The finding of a lost row shows the request for the page that lacks it."""

    def empty_second_page(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            response = mock.handle(request)
            query = dict(parse_qsl(request.query))
            if request.method != "GET" or query.get("page") != "2" or "size" in query:
                return response
            body = {**response.parse_json(), "notes": []}
            return HttpResponse(200, JSON, json.dumps(body).encode())

        return handle

    [lost_row] = [f for f in find(check_pages, empty_second_page) if f.id == "listing.row.lost"]
    assert "page=2" in lost_row.curl
