"""Mutants of the pages of a listing: rows, links to the next page, and the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import attrs

from driftline.mock import HttpRequest, HttpResponse, build_page_url
from driftline.mutation.mutants import Breaks, BrokenMock, Mutant, replace_json
from driftline.mutation.operators.listings.context import (
    ListingContext,
    Query,
    edit_metadata,
    edit_replies,
    edit_rows,
    has_word,
    listing_operator,
    make_other_value,
    parse_query,
    replace_query,
    replace_value,
)
from driftline.openapi import (
    REMOVED,
    Operation,
    PageEvidence,
    change_value,
    find_schema_at,
    follow,
    is_array,
    is_object,
    is_valid,
    split,
)


def is_later_page(about: ListingContext, query: Query) -> bool:
    """Return whether a query requests a page after the first."""
    return not about.listing.page.is_first(query)


def _ask_first(about: ListingContext, query: Query) -> Query:
    """Return the query for the first page."""
    return about.listing.page.write(query, about.listing.page.first_value)


@listing_operator
def generate_page_mutants(about: ListingContext) -> Iterator[Mutant]:
    """Yield every mutant of rows and pages."""
    yield from _mutate_rows(about)
    yield from _mutate_ends(about)
    yield from _mutate_first_page(about)


def _mutate_rows(about: ListingContext) -> Iterator[Mutant]:
    path = split(about.listing.items)
    forms: dict[str, Any] = {"missing": REMOVED, "object": {}, "null": None}
    if not path:
        del forms["missing"]  # a body cannot be left out of itself
    for mode, wrong in forms.items():
        breaks = edit_metadata(about.listing.items, partial(replace_value, wrong))
        yield about.build_mutant("items", ("items",), breaks, "listing.items.missing", how=mode)

    def repeat_first_id(rows: list[Any], _: Query) -> list[Any]:
        key = tuple(split(about.listing.id))
        first = follow(rows[0], about.listing.id) if rows else None
        return [change_value(row, key, lambda _: first) for row in rows]

    def repeat_first_row(rows: list[Any], _: Query) -> list[Any]:
        return [rows[0], *rows[:1], *rows[2:]] if len(rows) > 1 else rows

    related = (("page",),)
    repeats = "listing.page.repeats"
    yield about.build_mutant(
        "id", ("id",), edit_rows(about, repeat_first_id), repeats, near=related, how="same"
    )
    yield about.build_mutant(
        "page", ("page",), edit_rows(about, repeat_first_row), repeats, how="row-twice"
    )
    if about.listing.page.is_single:
        return

    def drop_first_row(rows: list[Any], query: Query) -> list[Any]:
        return rows[1:] if is_later_page(about, query) else rows

    def drop_last_row(rows: list[Any], query: Query) -> list[Any]:
        return rows[:-1] if is_later_page(about, query) else rows

    row_lost = "listing.row.lost"
    yield about.build_mutant(
        "page", ("page",), edit_rows(about, drop_first_row), row_lost, how="first-row-lost"
    )
    yield about.build_mutant(
        "page", ("page",), edit_rows(about, drop_last_row), row_lost, how="last-row-lost"
    )
    again = edit_replies(partial(_overlap_pages, about))
    yield about.build_mutant("page", ("page",), again, repeats, how="first-row-again")


def _overlap_pages(
    about: ListingContext, body: Any, query: Query, server: BrokenMock, request: HttpRequest
) -> Any:
    """Begin each later page with the first row of the first page."""
    if not is_later_page(about, query):
        return body
    first = replace_query(about.operation, request, _ask_first(about, query))
    rows = follow(server.mock.handle(first).parse_json(), about.listing.items)
    path = tuple(split(about.listing.items))
    return change_value(
        body, path, lambda page_rows: [*rows[:1], *page_rows[1:]] if page_rows else page_rows
    )


def _mutate_ends(about: ListingContext) -> Iterator[Mutant]:
    page, keys = about.listing.page, ("page", "parameter")
    if page.is_single:
        return
    ids: tuple[str, ...] = ("listing.page.endless", "listing.page.repeats")
    related: tuple[tuple[str, ...], ...] = (("page",),)
    if page.is_announced:
        related = (("page",), keys, ("page", "next"))
        yield from _mutate_announcements(about, related)
    elif page.is_counted:
        ids = (*ids, "listing.page.out-of-range")
        breaks = partial(_loop_pages, about)
        yield about.build_mutant("page", keys, breaks, *ids, how="endless", near=related)
    stuck = _edit_query(partial(_ask_first, about))
    yield about.build_mutant("page", keys, stuck, *ids, how="ignored", near=related)


def _mutate_first_page(about: ListingContext) -> Iterator[Mutant]:
    """Yield mutants that count pages from another number."""
    page = about.listing.page
    if not has_word(about, "page", "first"):
        return
    make = partial(about.build_mutant, "page", ("page", "first"), how="counted-otherwise")
    if page.is_counted and page.find_page_number({}) is not None:

        def ask_later(query: Query) -> Query:
            return page.write(query, int(float(page.find_page_number(query))) + 1)

        yield make(
            _edit_query(ask_later),
            "listing.row.lost",
            "listing.total.wrong",
            near=(("page",), ("total",)),
        )
    elif "page" in about.listing.echo:
        breaks = edit_metadata(about.listing.echo["page"], make_other_value)
        yield make(breaks, "listing.echo.wrong", near=(("echo", "page"),))


def _edit_query(change: Callable[[Query], Query]) -> Breaks:
    """Change a valid query."""

    def breaks(server: BrokenMock, operation: Operation, request: HttpRequest) -> HttpResponse:
        response = server.mock.handle(request)
        if response.status != 200:
            return response
        query = change(parse_query(operation, request))
        return server.mock.handle(replace_query(operation, request, query))

    return breaks


def _loop_pages(
    about: ListingContext, server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    """Return the first page after the last."""
    response = server.mock.handle(request)
    if response.status != 200 or follow(response.parse_json(), about.listing.items):
        return response
    query = _ask_first(about, parse_query(operation, request))
    return server.mock.handle(replace_query(operation, request, query))


def _mutate_announcements(
    about: ListingContext, related: tuple[tuple[str, ...], ...]
) -> Iterator[Mutant]:
    """Yield mutants whose next page is wrong, missing, or on another server."""
    page = about.listing.page
    make = partial(about.build_mutant, "page", ("page", page.word))
    loops = ("listing.page.endless", "listing.page.repeats")
    yield make(_edit_announcements(about, _lead_back), *loops, near=related, how="endless")
    yield make(_edit_announcements(about, _lead_before), *loops, near=related, how="row-before")
    ids = ("listing.next.missing",) if page.more else ("listing.row.lost", "listing.total.wrong")
    totals = (("total",), ("totalHeader",))
    none = _edit_announcements(about, _lead_nowhere)
    yield make(none, *ids, near=(*related, *totals), how="none")
    if page.is_followed:
        yield make(partial(_lead_elsewhere, about), "listing.next.elsewhere", how="elsewhere")


Choose = Callable[[ListingContext, list[Any], Query, bool], Any]
"""The value by which the response announces the next page; `KEEP` leaves it unchanged."""
KEEP = object()


def _lead_nowhere(*_: object) -> None:
    return None


def _lead_back(about: ListingContext, rows: list[Any], _: Query, is_last: bool) -> Any:
    page = about.listing.page
    if not is_last or not rows:
        return KEEP
    return follow(rows[0], about.listing.id) if page.is_keyed else page.first_value


def _lead_before(about: ListingContext, rows: list[Any], query: Query, is_last: bool) -> Any:
    page = about.listing.page
    if is_last or len(rows) < 2:
        return KEEP
    if page.is_keyed:
        return follow(rows[-2], about.listing.id)
    value = page.read(query)
    return page.first_value if value is None else value


def _edit_announcements(about: ListingContext, choose: Choose) -> Breaks:
    """Change the link to the next page in responses."""
    page = about.listing.page

    def breaks(server: BrokenMock, _: Operation, request: HttpRequest) -> HttpResponse:
        response = server.mock.handle(request)
        if response.status != 200:
            return response
        body = response.parse_json()
        rows = follow(body, about.listing.items)
        is_last = _find_next(about, response) is None
        query = parse_query(about.operation, request)
        value = choose(about, rows if is_array(rows) else [], query, is_last)
        if value is KEEP:
            return response
        url_of = partial(build_page_url, request, about.listing)
        response = _replace_links(about, response, page.announce_headers(value, url_of))
        if page.next is None:
            return response
        wrong = page.announce(value, url_of)
        is_gone = wrong is None and not _is_nullable(about)
        body = _put(body, page.next, REMOVED if is_gone else wrong)
        return replace_json(response, _put(body, page.more, True) if page.more and value else body)

    return breaks


def _replace_links(
    about: ListingContext, response: HttpResponse, links: Sequence[tuple[str, str]]
) -> HttpResponse:
    """Return the response with these headers that lead to the next page, and no others."""
    names = {name.lower() for name, _ in about.listing.page.announce_headers("any", str)}
    other_headers = (pair for pair in response.headers if pair[0].lower() not in names)
    return attrs.evolve(response, headers=(*other_headers, *links))


def _lead_elsewhere(
    about: ListingContext, server: BrokenMock, _: Operation, request: HttpRequest
) -> HttpResponse:
    """Respond with the right next page, but on another server."""
    page, response = about.listing.page, server.mock.handle(request)
    next_page = _find_next(about, response) if response.status == 200 else None
    if next_page is None:
        return response
    wrong = re.sub(r"^https?://[^/?]*", "https://elsewhere.invalid", str(next_page))
    links = page.announce_headers(page.read_value(next_page), lambda _: wrong)
    response = _replace_links(about, response, links)
    if page.next is None:
        return response
    return replace_json(response, _put(response.parse_json(), page.next, wrong))


def _find_next(about: ListingContext, response: HttpResponse) -> Any:
    body = response.parse_json()
    return about.listing.page.find_next(
        PageEvidence(
            body=body, page_rows=(), pages=1, rows=0, is_full=False, headers=response.headers
        )
    )


def _is_nullable(about: ListingContext) -> bool:
    success = about.operation.success
    media = success.json if success else None
    pointer = about.listing.page.next or ""
    schema_pointer = find_schema_at(about.spec, media.schema_pointer, pointer) if media else None
    return schema_pointer is not None and is_valid(about.spec, schema_pointer, None, "response")


def _put(body: Any, pointer: str, value: Any) -> Any:
    *parents, last = split(pointer)

    def put(parent: Any) -> Any:
        if not is_object(parent):
            return parent
        rest = {name: member for name, member in parent.items() if name != last}
        return rest if value is REMOVED else {**rest, last: value}

    return change_value(body, tuple(parents), put)
