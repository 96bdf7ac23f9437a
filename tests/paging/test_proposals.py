"""`add` proposes next URLs, link headers and last rows only if the document is unambiguous."""

from __future__ import annotations

from typing import Any

import pytest
from generate.minimal import make_document, make_spec

from driftline.add.proposals.listings import propose_listing

ROW = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
ROWS = {"type": "array", "items": ROW}
URL = {"type": ["string", "null"], "format": "uri"}
NUMBER = {"name": "page", "in": "query", "schema": {"type": "integer"}}
OFFSET = {"name": "offset", "in": "query", "schema": {"type": "integer"}}
CURSOR = {"name": "cursor", "in": "query", "schema": {"type": "string"}}
AFTER = {"name": "starting_after", "in": "query", "schema": {"type": "string"}}


def propose(schema: Any, *parameters: Any, headers: Any = None) -> Any:
    """Return the proposed listing of a GET with these parameters and this body."""
    response: dict[str, Any] = {
        "description": "ok",
        "content": {"application/json": {"schema": schema}},
        "headers": headers
        if isinstance(headers, dict)
        else {name: {"schema": {"type": "string"}} for name in headers or ()},
    }
    get = {
        "operationId": "row.list",
        "parameters": list(parameters),
        "responses": {"200": response},
    }
    spec = make_spec(make_document({"/rows": {"get": get}}))
    proposal = propose_listing(spec, spec.operations[0])
    return proposal and proposal[0]


def wrap_rows(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"results": ROWS, **members}}


@pytest.mark.parametrize(
    ("schema", "parameter", "headers", "page"),
    [
        (ROWS, NUMBER, ["Link"], {"style": "link-header", "counts": "pages", "first": 1}),
        (ROWS, CURSOR, ["link"], {"style": "link-header"}),
        (wrap_rows(next=URL), NUMBER, [], {"style": "next-url", "counts": "pages", "first": 1}),
        (wrap_rows(next=URL), OFFSET, [], {"style": "next-url", "counts": "rows"}),
        (wrap_rows(next=URL), CURSOR, [], {"style": "next-url"}),
    ],
)
def test_a_link_header_or_uri_member_is_proposed(
    schema: Any, parameter: Any, headers: Any, page: Any
) -> None:
    """A Link header or a member with the format uri is proposed, with the parameter of the page."""
    page_rule = propose(schema, parameter, headers=headers)["page"]
    next_ = {} if page["style"] == "link-header" else {"next": "/next"}
    assert page_rule == {"parameter": parameter["name"], **page, **next_}


@pytest.mark.parametrize(
    "members",
    [
        {"links": {"type": "object", "properties": {"next": {"type": "string"}}}},
        {"meta": {"type": "object", "properties": {"next_page_url": {"type": "string"}}}},
        {"next_link": {"type": "string"}},
    ],
)
def test_a_member_named_like_a_url_is_a_next_url(members: Any) -> None:
    """A member named like a link or URL is a next URL, even without a format."""
    assert propose(wrap_rows(**members), NUMBER)["page"]["style"] == "next-url"


def test_a_next_without_a_format_is_not_a_url() -> None:
    """A member `next` without a format is not a next URL."""
    assert propose(wrap_rows(next={"type": "string"}), NUMBER)["page"]["style"] == "number"
    assert propose(wrap_rows(next={"type": "integer"}), NUMBER)["page"]["style"] == "number"


def test_starting_after_is_proposed_with_a_flag_for_more() -> None:
    """`starting_after` is proposed as last-row with a flag for more rows, and not proposed without
    one.
    """
    has_more = {"has_more": {"type": "boolean"}}
    assert propose(wrap_rows(**has_more), AFTER)["page"] == {
        "style": "last-row",
        "parameter": "starting_after",
        "more": "/has_more",
    }
    assert propose(wrap_rows(), AFTER) is None


def test_a_total_in_a_header_is_proposed() -> None:
    """A total in a header is proposed if the body has none."""
    assert propose(ROWS, NUMBER, headers=["X-Total-Count"])["totalHeader"] == "X-Total-Count"
    listing = propose(wrap_rows(total={"type": "integer"}), NUMBER, headers=["X-Total-Count"])
    assert (listing["total"], listing.get("totalHeader")) == ("/total", None)
    schema = {"type": "object", "properties": {"TotalCount": {"type": "integer"}}}
    for header in ({"schema": schema}, {"schema": {"type": "string"}, "example": '{"total": 5}'}):
        member = "total" if "example" in header else "TotalCount"
        listing = propose(ROWS, NUMBER, headers={"X-Pagination": header})
        assert listing["totalHeader"] == f"X-Pagination/{member}"


def test_a_nullable_id_identifies_rows() -> None:
    """A nullable id identifies rows, and their pages are found by the next URL."""
    row = {"type": "object", "properties": {"sid": {"type": ["string", "null"]}}}
    schema = {
        "type": "object",
        "properties": {"calls": {"type": "array", "items": row}, "next_page_uri": URL},
    }
    token = {"name": "PageToken", "in": "query", "schema": {"type": "string"}}
    listing = propose(schema, token)
    assert (listing["items"], listing["id"]) == ("/calls", "/sid")
    assert listing["page"] == {
        "style": "next-url",
        "parameter": "PageToken",
        "next": "/next_page_uri",
    }
