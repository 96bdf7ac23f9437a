"""Mutants of the figures of a listing: how long pages are, and what a page says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import attrs

from driftline.mock import Mock, Request, Response
from driftline.mutation.mutants import Breaks, Broken, Mutant
from driftline.mutation.operators.listings import About, instead, next_value, query_of, said
from driftline.openapi.model import Operation

__all__ = ["figures"]


def figures(about: About) -> Iterator[Mutant]:
    """Every mutant of sizes, totals and the like."""
    yield from _sizes(about)
    yield from _facts(about)


def _sizes(about: About) -> Iterator[Mutant]:
    size = about.listing.size
    if size.parameter is None and size.fixed is None:
        return
    make = partial(about.mutant, "size", about.size_word)
    near = (("page",),)
    single = "a page may have fewer rows, and there is only one" if about.is_single else ""
    yield make(_resized(about, 13), "listing.size.ignored", how="more")
    ids = ("listing.size.short", "listing.row.lost")
    yield make(_resized(about, -1), *ids, how="fewer", near=near, equivalent=single)
    if size.parameter:
        ignored = partial(_size_ignored, about)
        yield make(ignored, "listing.size.ignored", "listing.size.short", how="ignored")


def _resized(about: About, by: int) -> Breaks:
    """Pages of another size than was asked for, by a mock that has this size in its spec."""

    def breaks(server: Broken, operation: Operation, request: Request) -> Response:
        response = server.mock.handle(request)
        if response.status != 200:
            return response
        size = about.listing.size
        asked = query_of(request).get(size.parameter or "") if size.parameter else str(size.fixed)
        if asked is None:
            parameter = operation.parameter(str(size.parameter))
            asked = str(parameter.schema.get("default", 100)) if parameter else "100"
        wanted = int(float(asked)) + by
        if not 0 < wanted < 10**6:
            return response
        return _of_size(server, about, wanted).handle(request)

    return breaks


def _of_size(server: Broken, about: About, size: int) -> Mock:
    """A mock with the same rows whose pages always have `size` rows."""
    made: dict[int, Mock] = server.memory.setdefault("sizes", {})
    if size not in made:
        fixed = attrs.evolve(about.listing.size, parameter=None, fixed=size)
        listing = attrs.evolve(about.listing, size=fixed)
        operation = attrs.evolve(about.operation, listing=listing)
        others = [each for each in server.spec.operations if each.id != operation.id]
        made[size] = server.sibling(attrs.evolve(server.spec, operations=(operation, *others)))
    return made[size]


def _size_ignored(about: About, server: Broken, operation: Operation, request: Request) -> Response:
    response = server.mock.handle(request)
    return response if response.status != 200 else _of_size(server, about, 37).handle(request)


def _facts(about: About) -> Iterator[Mutant]:
    listing = about.listing
    if listing.total is not None:
        total = listing.total
        kind, words = "listing.total.wrong", ("total",)
        reason = "the rows of other pages cannot be counted" if about.is_single else ""
        larger = said(total, next_value)
        yield about.mutant("total", words, larger, kind, how="one-more", equivalent=reason)
        none = said(total, partial(instead, 0))
        yield about.mutant("total", words, none, kind, how="none")
    if listing.page.more is not None:
        for how, value in (("always", True), ("never", False)):
            told = said(listing.page.more, partial(instead, value))
            ids = ("listing.more.wrong", *(("listing.next.missing",) if value else ()))
            near = (("page",), ("page", "next"))
            yield about.mutant("page", ("page", "more"), told, *ids, how=how, near=near)
    for word, pointer in listing.echo.items():
        other = said(pointer, next_value)
        kind = "listing.echo.wrong"
        yield about.mutant("echo", ("echo", word), other, kind, place=word)
