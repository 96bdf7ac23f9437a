"""Pages of a listing, requested lazily one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Generic, Self, TypeVar

import attrs
import httpx

from driftline.runtime.endpoint import Endpoint
from driftline.runtime.errors import PagingError
from driftline.runtime.json_types import is_array
from driftline.runtime.model import Model, get_value_at
from driftline.runtime.paging.styles import Paging, ReceivedPage, read_number

Row = TypeVar("Row")
_MOST_EMPTY = 100
"""After this many pages in a row without a row, the listing counts as endless."""


@attrs.frozen
class FollowingPage:
    """The request of the next page: arguments, body fields, and optionally another URL."""

    arguments: Mapping[str, Any]
    fields: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    url: str | None = None


@attrs.frozen(eq=False, repr=False)
class Origin:
    """The origin of a page, sufficient to request the next one."""

    fetch: Callable[[FollowingPage], Any]
    operation: Endpoint
    arguments: Mapping[str, Any]
    asynchronous: bool
    redact: Callable[[str], str] = str
    url: str = ""
    headers: Sequence[tuple[str, str]] = ()


class PagedRows(Generic[Row]):
    """A page of a listing. Iterate to get the rows of this page and of all later ones.

    Listings of the async client need `async for`.
    """

    __slots__ = ()

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows, page after page.

        Raises:
            PagingError: the pages loop, or lead to another server.
            ApiError: a page could not be obtained; see driftline.runtime.errors.
        """
        for page in self.pages():
            yield from page._list_rows()

    async def __aiter__(self) -> AsyncIterator[Row]:
        """Yield the rows, page after page; raises the errors of iteration."""
        async for page in self.async_pages():
            for row in page._list_rows():
                yield row

    def pages(self) -> Iterator[Self]:
        """This page and all later ones; raises the errors of iteration."""
        turn = _Pagination(self, asynchronous=False)
        page: Self | None = self
        while page is not None:
            yield page
            next_page = turn.find_next(page, page._list_rows())
            page = None if next_page is None else turn.fetch(next_page)

    async def async_pages(self) -> AsyncIterator[Self]:
        """This page and all later ones; raises the errors of iteration."""
        turn = _Pagination(self, asynchronous=True)
        page: Self | None = self
        while page is not None:
            yield page
            next_page = turn.find_next(page, page._list_rows())
            page = None if next_page is None else await turn.fetch(next_page)

    def _list_rows(self) -> list[Row]:
        raise NotImplementedError


class ListingModel(Model, PagedRows[Row]):
    """A page of a listing. Iterate to get the rows of this page and of all later ones.

    Listings of the async client need `async for`.
    """

    # The origin of the page, if it comes from a client; not part of its value.
    __slots__ = ("_origin",)

    _origin: Origin

    def _list_rows(self) -> list[Row]:
        origin = _find_origin(self)
        listing = origin.operation.listing if origin else None
        rows: Any = get_value_at(self, listing.items) if listing else None
        return rows if is_array(rows) else []


class ListPage(PagedRows[Row]):
    """A page of a listing whose body is an array; `rows` has those of this page.

    Iterate to get the rows of this page and of all later ones, as for `ListingModel`.
    """

    __slots__ = ("_origin", "rows")

    rows: list[Row]
    _origin: Origin

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows

    def __repr__(self) -> str:
        return f"ListPage({self.rows!r})"

    def _list_rows(self) -> list[Row]:
        return self.rows


def _find_origin(page: PagedRows[Any]) -> Origin | None:
    """Return the origin of a page; None if it does not come from a client."""
    return getattr(page, "_origin", None)


def remember(page: Any, origin: Origin) -> Any:
    """Return a page with its origin; other values are returned unchanged."""
    paged: type[Any] = PagedRows
    listing = origin.operation.listing
    if listing is None:
        return page
    if is_array(page) and not listing.items and listing.parameter is not None:
        page = ListPage(page)
    if isinstance(page, paged):
        object.__setattr__(page, "_origin", origin)
    return page


class _Pagination:
    """One walk over the pages; it records all requests and pages to detect loops."""

    def __init__(self, page: PagedRows[Any], *, asynchronous: bool) -> None:
        origin = _find_origin(page)
        if origin is None or origin.operation.listing is None:
            raise TypeError("this page was not returned by a client, so it has no next page")
        if origin.asynchronous is not asynchronous:
            keyword = "async for" if origin.asynchronous else "for"
            raise TypeError(f"this page is from a client of the other kind: use {keyword!r}")
        self.fetch = origin.fetch
        self.operation = origin.operation
        self.redact = origin.redact
        self.listing: Paging = origin.operation.listing
        self.arguments = dict(origin.arguments)
        self.fields: dict[str, Any] = {}
        self.requested_values: set[Any] = set()
        self.last_ids: list[Any] = []
        self.empty_count = 0

    def find_next(self, page: PagedRows[Any], rows: Sequence[Any]) -> FollowingPage | None:
        """Return the request of the page after this one, or None after the last."""
        style, origin = self.listing, _find_origin(page)
        if style.parameter is None or origin is None:
            return None
        received = ReceivedPage(
            get_value=partial(get_value_at, page),
            rows=rows,
            last_id=get_value_at(rows[-1], style.id) if rows else None,
            arguments={**self.arguments, **{f"/{n}": v for n, v in self.fields.items()}},
            headers=origin.headers,
        )
        if not style.can_continue(received):
            return None
        if style.is_counted:
            self._require_other_rows(rows)
        next_value = style.find_next(received)
        if next_value is None:
            return None
        new_arguments = style.write(next_value)
        self._require_new(next_value, tuple(new_arguments.values()), rows)
        if style.is_followed:
            url = self._locate(next_value, origin.url)
            return FollowingPage(dict(self.arguments), dict(self.fields), url)
        for name, value in new_arguments.items():
            if name.startswith("/"):
                self.fields[name[1:].replace("~1", "/").replace("~0", "~")] = value
            else:
                self.arguments[name] = value
        return FollowingPage(dict(self.arguments), dict(self.fields))

    def _require_new(self, next_value: Any, values: tuple[Any, ...], rows: Sequence[Any]) -> None:
        if not all(isinstance(value, str) or read_number(value) is not None for value in values):
            raise self._build_error(next_value, "is neither a string nor a number")
        if values in self.requested_values:
            raise self._build_error(next_value, "was returned before")
        self.requested_values.add(values)
        self.empty_count = 0 if rows else self.empty_count + 1
        if self.empty_count > _MOST_EMPTY:
            raise self._build_error(next_value, f"follows {_MOST_EMPTY} pages without a row")

    def _require_other_rows(self, rows: Sequence[Any]) -> None:
        ids = [get_value_at(row, self.listing.id) for row in rows]
        if ids == self.last_ids and any(row_id is not None for row_id in ids):
            argument = self.arguments.get(self.listing.parameter or "")
            raise self._build_error(argument, "repeats the rows of the previous page")
        self.last_ids = ids

    def _locate(self, next_value: Any, base: str) -> str:
        """Return the URL of a page, which must be on the server that sent it."""
        base_url = httpx.URL(base)
        try:
            url = base_url.join(next_value)
        except (httpx.InvalidURL, TypeError, ValueError):
            raise self._build_error(next_value, "is not a URL") from None
        origins = [
            (address.scheme, address.host, address.port, address.userinfo)
            for address in (url, base_url)
        ]
        if origins[0] != origins[1]:
            raise self._build_error(next_value, "is on another server")
        return str(url)

    def _build_error(self, value: Any, why: str) -> PagingError:
        return PagingError(self.operation.id, self.redact(str(value))[:200], why)
