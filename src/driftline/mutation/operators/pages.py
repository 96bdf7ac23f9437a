"""Mutants of the pages of a listing: their rows, the way on, and the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import Breaks, BrokenMock, Mutant
from driftline.mutation.operators.listings import (
    ListingContext,
    Query,
    edit_metadata,
    edit_replies,
    edit_rows,
    has_word,
    make_other_value,
    parse_query,
    replace_query,
    replace_value,
)
from driftline.openapi.model import Operation
from driftline.openapi.pointer import follow, is_array, is_object, split
from driftline.openapi.value_paths import REMOVED, change_value

__all__ = ["generate_page_mutants", "is_later_page"]


def is_later_page(about: ListingContext, query: Query) -> bool:
    """Whether a query asks for a page after the first."""
    page = about.listing.page
    first = {"number": str(page.first), "offset": "0"}.get(page.style, "")
    return query.get(page.parameter or "", first) not in {first, f"{first}.0"}


def generate_page_mutants(about: ListingContext) -> Iterator[Mutant]:
    """Every mutant of rows and pages."""
    yield from _mutate_rows(about)
    yield from _mutate_ends(about)
    yield from _mutate_first_page(about)


def _mutate_rows(about: ListingContext) -> Iterator[Mutant]:
    path = split(about.listing.items)
    forms: dict[str, Any] = {"missing": REMOVED, "object": {}, "null": None}
    if not path:
        del forms["missing"]  # a body cannot be left out of itself
    for how, wrong in forms.items():
        gone = edit_metadata(about.listing.items, partial(replace_value, wrong))
        yield about.build_mutant("items", ("items",), gone, "listing.items.missing", how=how)

    def same(rows: list[Any], _: Query) -> list[Any]:
        key = tuple(split(about.listing.id))
        first = follow(rows[0], about.listing.id) if rows else None
        return [change_value(row, key, lambda _: first) for row in rows]

    def twice(rows: list[Any], _: Query) -> list[Any]:
        return [rows[0], *rows[:1], *rows[2:]] if len(rows) > 1 else rows

    near = (("page",),)
    repeats = "listing.page.repeats"
    yield about.build_mutant("id", ("id",), edit_rows(about, same), repeats, near=near, how="same")
    yield about.build_mutant("page", ("page",), edit_rows(about, twice), repeats, how="row-twice")
    if about.is_single:
        return

    def later(rows: list[Any], query: Query) -> list[Any]:
        return rows[1:] if is_later_page(about, query) else rows

    def short(rows: list[Any], query: Query) -> list[Any]:
        return rows[:-1] if is_later_page(about, query) else rows

    lost = "listing.row.lost"
    yield about.build_mutant("page", ("page",), edit_rows(about, later), lost, how="first-row-lost")
    yield about.build_mutant("page", ("page",), edit_rows(about, short), lost, how="last-row-lost")
    again = edit_replies(partial(_overlap_pages, about))
    yield about.build_mutant("page", ("page",), again, repeats, how="first-row-again")


def _overlap_pages(
    about: ListingContext, body: Any, query: Query, server: BrokenMock, request: HttpRequest
) -> Any:
    """Each later page begins with the first row of the first page."""
    page = about.listing.page.parameter
    if not is_later_page(about, query) or page is None:
        return body
    first = {**query, page: str(about.listing.page.first)}
    if about.listing.page.style == "cursor":
        del first[page]
    elif about.listing.page.style == "offset":
        first[page] = "0"
    rows = follow(
        server.mock.handle(replace_query(request, first)).parse_json(), about.listing.items
    )
    path = tuple(split(about.listing.items))
    return change_value(body, path, lambda own: [*rows[:1], *own[1:]] if own else own)


def _mutate_ends(about: ListingContext) -> Iterator[Mutant]:
    page, words = about.listing.page, ("page", "parameter")
    endless = ("listing.page.endless", "listing.page.repeats")
    if page.style == "cursor":
        yield from _mutate_cursors(about)
    elif page.style in {"number", "offset"}:
        breaks = partial(_loop_pages, about)
        ids = (*endless, "listing.page.out-of-range")
        yield about.build_mutant("page", words, breaks, *ids, how="endless", near=(("page",),))
        stuck = _edit_query(partial(_drop_from_query, str(page.parameter)))
        required = about.operation.find_parameter(str(page.parameter))
        if required is not None and required.required:
            first = str(page.first if page.style == "number" else 0)
            stuck = _edit_query(lambda query: {**query, str(page.parameter): first})
        yield about.build_mutant("page", words, stuck, *ids, how="ignored", near=(("page",),))


def _mutate_first_page(about: ListingContext) -> Iterator[Mutant]:
    """Pages are counted from another number."""
    page = about.listing.page
    if not has_word(about, "page", "first"):
        return
    make = partial(about.build_mutant, "page", ("page", "first"), how="counted-otherwise")
    if page.style == "number":
        name = str(page.parameter)

        def later(query: Query) -> Query:
            return {**query, name: str(int(float(query.get(name, page.first))) + 1)}

        yield make(
            _edit_query(later),
            "listing.row.lost",
            "listing.total.wrong",
            near=(("page",), ("total",)),
        )
    elif "page" in about.listing.echo:
        told = edit_metadata(about.listing.echo["page"], make_other_value)
        yield make(told, "listing.echo.wrong", near=(("echo", "page"),))


def _drop_from_query(name: str, query: Query) -> Query:
    return {key: value for key, value in query.items() if key != name}


def _edit_query(change: Callable[[Query], Query]) -> Breaks:
    """Changes what is asked for, if it is right."""

    def breaks(server: BrokenMock, _: Operation, request: HttpRequest) -> HttpResponse:
        response = server.mock.handle(request)
        if response.status != 200:
            return response
        return server.mock.handle(replace_query(request, change(parse_query(request))))

    return breaks


def _loop_pages(
    about: ListingContext, server: BrokenMock, _: Operation, request: HttpRequest
) -> HttpResponse:
    """After the last page comes the first."""
    response = server.mock.handle(request)
    name = str(about.listing.page.parameter)
    if response.status != 200 or follow(response.parse_json(), about.listing.items):
        return response
    first = str(about.listing.page.first if about.listing.page.style == "number" else 0)
    return server.mock.handle(replace_query(request, {**parse_query(request), name: first}))


def _mutate_cursors(about: ListingContext) -> Iterator[Mutant]:
    page = about.listing.page
    following, more = page.next or "", page.more

    def round_again(body: Any, *_: Any) -> Any:
        rows = follow(body, about.listing.items)
        if not is_array(rows) or not rows or follow(body, following):
            return body
        body = _put(body, following, follow(rows[0], about.listing.id))
        return _put(body, more, True) if more else body

    def stale(body: Any, *_: Any) -> Any:
        rows = follow(body, about.listing.items)
        if not is_array(rows) or len(rows) < 2 or not follow(body, following):
            return body
        return _put(body, following, follow(rows[-2], about.listing.id))

    near = (("page",), ("page", "parameter"), ("page", "next"))
    make = partial(about.build_mutant, "page", ("page", "next"), near=near)
    yield make(
        edit_replies(round_again), "listing.page.endless", "listing.page.repeats", how="endless"
    )
    yield make(edit_replies(stale), "listing.page.repeats", how="row-before")
    ids = ("listing.next.missing",) if more else ("listing.row.lost", "listing.total.wrong")
    yield make(edit_metadata(following, partial(replace_value, None)), *ids, how="none")
    stuck = _edit_query(partial(_drop_from_query, str(page.parameter)))
    ids = ("listing.page.endless", "listing.page.repeats")
    yield about.build_mutant("page", ("page", "parameter"), stuck, *ids, how="ignored", near=near)


def _put(body: Any, pointer: str, value: Any) -> Any:
    *parents, last = split(pointer)

    def put(parent: Any) -> Any:
        return {**parent, last: value} if is_object(parent) else parent

    return change_value(body, tuple(parents), put)
