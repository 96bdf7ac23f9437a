"""The pages of a listing, with what `x-listing` declares about them. Pure: nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import attrs

from driftline.checks.exchange import Exchange
from driftline.openapi import (
    MISSING,
    Listing,
    Operation,
    PageEvidence,
    Spec,
    find_parameter_schema,
    is_array,
    is_object,
    pointer as json_pointer,
    resolve_value_schema,
)
from driftline.total_header import read_total

LARGEST = 100
"""The largest page size to ask for where no bound is documented."""


@attrs.frozen(eq=False)
class WalkedPage:
    """One page: the response, its rows, and the request's arguments."""

    exchange: Exchange
    body: Any
    rows: list[Any]
    arguments: Mapping[str, Any]

    def get_total(self, listing: Listing) -> Any:
        """Return the total number of rows in the response, or MISSING."""
        if listing.total is None and listing.total_header:
            total = read_total(listing.total_header, self.exchange.headers)
            return MISSING if total is None else total
        return self.get_metadata(listing.total)

    def get_metadata(self, pointer: str | None) -> Any:
        """Return the response's value at `pointer`, or MISSING."""
        return json_pointer.follow(self.body, pointer) if pointer else json_pointer.MISSING


@attrs.frozen(eq=False)
class Walk:
    """Pages in order. `is_complete`: the last one was reached. `is_endless`: they loop."""

    listing: Listing
    pages: list[WalkedPage]
    is_complete: bool
    is_endless: bool = False

    @property
    def rows(self) -> list[Any]:
        return [row for page in self.pages for row in page.rows]

    @property
    def ids(self) -> list[Any]:
        return [
            to_hashable(row_id) for row in self.rows if (row_id := self.get_id(row)) is not None
        ]

    def get_id(self, row: Any) -> Any:
        row_id = json_pointer.follow(row, self.listing.id)
        return None if row_id is json_pointer.MISSING else row_id


def read_page(
    listing: Listing, exchange: Exchange, arguments: Mapping[str, Any]
) -> WalkedPage | None:
    """Return the page in a response, or None if it has no rows; a rejection is an empty page."""
    try:
        body = exchange.json
    except ValueError:
        return None
    rows = json_pointer.follow(body, listing.items)
    if not exchange.ok:
        return WalkedPage(exchange, body, [], arguments)
    return WalkedPage(exchange, body, rows, arguments) if is_array(rows) else None


def page_size(spec: Spec, operation: Operation, arguments: Mapping[str, Any]) -> int | None:
    """Return the documented number of rows on a page for `arguments`."""
    size = require_listing(operation).size
    if size.fixed is not None:
        return size.fixed
    if size.parameter is None:
        return None
    requested_size = arguments.get(size.parameter)
    if requested_size is None:
        schema = _find_schema(spec, operation, size.parameter)
        requested_size = resolve_value_schema(spec, schema)[1].get("default")
    return requested_size if isinstance(requested_size, int) else None


def is_size_stated(listing: Listing, arguments: Mapping[str, Any]) -> bool:
    """Return whether a request says how many rows it wants, or each page has the same number."""
    return listing.size.parameter is None or arguments.get(listing.size.parameter) is not None


def find_next_page(spec: Spec, operation: Operation, pages: list[WalkedPage]) -> Any:
    """Return the arguments of the page after `pages`, or None after the last."""
    listing, page = require_listing(operation), pages[-1]
    size = page_size(spec, operation, page.arguments)
    if size is not None and not is_size_stated(listing, page.arguments):
        size = min(size, len(pages[0].rows))  # the default may be wrong: the next page shows it
    evidence = PageEvidence(
        body=page.body,
        page_rows=page.rows,
        pages=len(pages),
        rows=sum(len(walked_page.rows) for walked_page in pages),
        is_full=size is None or len(page.rows) >= size,
        total=page.get_total(listing),
        last_id=json_pointer.follow(page.rows[-1], listing.id) if page.rows else None,
        headers=page.exchange.headers,
    )
    return listing.page.find_next(evidence)


def split_next_url(exchange: Exchange, url: str) -> tuple[str, str] | None:
    """Return the path within the API's base URL and the query of a URL in a response.

    None if the URL leads to another host, or out of the API.
    """
    base = urlsplit(exchange.base_url)
    prefix = base.path.rstrip("/")
    try:
        target = urlsplit(urljoin(exchange.base_url + exchange.request.path, url))
        is_same = (target.scheme, target.netloc.lower()) == (base.scheme, base.netloc.lower())
    except ValueError:
        return None
    if not is_same or not target.path.startswith(f"{prefix}/"):
        return None
    return target.path.removeprefix(prefix), target.query


def _find_schema(spec: Spec, operation: Operation, name: str) -> str:
    """Return the pointer of the schema of a parameter or body field."""
    pointer = find_parameter_schema(spec, operation, name)
    if pointer is None:
        raise LookupError(f"x-listing of {operation.id} names no parameter {name!r}")
    return pointer


def require_listing(operation: Operation) -> Listing:
    """Return the operation's `x-listing`, which it must have."""
    if operation.listing is None:
        raise LookupError(f"{operation.id} has no x-listing")
    return operation.listing


def locate_clause(operation: Operation, *keys: str) -> str:
    """Return the pointer of a key of the operation's `x-listing`."""
    return operation.pointer + "/x-listing" + json_pointer.join(*keys)


def find_size_limits(spec: Spec, operation: Operation) -> tuple[str, int, int] | None:
    """Return the size parameter's name and its bounds (1 to `LARGEST`), if there is one.

    A page of no rows may be allowed, but leads nowhere.
    """
    name = require_listing(operation).size.parameter
    pointer = find_parameter_schema(spec, operation, name) if name else None
    if name is None or pointer is None:
        return None
    _, schema = resolve_value_schema(spec, pointer)
    low, high = max(1, int(schema.get("minimum", 1))), int(schema.get("maximum", LARGEST))
    return name, low, max(low, min(high, LARGEST))


def build_largest_size(spec: Spec, operation: Operation) -> dict[str, int]:
    """Return the arguments for the largest pages; empty without a size parameter."""
    limits = find_size_limits(spec, operation)
    return {limits[0]: limits[2]} if limits else {}


def to_hashable(value: Any) -> Any:
    """Return a JSON value as a hashable one."""
    if is_object(value):
        return tuple(sorted((key, to_hashable(item)) for key, item in value.items()))
    return tuple(map(to_hashable, value)) if is_array(value) else value
