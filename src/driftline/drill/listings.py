"""Mutants of the pages of a listing: rows, sizes, totals, ends, and what a page says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs

from driftline.drill.mutants import Breaks, Broken, Clause, Mutant, with_json
from driftline.mock import Mock, Request, Response
from driftline.spec.model import Operation, Spec
from driftline.spec.places import REMOVED, changed
from driftline.spec.pointer import follow, is_array, is_object, join, split
from driftline.spec.vocabulary import Listing

__all__ = ["About", "Query", "listed", "pages", "query_of", "with_query"]

Query = dict[str, str]
Rewrite = Callable[[Any, "Query", Broken, Request], Any]


@attrs.frozen
class About:
    """A listing."""

    spec: Spec
    operation: Operation
    listing: Listing

    def mutant(
        self, kind: str, words: tuple[str, ...], breaks: Breaks | None, *ids: str, **more: Any
    ) -> Mutant:
        """A mutant of a word of `x-listing`."""
        about = self.operation.pointer + "/x-listing"
        clause = Clause(
            self.operation, f"listing.{kind}", about + join(*words), str(more.pop("place", ""))
        )
        siblings = {about + join(*words[:count]) for count in range(1, len(words))}
        near = frozenset(siblings | {about + join(*each) for each in more.pop("near", ())})
        more.setdefault("check", "pages")
        return Mutant.of(self.spec, clause, breaks, *ids, pointers=near, **more)

    @property
    def is_single(self) -> bool:
        return self.listing.page.style == "single"

    @property
    def size_word(self) -> tuple[str, str]:
        return ("size", "parameter" if self.listing.size.parameter else "fixed")


def query_of(request: Request) -> Query:
    """The query by name; of one that is given again and again, the last."""
    return dict(parse_qsl(request.query, keep_blank_values=True))


def with_query(request: Request, query: Query) -> Request:
    """The request with another query."""
    return attrs.evolve(request, query=urlencode(query))


def _replied(rewrite: Rewrite) -> Breaks:
    """Changes the body of every page."""

    def breaks(server: Broken, _: Operation, request: Request) -> Response:
        response = server.mock.handle(request)
        if response.status != 200:
            return response
        return with_json(response, rewrite(response.json(), query_of(request), server, request))

    return breaks


def _said(pointer: str, change: Callable[[Any], Any]) -> Breaks:
    """Changes what every page has at `pointer`."""
    path = tuple(split(pointer))

    def rewrite(body: Any, *_: Any) -> Any:
        return changed(body, path, change)

    return _replied(rewrite)


def listed(about: About, change: Callable[[list[Any], Query], list[Any]]) -> Breaks:
    """Changes the rows of every page."""
    path = tuple(split(about.listing.items))

    def rewrite(body: Any, query: Query, *_: Any) -> Any:
        return changed(body, path, lambda rows: change(rows, query) if is_array(rows) else rows)

    return _replied(rewrite)


def _is_later(about: About, query: Query) -> bool:
    page = about.listing.page
    first = {"number": str(page.first), "offset": "0"}.get(page.style, "")
    return query.get(page.parameter or "", first) not in {first, f"{first}.0"}


def pages(about: About) -> Iterator[Mutant]:
    """Every mutant of rows and pages."""
    yield from _rows(about)
    yield from _ends(about)
    yield from _sizes(about)
    yield from _facts(about)


def _rows(about: About) -> Iterator[Mutant]:
    forms: dict[str, Any] = {"missing": REMOVED, "object": {}, "null": None}
    for how, wrong in forms.items():
        gone = _said(about.listing.items, partial(_instead, wrong))
        yield about.mutant("items", ("items",), gone, "listing.items.missing", how=how)

    def same(rows: list[Any], _: Query) -> list[Any]:
        key = tuple(split(about.listing.id))
        first = follow(rows[0], about.listing.id) if rows else None
        return [changed(row, key, lambda _: first) for row in rows]

    def twice(rows: list[Any], _: Query) -> list[Any]:
        return [rows[0], *rows[:1], *rows[2:]] if len(rows) > 1 else rows

    near = (("page",),)
    repeats = "listing.page.repeats"
    yield about.mutant("id", ("id",), listed(about, same), repeats, near=near, how="same")
    yield about.mutant("page", ("page",), listed(about, twice), repeats, how="row-twice")
    if about.is_single:
        return

    def later(rows: list[Any], query: Query) -> list[Any]:
        return rows[1:] if _is_later(about, query) else rows

    def short(rows: list[Any], query: Query) -> list[Any]:
        return rows[:-1] if _is_later(about, query) else rows

    lost = "listing.row.lost"
    yield about.mutant("page", ("page",), listed(about, later), lost, how="first-row-lost")
    yield about.mutant("page", ("page",), listed(about, short), lost, how="last-row-lost")
    again = _replied(partial(_overlap, about))
    yield about.mutant("page", ("page",), again, repeats, how="first-row-again")


def _overlap(about: About, body: Any, query: Query, server: Broken, request: Request) -> Any:
    """Each later page begins with the first row of the first page."""
    page = about.listing.page.parameter
    if not _is_later(about, query) or page is None:
        return body
    first = {**query, page: str(about.listing.page.first)}
    if about.listing.page.style == "cursor":
        del first[page]
    elif about.listing.page.style == "offset":
        first[page] = "0"
    rows = follow(server.mock.handle(with_query(request, first)).json(), about.listing.items)
    path = tuple(split(about.listing.items))
    return changed(body, path, lambda own: [*rows[:1], *own[1:]] if own else own)


def _ends(about: About) -> Iterator[Mutant]:
    page, words = about.listing.page, ("page", "parameter")
    endless = ("listing.page.endless", "listing.page.repeats")
    if page.style == "cursor":
        yield from _cursors(about)
    elif page.style in {"number", "offset"}:
        breaks = partial(_comes_round, about)
        ids = (*endless, "listing.page.out-of-range")
        yield about.mutant("page", words, breaks, *ids, how="endless", near=(("page",),))
        stuck = _asked(partial(_without, str(page.parameter)))
        required = about.operation.parameter(str(page.parameter))
        if required is not None and required.required:
            first = str(page.first if page.style == "number" else 0)
            stuck = _asked(lambda query: {**query, str(page.parameter): first})
        yield about.mutant("page", words, stuck, *ids, how="ignored", near=(("page",),))


def _without(name: str, query: Query) -> Query:
    return {key: value for key, value in query.items() if key != name}


def _asked(change: Callable[[Query], Query]) -> Breaks:
    """Changes what is asked for, if it is right."""

    def breaks(server: Broken, _: Operation, request: Request) -> Response:
        response = server.mock.handle(request)
        if response.status != 200:
            return response
        return server.mock.handle(with_query(request, change(query_of(request))))

    return breaks


def _comes_round(about: About, server: Broken, _: Operation, request: Request) -> Response:
    """After the last page comes the first."""
    response = server.mock.handle(request)
    name = str(about.listing.page.parameter)
    if response.status != 200 or follow(response.json(), about.listing.items):
        return response
    first = str(about.listing.page.first if about.listing.page.style == "number" else 0)
    return server.mock.handle(with_query(request, {**query_of(request), name: first}))


def _cursors(about: About) -> Iterator[Mutant]:
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
    make = partial(about.mutant, "page", ("page", "next"), near=near)
    yield make(_replied(round_again), "listing.page.endless", "listing.page.repeats", how="endless")
    yield make(_replied(stale), "listing.page.repeats", how="row-before")
    ids = ("listing.next.missing",) if more else ("listing.row.lost", "listing.total.wrong")
    yield make(_said(following, partial(_instead, None)), *ids, how="none")
    stuck = _asked(partial(_without, str(page.parameter)))
    ids = ("listing.page.endless", "listing.page.repeats")
    yield about.mutant("page", ("page", "parameter"), stuck, *ids, how="ignored", near=near)


def _put(body: Any, pointer: str, value: Any) -> Any:
    *parents, last = split(pointer)

    def put(parent: Any) -> Any:
        return {**parent, last: value} if is_object(parent) else parent

    return changed(body, tuple(parents), put)


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
        larger = _said(total, _next)
        yield about.mutant("total", words, larger, kind, how="one-more", equivalent=reason)
        none = _said(total, partial(_instead, 0))
        yield about.mutant("total", words, none, kind, how="none")
    if listing.page.more is not None:
        for how, value in (("always", True), ("never", False)):
            said = _said(listing.page.more, partial(_instead, value))
            ids = ("listing.more.wrong", *(("listing.next.missing",) if value else ()))
            near = (("page",), ("page", "next"))
            yield about.mutant("page", ("page", "more"), said, *ids, how=how, near=near)
    for word, pointer in listing.echo.items():
        other = _said(pointer, _next)
        kind = "listing.echo.wrong"
        yield about.mutant("echo", ("echo", word), other, kind, place=word)


def _instead(value: Any, _: Any) -> Any:
    return value


def _next(value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else value
