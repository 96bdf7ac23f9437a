"""The pages of a listing, and what its `x-listing` says about them. Pure: nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from driftline.checks.exchange import Exchange
from driftline.openapi import pointer as json_pointer
from driftline.openapi.extensions.rules import Listing
from driftline.openapi.model import Operation, Parameter, Spec
from driftline.openapi.pointer import is_array, is_object
from driftline.openapi.schema.walk import resolve_schema

__all__ = [
    "Walk",
    "WalkedPage",
    "build_largest_size",
    "find_next_page",
    "find_size_limits",
    "is_first",
    "locate_clause",
    "page_in",
    "page_size",
    "require_listing",
    "to_hashable",
]

LARGEST = 100
"""The largest page size to ask for where no bound is documented."""


@attrs.frozen(eq=False)
class WalkedPage:
    """One page: the answer, its rows, and what was asked for."""

    exchange: Exchange
    body: Any
    rows: list[Any]
    arguments: Mapping[str, Any]

    def get_metadata(self, pointer: str | None) -> Any:
        """What the answer says at `pointer`, or MISSING."""
        return json_pointer.follow(self.body, pointer) if pointer else json_pointer.MISSING


@attrs.frozen(eq=False)
class Walk:
    """Pages in order. `complete`: the last one was reached. `endless`: they came round again."""

    listing: Listing
    pages: list[WalkedPage]
    complete: bool
    endless: bool = False

    @property
    def rows(self) -> list[Any]:
        return [row for page in self.pages for row in page.rows]

    @property
    def ids(self) -> list[Any]:
        return [
            to_hashable(row_id) for row in self.rows if (row_id := self.get_id(row)) is not None
        ]

    def get_id(self, row: Any) -> Any:
        found = json_pointer.follow(row, self.listing.id)
        return None if found is json_pointer.MISSING else found


def page_in(
    listing: Listing, exchange: Exchange, arguments: Mapping[str, Any]
) -> WalkedPage | None:
    """The page that an answer holds, or None if it holds no rows (a refusal is one without any)."""
    try:
        body = exchange.json
    except ValueError:
        return None
    rows = json_pointer.follow(body, listing.items)
    if not exchange.ok:
        return WalkedPage(exchange, body, [], arguments)
    return WalkedPage(exchange, body, rows, arguments) if is_array(rows) else None


def page_size(spec: Spec, operation: Operation, arguments: Mapping[str, Any]) -> int | None:
    """How many rows a page for `arguments` may have, if that is documented."""
    size = require_listing(operation).size
    if size.fixed is not None:
        return size.fixed
    if size.parameter is None:
        return None
    asked = arguments.get(size.parameter)
    if asked is None:
        pointer = _find_parameter(operation, size.parameter).schema_pointer
        asked = resolve_schema(spec, pointer).get("default")
    return asked if isinstance(asked, int) else None


def find_next_page(spec: Spec, operation: Operation, pages: list[WalkedPage]) -> Any:
    """What asks for the page after `pages`, which are all so far, or None after the last."""
    listing, page = require_listing(operation), pages[-1]
    words = listing.page
    if words.style == "single":
        return None
    if words.style == "cursor":
        found = page.get_metadata(words.next)
        return None if found in (json_pointer.MISSING, None, "") else found
    size, total = page_size(spec, operation, page.arguments), page.get_metadata(listing.total)
    count = sum(len(each.rows) for each in pages)
    is_full = size is None or len(page.rows) >= size
    promised = page.get_metadata(words.more) is True or (isinstance(total, int) and count < total)
    if not page.rows or not (is_full or promised):
        return None
    return count if words.style == "offset" else words.first + len(pages)


def is_first(listing: Listing, arguments: Mapping[str, Any]) -> bool:
    """Whether `arguments` ask for the first page."""
    words = listing.page
    asked = arguments.get(words.parameter or "")
    start = {"number": words.first, "offset": 0}.get(words.style)
    return asked is None or asked == start


def _find_parameter(operation: Operation, name: str) -> Parameter:
    parameter = operation.find_parameter(name)
    if parameter is None:
        raise LookupError(f"x-listing of {operation.id} names no parameter {name!r}")
    return parameter


def require_listing(operation: Operation) -> Listing:
    """The operation's `x-listing`, which it must have."""
    if operation.listing is None:
        raise LookupError(f"{operation.id} has no x-listing")
    return operation.listing


def locate_clause(operation: Operation, *words: str) -> str:
    """The pointer of a word of the operation's `x-listing`."""
    return operation.pointer + "/x-listing" + json_pointer.join(*words)


def find_size_limits(spec: Spec, operation: Operation) -> tuple[str, int, int] | None:
    """The size parameter's name and its bounds (1 to `LARGEST`), if there is one.

    A page of no rows may be allowed, but leads nowhere.
    """
    name = require_listing(operation).size.parameter
    parameter = operation.find_parameter(name) if name else None
    if parameter is None:
        return None
    schema = resolve_schema(spec, parameter.schema_pointer)
    low, high = max(1, int(schema.get("minimum", 1))), int(schema.get("maximum", LARGEST))
    return parameter.name, low, max(low, min(high, LARGEST))


def build_largest_size(spec: Spec, operation: Operation) -> dict[str, int]:
    """What asks for the largest pages; nothing where no size can be asked for."""
    limits = find_size_limits(spec, operation)
    return {limits[0]: limits[2]} if limits else {}


def to_hashable(value: Any) -> Any:
    """A JSON value as something that can be in a set."""
    if is_object(value):
        return tuple(sorted((key, to_hashable(each)) for key, each in value.items()))
    return tuple(map(to_hashable, value)) if is_array(value) else value
