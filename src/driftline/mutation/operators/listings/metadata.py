"""Mutants of the sizes, totals and echoes of pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

import attrs

from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.mutation.mutants import Breaks, BrokenMock, Mutant
from driftline.mutation.operators.listings.context import (
    ListingContext,
    edit_metadata,
    listing_operator,
    make_other_value,
    parse_query,
    replace_value,
)
from driftline.openapi import Operation, find_parameter_schema
from driftline.total_header import read_total, split_total_rule


@listing_operator
def generate_page_metadata_mutants(about: ListingContext) -> Iterator[Mutant]:
    """Yield every mutant of sizes, totals and the like."""
    yield from _mutate_sizes(about)
    yield from _mutate_metadata(about)


def _mutate_sizes(about: ListingContext) -> Iterator[Mutant]:
    size = about.listing.size
    if size.parameter is None and size.fixed is None:
        return
    make = partial(about.build_mutant, "size", about.size_word)
    related = (("page",),)
    is_single = about.listing.page.is_single
    single = "a page may have fewer rows, and there is only one" if is_single else ""
    yield make(_resize_pages(about, 13), "listing.size.ignored", how="more")
    ids = ("listing.size.short", "listing.row.lost")
    yield make(_resize_pages(about, -1), *ids, how="fewer", near=related, equivalent=single)
    if size.parameter:
        breaks = partial(_ignore_size, about)
        yield make(breaks, "listing.size.ignored", "listing.size.short", how="ignored")


def _resize_pages(about: ListingContext, by: int) -> Breaks:
    """Respond with pages of another size, from a mock whose spec has that size."""

    def breaks(server: BrokenMock, operation: Operation, request: HttpRequest) -> HttpResponse:
        response = server.mock.handle(request)
        if response.status != 200:
            return response
        size = about.listing.size
        page_size = (
            parse_query(operation, request).get(size.parameter)
            if size.parameter
            else str(size.fixed)
        )
        if page_size is None:
            schema = find_parameter_schema(server.spec, operation, str(size.parameter))
            page_size = server.spec.resolve(schema)[1].get("default", 100) if schema else 100
        wrong_size = int(float(page_size)) + by
        if not 0 < wrong_size < 10**6:
            return response
        return _build_mock_of_size(server, about, wrong_size).handle(request)

    return breaks


def _build_mock_of_size(server: BrokenMock, about: ListingContext, size: int) -> Mock:
    """Return a mock with the same rows whose pages always have `size` rows."""
    fixed_size = attrs.evolve(about.listing.size, parameter=None, fixed=size)
    return about.build_mock(server, size, size=fixed_size)


def _ignore_size(
    about: ListingContext, server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    response = server.mock.handle(request)
    return (
        response
        if response.status != 200
        else _build_mock_of_size(server, about, 37).handle(request)
    )


def _raise_total(rule: str, server: BrokenMock, _: Operation, request: HttpRequest) -> HttpResponse:
    """Respond with a larger total in the header."""
    response = server.mock.handle(request)
    total, (name, member) = read_total(rule, response.headers), split_total_rule(rule)
    if total is None:
        return response
    header_value = response.get_header(name) or ""
    header_value = (
        json.dumps({**json.loads(header_value), member: total + 1}) if member else str(total + 1)
    )
    return response.replace_headers((name, header_value))


def _mutate_metadata(about: ListingContext) -> Iterator[Mutant]:
    listing = about.listing
    if listing.total is not None:
        total = listing.total
        kind, keys = "listing.total.wrong", ("total",)
        reason = "the rows of other pages cannot be counted" if about.listing.page.is_single else ""
        larger = edit_metadata(total, make_other_value)
        yield about.build_mutant("total", keys, larger, kind, how="one-more", equivalent=reason)
        none = edit_metadata(total, partial(replace_value, 0))
        yield about.build_mutant("total", keys, none, kind, how="none")
    elif listing.total_header is not None:
        breaks = partial(_raise_total, listing.total_header)
        yield about.build_mutant("total", ("totalHeader",), breaks, "listing.total.wrong")
    if listing.page.more is not None:
        for mode, value in (("always", True), ("never", False)):
            change = edit_metadata(listing.page.more, partial(replace_value, value))
            ids = ("listing.more.wrong", *(("listing.next.missing",) if value else ()))
            related = (("page",), ("page", "next"))
            yield about.build_mutant("page", ("page", "more"), change, *ids, how=mode, near=related)
    for name, pointer in listing.echo.items():
        wrong_echo = edit_metadata(pointer, make_other_value)
        kind = "listing.echo.wrong"
        yield about.build_mutant("echo", ("echo", name), wrong_echo, kind, part=name)
