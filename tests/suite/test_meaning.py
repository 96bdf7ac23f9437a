"""What a listing's parameters mean: filters alone, together and on later pages, totals, orders."""

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
from driftline.openapi import Filter, Spec
from driftline.suite.examinations.choices import check_choices
from driftline.suite.examinations.listings.combinations import check_combinations
from driftline.suite.examinations.listings.ordering import order
from driftline.suite.examinations.listings.ranges import check_ranges
from driftline.suite.examinations.listings.selection import check_filters, check_searches
from driftline.suite.examinations.rows.creation import check_creation
from driftline.suite.examinations.rows.updates import check_updates
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import Probe, examine

from .documents import load_document, operation

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
    """The findings of one examination of a mock with a fault."""
    about = spec.find_operation(name)
    assert about is not None
    with Session(Target.mock(spec, handle=fault(Mock(spec, rows=rows)))) as session:
        check = examine(session, about, "meaning", examination)
    assert check.detail == ""
    return list(check.findings)


def edit_query(change: Change) -> Callable[[Mock], Handle]:
    """A server that reads the query of a GET otherwise."""

    def fault(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            query = dict(parse_qsl(request.query))
            changed = urlencode(change(query)) if request.method == "GET" else request.query
            return mock.handle(attrs.evolve(request, query=changed))

        return handle

    return fault


def without(query: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in query.items() if name not in names}


@pytest.mark.parametrize(
    "examination", [check_filters, check_ranges, check_combinations, order, check_choices]
)
@pytest.mark.parametrize("rows", [0, 1, 60])
def test_a_right_server_has_no_finding(examination: Any, rows: int) -> None:
    """Whatever rows there are, and whichever have to be created first."""
    assert find(examination, lambda mock: mock.handle, rows=rows) == []


@pytest.mark.parametrize("name", ["done", "stars", "color", "folder"])
def test_a_filter_that_is_ignored_is_found(name: str) -> None:
    """A boolean, an integer, an enum, and a string or null."""
    findings = find(check_filters, edit_query(lambda query: without(query, name)))
    assert {each.id for each in findings} == {"listing.filter.ignored"}
    assert {each.location.pointer.rpartition("/")[2] for each in findings} == {name}


def test_a_filter_may_keep_similar_strings_if_it_is_not_exact() -> None:
    """A row with the value as a part is right, one without it is not, and none may be lost."""
    about = NOTES.find_operation("note.list")
    assert about is not None
    assert about.listing is not None
    filters = tuple(Filter("folder", "/folder", exact=exact) for exact in (True, False))
    specs = [
        attrs.evolve(
            NOTES,
            operations=(
                attrs.evolve(about, listing=attrs.evolve(about.listing, filters=(each,))),
                *(o for o in NOTES.operations if o is not about),
            ),
        )
        for each in filters
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
    about_rows = [[each for each in some if each.id.startswith("listing.")] for some in findings]
    assert [bool(some) for some in about_rows] == [True, False]
    for change in (lambda query: without(query, "folder"), _ask_for_none):
        assert find(check_filters, edit_query(change), spec=specs[1]) != []


def _ask_for_none(query: dict[str, str]) -> dict[str, str]:
    return {**query, "folder": "work"} if query.get("folder") == "home" else query


@pytest.mark.parametrize("name", ["min_stars", "stars_below", "created_after"])
def test_a_range_that_is_ignored_is_found(name: str) -> None:
    """A lower and an upper bound, of numbers and of times."""
    findings = find(check_ranges, edit_query(lambda query: without(query, name)))
    assert {each.id for each in findings} == {"listing.filter.ignored"}
    assert {each.location.pointer.rpartition("/")[2] for each in findings} == {name}


@pytest.mark.parametrize(
    ("name", "finding"),
    [("min_stars", "listing.filter.lost"), ("stars_below", "listing.filter.ignored")],
)
def test_a_bound_is_in_the_range_as_documented(name: str, finding: str) -> None:
    """A server that takes `>` for `>=`, or the reverse, is found."""

    def next_bound(query: dict[str, str]) -> dict[str, str]:
        return {**query, name: str(int(query[name]) + 1)} if name in query else query

    assert {each.id for each in find(check_ranges, edit_query(next_bound))} == {finding}


def test_a_range_that_later_pages_or_other_ranges_lose_is_found() -> None:
    """The first page is right, and so is each range alone."""

    def forget(query: dict[str, str]) -> dict[str, str]:
        return without(query, "min_stars") if query.get("page", "1") != "1" else query

    def take_one(query: dict[str, str]) -> dict[str, str]:
        return without(query, "min_stars") if "stars_below" in query else query

    for examination, fault in ((check_ranges, forget), (check_combinations, take_one)):
        ids = {each.id for each in find(examination, edit_query(fault))}
        assert "listing.filter.ignored" in ids


def test_a_filter_that_later_pages_forget_is_found() -> None:
    """The first page is right, and page 2 has rows of every color."""

    def forget(query: dict[str, str]) -> dict[str, str]:
        return without(query, "color") if query.get("page", "1") != "1" else query

    (finding,) = find(check_filters, edit_query(forget))
    assert finding.id == "listing.filter.ignored"
    assert "page=2" in finding.curl


def test_a_total_that_does_not_know_the_filter_is_found() -> None:
    """All rows are counted, whatever the filter."""

    def fault(mock: Mock) -> Handle:
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

    assert {each.id for each in find(check_filters, fault)} == {"listing.total.wrong"}


def test_a_filter_that_is_ignored_beside_another_is_found() -> None:
    """Each works alone; of two, the server looks at the first."""
    fault = edit_query(lambda query: without(query, "stars") if "done" in query else query)
    assert find(check_filters, fault) == []
    assert {each.id for each in find(check_combinations, fault)} == {"listing.filter.ignored"}


def test_a_search_that_minds_case_is_found() -> None:
    """Where the description says that it ignores case."""

    def fault(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            text = dict(parse_qsl(request.query)).get("q", "")
            titles = [row["title"] for row in mock.list_rows("note.list")]
            if text and not any(text in title for title in titles):
                request = attrs.evolve(request, query=request.query.replace(text, "no such title"))
            return mock.handle(request)

        return handle

    assert find(check_searches, lambda mock: mock.handle) == []
    assert {each.id for each in find(check_searches, fault)} == {"listing.search.lost"}


@pytest.mark.parametrize("rows", [0, 1, 60])
@pytest.mark.parametrize("names", [("sort",), ("direction",), ("sort", "direction")])
def test_an_order_that_is_ignored_is_found(names: tuple[str, ...], rows: int) -> None:
    """Also where the rows that there are seem sorted: others are created."""
    findings = find(order, edit_query(lambda query: without(query, *names)), rows=rows)
    assert {each.id for each in findings} == {"listing.order.wrong"}


def test_rows_that_are_ordered_on_each_page_only_are_found() -> None:
    """Although all rows fit on one page, of the largest size."""

    def fault(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            query = dict(parse_qsl(request.query))
            plain = {**without(query, "sort", "direction"), "sort": "title"}
            response = mock.handle(attrs.evolve(request, query=urlencode(plain)))
            if response.status != 200 or "sort" not in query:
                return response
            body, is_down = response.parse_json(), query.get("direction") == "desc"
            body["notes"].sort(key=lambda row: row[query["sort"]], reverse=is_down)
            return HttpResponse(200, JSON, json.dumps(body).encode())

        return handle

    assert {each.id for each in find(order, fault, rows=20)} == {"listing.order.wrong"}


def test_a_choice_in_another_case_that_is_accepted_is_found() -> None:
    """As a parameter, and as a field of a body."""

    def lower(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            body = request.body.replace(b"RED", b"red").replace(b"HOME", b"home")
            query = request.query.replace("RED", "red").replace("DESC", "desc")
            headers = tuple(each for each in request.headers if each[0] != "Content-Length")
            return mock.handle(attrs.evolve(request, query=query, body=body, headers=headers))

        return handle

    listed = find(check_choices, lower)
    assert {(each.id, each.where) for each in listed} == {("request.invalid.accepted", "color")}
    created = find(check_choices, lower, name="note.create")
    assert {each.where for each in created} == {"color", "folder"}


def test_names_with_a_sign_are_orders(tmp_path: Path) -> None:
    """`-title` and `title_desc` say both the field and the direction."""
    row = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    row["properties"]["title"] = {"type": "string"}
    names = ["title", "-title", "title_desc"]
    listing = {
        "items": "",
        "id": "/id",
        "page": {"style": "single"},
        "order": {"by": "sort", "fields": dict.fromkeys(names, "/title")},
    }
    listed = operation(
        "book.list",
        {"type": "array", "items": row},
        parameters=[{"name": "sort", "in": "query", "schema": {"enum": names}}],
        **{"x-listing": listing},
    )
    spec = load_document(tmp_path, {"/books": {"get": listed}})
    books = [{"id": number, "title": f"title {number}"} for number in range(3)]

    def fault(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            body = json.dumps(books).encode()
            return HttpResponse(200, (("Content-Type", "application/json"),), body)

        return handle

    findings = find(order, fault, name="book.list", spec=spec)
    assert {each.location.pointer.rpartition("/")[2] for each in findings} == set(names[1:])
    assert {each.where for each in findings} == {"descending"}


def test_a_string_that_is_stored_shortened_is_found() -> None:
    """The response to a creation, and the row, have only the first 40 of 80 characters."""

    def fault(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            if request.method == "POST" and request.body.startswith(b"{"):
                body = json.loads(request.body or b"{}")
                if isinstance(body.get("title"), str) and len(body["title"]) <= 80:
                    cut = json.dumps({**body, "title": body["title"][:40]}).encode()
                    headers = (h for h in request.headers if h[0].lower() != "content-length")
                    request = attrs.evolve(request, body=cut, headers=tuple(headers))
            return mock.handle(request)

        return handle

    assert find(check_creation, lambda mock: mock.handle, name="note.create") == []
    (finding,) = find(check_creation, fault, name="note.create")
    assert (finding.id, finding.where) == ("effect.field.changed", "title")


def test_a_time_that_loses_its_offset_is_found(tmp_path: Path) -> None:
    """Ten o'clock in Berlin comes back as ten o'clock UTC, or as eight, which is the same."""
    text = Path(NOTES.path).read_text().replace("due: {type: string, format: date}", DUE)
    (tmp_path / "notes.yaml").write_text(text)
    spec = openapi.load(tmp_path / "notes.yaml")

    def replace_time(new: bytes) -> Callable[[Mock], Handle]:
        def fault(mock: Mock) -> Handle:
            def handle(request: HttpRequest) -> HttpResponse:
                body = request.body.replace(b"T10:00:00+02:00", new)
                kept = tuple(h for h in request.headers if h[0].lower() != "content-length")
                return mock.handle(attrs.evolve(request, body=body, headers=kept))

            return handle

        return fault

    for name, check in (("note.create", check_creation), ("note.update", check_updates)):
        assert find(check, replace_time(b"T08:00:00Z"), name=name, spec=spec) == []
        for wrong in (b"T10:00:00Z", b"T10:00:00-02:00"):
            (finding,) = find(check, replace_time(wrong), name=name, spec=spec)
            assert (finding.id, finding.where) == ("effect.field.changed", "due")


def test_a_repeated_creation_that_fails_is_found(tmp_path: Path) -> None:
    """Where a 409 is documented, the same body is sent twice: it may be taken or rejected."""
    text = (
        Path(NOTES.path)
        .read_text()
        .replace(
            '"415": {$ref',
            '"409": {$ref: "#/components/responses/Problem"}\n        "415": {$ref',
            1,
        )
    )
    (tmp_path / "notes.yaml").write_text(text)
    spec = openapi.load(tmp_path / "notes.yaml")
    titles = set[str]()

    def fault(mock: Mock) -> Handle:
        def handle(request: HttpRequest) -> HttpResponse:
            response = mock.handle(request)
            if request.method != "POST" or response.status != 201:
                return response
            title = response.parse_json()["title"]
            is_known = title in titles
            titles.add(title)
            return HttpResponse(500) if is_known else response

        return handle

    findings = find(check_creation, fault, name="note.create", spec=spec)
    assert {each.id for each in findings} == {"response.server-error"}
