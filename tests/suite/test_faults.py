"""Each kind of fault of a server is found, with the id and the clause of the finding."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import Any

import attrs
import pytest

from driftline.checks.catalogue import CATALOGUE
from driftline.suite.examinations import credentials, defaults, examples
from driftline.suite.examinations.listings import filtering, ordering, pages as listing, searching
from driftline.suite.examinations.rows.creations import creation
from driftline.suite.fuzzing import schemathesis_pass
from driftline.suite.http.session import Session
from driftline.suite.probe import Examination, examine

from .faults import (
    LIST,
    Fault,
    accept_any_page_size,
    accept_duplicates,
    build_response,
    edit_bodies,
    edit_each_row,
    edit_queries,
    edit_responses,
    fail_on_value,
    hide_created_rows,
    ignore_token,
    is_create,
    omit_row,
    on_later_pages,
    repeat_row,
)

GET = "/paths/~1v1~1call/get"
POST = "/paths/~1v1~1call/post"
LISTING = f"{GET}/x-listing"
SCHEMAS = "/components/schemas"
OK = f"{GET}/responses/200/content"

# What the suite calls each examination.
NAMES: dict[Examination, str] = {
    creation.check_creation: "creation",
    credentials.check_credentials: "credentials",
    defaults.check_defaults: "defaults",
    examples.check_response_examples: "documented examples",
    examples.request_examples: "documented requests",
    listing.check_pages: "pages",
    ordering.order: "order",
    schemathesis_pass.check_fuzzing: "fuzzing",
    schemathesis_pass.check_sequences: "sequences",
    filtering.check_filters: "filters",
    searching.check_searches: "searches",
}


@attrs.frozen
class Case:
    """A fault, the check that finds it, and the id and pointer of its finding."""

    fault: Fault
    examination: Examination
    kind: str
    pointer: str
    operation: str = "call.list"


def set_fields(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda row: row.update(fields)


def remove_field(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda row: row.pop(name, None) and None


def set_pagination(**fields: Any) -> Fault:
    return edit_bodies(lambda body, _: body["pagination"].update(fields))


def raise_total(body: Any, _: Any) -> None:
    body["pagination"]["total"] += 1


def turn_back(body: Any, _: Any) -> None:
    body["pagination"].update(hasMore=True, nextCursor="00000000-0000-4000-8000-000000000000")


def replace_content_type(value: str, body: bytes | None = None) -> Fault:
    # One other header stays: a recording without any says nothing about headers.
    headers = (("Content-Type", value),) if value else (("Server", "test"),)
    return edit_responses(
        lambda r: attrs.evolve(r, headers=headers, body=r.body if body is None else body)
    )


def set_query(**values: str) -> Fault:
    return edit_queries(lambda query: query.update(values))


def drop_query(*names: str) -> Fault:
    return edit_queries(lambda query: [query.pop(name, None) for name in names] and None)


CASES = {
    "required field missing in one row of fifty": Case(
        edit_each_row(remove_field("projectId")),
        listing.check_pages,
        "response.required.missing",
        f"{SCHEMAS}/Call/required",
    ),
    "new enum value": Case(
        edit_each_row(set_fields(status="PAUSED")),
        listing.check_pages,
        "response.enum.undocumented",
        f"{SCHEMAS}/CallStatus/enum",
    ),
    "undocumented field": Case(
        edit_each_row(set_fields(sentiment="good")),
        listing.check_pages,
        "response.field.undocumented",
        f"{SCHEMAS}/Call/properties",
    ),
    "wrong format": Case(
        edit_each_row(set_fields(supersededByCallId="no uuid")),
        listing.check_pages,
        "response.format.wrong",
        f"{SCHEMAS}/Call/properties/supersededByCallId/format",
    ),
    "wrong type on later pages only": Case(
        on_later_pages(set_fields(title=5)),
        listing.check_pages,
        "response.type.wrong",
        f"{SCHEMAS}/Call/properties/title/type",
    ),
    "null in a field that is not nullable": Case(
        on_later_pages(set_fields(summary=None)),
        listing.check_pages,
        "response.type.wrong",
        f"{SCHEMAS}/Call/properties/summary/type",
    ),
    "filter ignored": Case(
        drop_query("status"),
        filtering.check_filters,
        "listing.filter.ignored",
        f"{LISTING}/filter/status",
    ),
    "filter loses rows": Case(
        edit_bodies(lambda body, query: body["data"].clear() if "status" in query else None),
        filtering.check_filters,
        "listing.filter.lost",
        f"{LISTING}/filter/status",
    ),
    "search ignored": Case(
        drop_query("searchText"),
        searching.check_searches,
        "listing.search.ignored",
        f"{LISTING}/search/searchText",
    ),
    "search finds nothing": Case(
        edit_bodies(lambda body, query: body["data"].clear() if "searchText" in query else None),
        searching.check_searches,
        "listing.search.lost",
        f"{LISTING}/search/searchText",
    ),
    "page repeats a row": Case(
        repeat_row, listing.check_pages, "listing.page.repeats", f"{LISTING}/page"
    ),
    "row lost": Case(omit_row(0), listing.check_pages, "listing.total.wrong", f"{LISTING}/total"),
    "row lost at one size only": Case(
        omit_row(8), listing.check_pages, "listing.row.lost", f"{LISTING}/page"
    ),
    "cursor that never ends": Case(
        edit_bodies(turn_back), listing.check_pages, "listing.page.endless", f"{LISTING}/page/next"
    ),
    "size ignored": Case(
        set_query(limit="20"),
        listing.check_pages,
        "listing.size.ignored",
        f"{LISTING}/size/parameter",
    ),
    "pages never full": Case(
        edit_queries(lambda query: query.update(limit=str(min(int(query.get("limit", 20)), 10)))),
        listing.check_pages,
        "listing.size.short",
        f"{LISTING}/size/parameter",
    ),
    "wrong total": Case(
        edit_bodies(raise_total), listing.check_pages, "listing.total.wrong", f"{LISTING}/total"
    ),
    "more denied": Case(
        set_pagination(hasMore=False),
        listing.check_pages,
        "listing.more.wrong",
        f"{LISTING}/page/more",
    ),
    "no cursor of the next page": Case(
        edit_bodies(lambda body, _: body["pagination"].update(hasMore=True, nextCursor=None)),
        listing.check_pages,
        "listing.next.missing",
        f"{LISTING}/page/next",
    ),
    "direction ignored": Case(
        drop_query("sortDirection"),
        ordering.order,
        "listing.order.wrong",
        f"{LISTING}/order/fields/duration",
    ),
    "sorted as strings": Case(
        edit_bodies(lambda body, _: body["data"].sort(key=lambda row: str(row.get("durationMs")))),
        ordering.order,
        "listing.order.wrong",
        f"{LISTING}/order/fields/duration",
    ),
    "default not applied": Case(
        edit_queries(lambda query: query.setdefault("limit", "10") and None),
        defaults.check_defaults,
        "parameter.default.wrong",
        f"{GET}/parameters/0/schema/default",
    ),
    "default order not applied": Case(
        edit_queries(lambda query: query.setdefault("sortDirection", "asc") and None),
        defaults.check_defaults,
        "parameter.default.wrong",
        f"{GET}/parameters/3/schema/default",
    ),
    "wrong token accepted": Case(
        ignore_token, credentials.check_credentials, "security.not-enforced", f"{GET}/security"
    ),
    "valid token rejected": Case(
        lambda handle: lambda request: build_response({"message": "no"}, 403),
        credentials.check_credentials,
        "security.valid-rejected",
        f"{GET}/security",
    ),
    "server error": Case(
        lambda handle: fail_on_value(handle, "status", "ENDED"),
        filtering.check_filters,
        "response.server-error",
        f"{GET}/responses",
    ),
    "undocumented status": Case(
        edit_responses(lambda response: attrs.evolve(response, status=206)),
        examples.request_examples,
        "response.status.undocumented",
        f"{GET}/responses",
    ),
    "documented request rejected": Case(
        lambda handle: partial(_respond_with_error, handle),
        examples.request_examples,
        "request.valid.rejected",
        f"{GET}/parameters/4",
    ),
    "wrong content type": Case(
        replace_content_type("text/plain"),
        examples.request_examples,
        "response.content-type.undocumented",
        OK,
    ),
    "no content type": Case(
        replace_content_type(""), examples.request_examples, "response.content-type.missing", OK
    ),
    "HTML for JSON": Case(
        replace_content_type("text/html", b"<html>"),
        examples.request_examples,
        "response.content-type.undocumented",
        OK,
    ),
    "half a document": Case(
        replace_content_type("application/json", b'{"data": ['),
        examples.request_examples,
        "response.json.unreadable",
        f"{OK}/application~1json",
    ),
    "forbidden request accepted": Case(
        accept_any_page_size,
        schemathesis_pass.check_fuzzing,
        "request.invalid.accepted",
        f"{GET}/parameters/0",
    ),
    "created call not listed": Case(
        hide_created_rows,
        creation.check_creation,
        "effect.not-listed",
        f"{POST}/x-effect/of",
        "call.create",
    ),
    "created call changed": Case(
        edit_bodies(lambda body, _: body["data"].update(callDirection="OUTBOUND"), is_create),
        creation.check_creation,
        "effect.field.changed",
        f"{POST}/x-effect/item",
        "call.create",
    ),
    "duplicate accepted": Case(
        accept_duplicates,
        creation.check_creation,
        "effect.unique.accepted",
        f"{POST}/x-effect/unique",
        "call.create",
    ),
}


def _respond_with_error(handle: Any, request: Any) -> Any:
    response = handle(request)
    if request.path == LIST and "status=ENDED" in request.query:
        return build_response({"message": "no"}, 400)
    return response


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_fault_is_found_at_its_clause(case: Case, open_session: Callable[..., Session]) -> None:
    """The check fails, with a finding of the right id at the right clause."""
    session = open_session(case.fault)
    operation = session.spec.find_operation(case.operation)
    assert operation is not None
    name = NAMES[case.examination]
    check = examine(session, operation, name, case.examination)
    finding_keys = {(finding.id, finding.location.pointer) for finding in check.findings}
    assert check.outcome == "drift", check
    assert (case.kind, case.pointer) in finding_keys
    for finding in check.findings:
        assert name in (CATALOGUE[finding.id].checks or (name,)), finding.id


def test_one_cause_is_one_finding(open_session: Callable[..., Session]) -> None:
    """A field that is missing from every row is one finding with a count and a collapsed index."""
    session = open_session(edit_each_row(remove_field("projectId"), interval=1))
    operation = session.spec.find_operation("call.list")
    assert operation is not None
    check = examine(session, operation, "pages", listing.check_pages)
    assert [finding.where for finding in check.findings] == ["data[].projectId"]
    assert check.findings[0].count > 250


def test_an_undocumented_field_is_additive(open_session: Callable[..., Session]) -> None:
    """An undocumented field is a finding with the severity `additive`."""
    session = open_session(edit_each_row(set_fields(sentiment="good")))
    operation = session.spec.find_operation("call.list")
    assert operation is not None
    check = examine(session, operation, "pages", listing.check_pages)
    assert set(map(itemgetter("severity"), map(attrs.asdict, check.findings))) == {"additive"}
