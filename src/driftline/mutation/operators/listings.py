"""What mutants of a listing are made of: its words, its query, and its pages with a change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs

from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.mutation.mutants import (
    Breaks,
    BrokenMock,
    Clause,
    Mutant,
    replace_json,
    replace_request_body,
)
from driftline.openapi import (
    MISSING,
    Listing,
    Operation,
    Spec,
    change_value,
    find_parameter_schema,
    follow,
    is_array,
    is_object,
    join,
    split,
)

Query = dict[str, Any]
Rewrite = Callable[[Any, "Query", BrokenMock, HttpRequest], Any]


@attrs.frozen
class ListingContext:
    """A listing."""

    spec: Spec
    operation: Operation
    listing: Listing

    def build_mutant(
        self, kind: str, words: tuple[str, ...], breaks: Breaks | None, *ids: str, **more: Any
    ) -> Mutant:
        """Return a mutant of a word of `x-listing`."""
        about = self.operation.pointer + "/x-listing"
        clause = Clause(
            self.operation, f"listing.{kind}", about + join(*words), str(more.pop("place", ""))
        )
        siblings = {about + join(*words[:count]) for count in range(1, len(words))}
        near = frozenset(siblings | {about + join(*each) for each in more.pop("near", ())})
        return Mutant.build(self.spec, clause, breaks, *ids, pointers=near, **more)

    @property
    def size_word(self) -> tuple[str, str]:
        return ("size", "parameter" if self.listing.size.parameter else "fixed")


def has_word(about: ListingContext, *words: str) -> bool:
    """Return whether the listing says this."""
    value = follow(about.spec.get_node(about.operation.pointer + "/x-listing"), join(*words))
    return value is not MISSING


def parse_query(request: HttpRequest) -> Query:
    """Return the query by name, the last of several, and the fields of a JSON body as `/name`."""
    try:
        body = json.loads(request.body) if request.body else None
    except (ValueError, RecursionError):
        body = None
    fields = {join(name): value for name, value in body.items()} if is_object(body) else {}
    return {**dict(parse_qsl(request.query, keep_blank_values=True)), **fields}


def replace_query(request: HttpRequest, query: Query) -> HttpRequest:
    """Return the request with another query, and other fields of the body."""
    own = {name: value for name, value in query.items() if not name.startswith("/")}
    fields = {split(name)[0]: value for name, value in query.items() if name.startswith("/")}
    request = attrs.evolve(request, query=urlencode(own))
    if not fields and not request.body:
        return request
    return replace_request_body(request, "application/json", json.dumps(fields).encode())


def edit_replies(rewrite: Rewrite) -> Breaks:
    """Change the body of every page."""

    def breaks(server: BrokenMock, _: Operation, request: HttpRequest) -> HttpResponse:
        response = server.mock.handle(request)
        if response.status != 200:
            return response
        return replace_json(
            response, rewrite(response.parse_json(), parse_query(request), server, request)
        )

    return breaks


def edit_metadata(pointer: str, change: Callable[[Any], Any]) -> Breaks:
    """Change what every page has at `pointer`."""
    path = tuple(split(pointer))

    def rewrite(body: Any, *_: Any) -> Any:
        return change_value(body, path, change)

    return edit_replies(rewrite)


def edit_rows(about: ListingContext, change: Callable[[list[Any], Query], list[Any]]) -> Breaks:
    """Change the rows of every page."""
    path = tuple(split(about.listing.items))

    def rewrite(body: Any, query: Query, *_: Any) -> Any:
        return change_value(
            body, path, lambda rows: change(rows, query) if is_array(rows) else rows
        )

    return edit_replies(rewrite)


def replace_value(value: Any, _: Any) -> Any:
    """`value`, whatever was there."""
    return value


def make_other_value(value: Any) -> Any:
    """Return another value of the same type."""
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else value


def generate_page_metadata_mutants(about: ListingContext) -> Iterator[Mutant]:
    """Yield every mutant of sizes, totals and the like."""
    yield from _mutate_sizes(about)
    yield from _mutate_metadata(about)


def _mutate_sizes(about: ListingContext) -> Iterator[Mutant]:
    size = about.listing.size
    if size.parameter is None and size.fixed is None:
        return
    make = partial(about.build_mutant, "size", about.size_word)
    near = (("page",),)
    is_single = about.listing.page.is_single
    single = "a page may have fewer rows, and there is only one" if is_single else ""
    yield make(_resize_pages(about, 13), "listing.size.ignored", how="more")
    ids = ("listing.size.short", "listing.row.lost")
    yield make(_resize_pages(about, -1), *ids, how="fewer", near=near, equivalent=single)
    if size.parameter:
        ignored = partial(_ignore_size, about)
        yield make(ignored, "listing.size.ignored", "listing.size.short", how="ignored")


def _resize_pages(about: ListingContext, by: int) -> Breaks:
    """Return pages of another size than was requested, by a mock that has this size in its spec."""

    def breaks(server: BrokenMock, operation: Operation, request: HttpRequest) -> HttpResponse:
        response = server.mock.handle(request)
        if response.status != 200:
            return response
        size = about.listing.size
        asked = (
            parse_query(request).get(size.parameter or "") if size.parameter else str(size.fixed)
        )
        if asked is None:
            schema = find_parameter_schema(server.spec, operation, str(size.parameter))
            asked = server.spec.resolve(schema)[1].get("default", 100) if schema else 100
        wanted = int(float(asked)) + by
        if not 0 < wanted < 10**6:
            return response
        return _build_mock_of_size(server, about, wanted).handle(request)

    return breaks


def _build_mock_of_size(server: BrokenMock, about: ListingContext, size: int) -> Mock:
    """Return a mock with the same rows whose pages always have `size` rows."""
    made: dict[int, Mock] = server.memory.setdefault("sizes", {})
    if size not in made:
        fixed = attrs.evolve(about.listing.size, parameter=None, fixed=size)
        listing = attrs.evolve(about.listing, size=fixed)
        operation = attrs.evolve(about.operation, listing=listing)
        others = [each for each in server.spec.operations if each.id != operation.id]
        made[size] = server.build_sibling(
            attrs.evolve(server.spec, operations=(operation, *others))
        )
    return made[size]


def _ignore_size(
    about: ListingContext, server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    response = server.mock.handle(request)
    return (
        response
        if response.status != 200
        else _build_mock_of_size(server, about, 37).handle(request)
    )


def _mutate_metadata(about: ListingContext) -> Iterator[Mutant]:
    listing = about.listing
    if listing.total is not None:
        total = listing.total
        kind, words = "listing.total.wrong", ("total",)
        reason = "the rows of other pages cannot be counted" if about.listing.page.is_single else ""
        larger = edit_metadata(total, make_other_value)
        yield about.build_mutant("total", words, larger, kind, how="one-more", equivalent=reason)
        none = edit_metadata(total, partial(replace_value, 0))
        yield about.build_mutant("total", words, none, kind, how="none")
    if listing.page.more is not None:
        for how, value in (("always", True), ("never", False)):
            told = edit_metadata(listing.page.more, partial(replace_value, value))
            ids = ("listing.more.wrong", *(("listing.next.missing",) if value else ()))
            near = (("page",), ("page", "next"))
            yield about.build_mutant("page", ("page", "more"), told, *ids, how=how, near=near)
    for word, pointer in listing.echo.items():
        other = edit_metadata(pointer, make_other_value)
        kind = "listing.echo.wrong"
        yield about.build_mutant("echo", ("echo", word), other, kind, place=word)
