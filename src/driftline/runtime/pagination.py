"""From the first page of a listing to all the others: lazily, one request a page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import partial
from typing import Any, Generic, Self, TypeVar

import attrs

from driftline.runtime.endpoint import Endpoint
from driftline.runtime.errors import PagingError
from driftline.runtime.json_types import is_array
from driftline.runtime.model import Model, get_value_at
from driftline.runtime.page_styles import Paging, ReceivedPage, read_number

__all__ = ["ListingModel", "Origin", "remember"]

Row = TypeVar("Row")


@attrs.frozen(eq=False, repr=False)
class Origin:
    """Where a page came from: enough to ask for the one after it."""

    fetch: Callable[[Mapping[str, Any]], Any]
    operation: Endpoint
    arguments: Mapping[str, Any]
    asynchronous: bool
    redact: Callable[[str], str] = str


class ListingModel(Model, Generic[Row]):
    """A page of a listing. Iterating it gives the rows of this page and of all after it.

    A listing of the asynchronous client is iterated by `async for`.
    """

    # Where the page came from, if it came from a client; not part of its value.
    __slots__ = ("_origin",)

    _origin: Origin

    def __iter__(self) -> Iterator[Row]:
        """The rows, page after page.

        Raises:
            PagingError: the pages go round in a circle.
            ApiError: a page cannot be had; see driftline.runtime.errors.
        """
        for page in self.pages():
            yield from page._list_rows()

    async def __aiter__(self) -> AsyncIterator[Row]:
        """The rows, page after page; raises what iterating does."""
        async for page in self.async_pages():
            for row in page._list_rows():
                yield row

    def pages(self) -> Iterator[Self]:
        """This page and all after it; raises what iterating does."""
        turn = _Turn(self, asynchronous=False)
        page: Self | None = self
        while page is not None:
            yield page
            arguments = turn.find_next_arguments(page)
            page = None if arguments is None else turn.fetch(arguments)

    async def async_pages(self) -> AsyncIterator[Self]:
        """This page and all after it; raises what iterating does."""
        turn = _Turn(self, asynchronous=True)
        page: Self | None = self
        while page is not None:
            yield page
            arguments = turn.find_next_arguments(page)
            page = None if arguments is None else await turn.fetch(arguments)

    def _list_rows(self) -> list[Row]:
        origin = _find_origin(self)
        listing = origin.operation.listing if origin else None
        rows: Any = get_value_at(self, listing.items) if listing else None
        return rows if is_array(rows) else []


def _find_origin(page: ListingModel[Any]) -> Origin | None:
    """Where a page came from, if it came from a client."""
    return getattr(page, "_origin", None)


def remember(page: Any, origin: Origin) -> None:
    """Notes on a page where it came from."""
    listed: type[Any] = ListingModel
    if origin.operation.listing is not None and isinstance(page, listed):
        object.__setattr__(page, "_origin", origin)


class _Turn:
    """One walk over the pages: what was asked, and what came, so that it ends."""

    def __init__(self, page: ListingModel[Any], *, asynchronous: bool) -> None:
        origin = _find_origin(page)
        if origin is None or origin.operation.listing is None:
            raise TypeError("this page did not come from a client: it has no pages after it")
        if origin.asynchronous is not asynchronous:
            how = "async for" if origin.asynchronous else "for"
            raise TypeError(f"this page came from a client of the other kind: use {how!r}")
        self.fetch = origin.fetch
        self.operation = origin.operation
        self.redact = origin.redact
        self.listing: Paging = origin.operation.listing
        self.arguments = dict(origin.arguments)
        self.cursors: set[Any] = set()
        self.last_ids: list[Any] = []

    def find_next_arguments(self, page: ListingModel[Any]) -> Mapping[str, Any] | None:
        """The arguments for the page after this one, or None after the last."""
        style = self.listing
        rows = page._list_rows()  # pyright: ignore[reportPrivateUsage]
        if style.parameter is None or not rows or get_value_at(page, style.more) is False:
            return None
        if style.is_counted:
            self._require_other_rows(rows)
        following = style.find_next(ReceivedPage(partial(get_value_at, page), rows, self.arguments))
        if following is None:
            return None
        self._require_new(following)
        self.arguments[style.parameter] = following
        return dict(self.arguments)

    def _require_new(self, cursor: Any) -> None:
        if not isinstance(cursor, str) and read_number(cursor) is None:
            raise self._build_error(cursor, "in place of a text")
        if cursor in self.cursors:
            raise self._build_error(cursor, "a second time")
        self.cursors.add(cursor)

    def _require_other_rows(self, rows: list[Any]) -> None:
        ids = [get_value_at(row, self.listing.id) for row in rows]
        if ids == self.last_ids and any(each is not None for each in ids):
            raise self._build_error(
                self.arguments.get(self.listing.parameter or ""), "a second time"
            )
        self.last_ids = ids

    def _build_error(self, cursor: Any, why: str) -> PagingError:
        return PagingError(self.operation.id, self.redact(str(cursor))[:200], why)
