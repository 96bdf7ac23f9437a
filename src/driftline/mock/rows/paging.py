"""Filters, searches, sorts and pages rows, by the rules of x-listing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import attrs

from driftline.mock.http.arguments import Arguments
from driftline.mock.http.messages import HttpRequest, decode_json
from driftline.mock.rows.index import Index, choose_order
from driftline.mock.rows.keys import encode_equality, encode_range
from driftline.mock.rows.row_query import RowQuery, RowSelection, encode_search
from driftline.mock.rows.store import Store
from driftline.openapi import Filter, Listing, NextPosition, Operation, follow, is_array

DEFAULT_SIZE = 100


@attrs.frozen
class RowPage:
    """One page: its rows as JSON, the total number of rows, and the next page's cursor.

    `start` is the number of rows before it, if it is needed. `next` and `headers` lead to the next
    page.
    """

    rows: Sequence[str]
    total: int
    start: int
    number: int
    size: int
    next: Any
    more: bool
    headers: Sequence[tuple[str, str]] = ()

    def build_metadata(self) -> Mapping[str, Any]:
        """Return the metadata that x-listing's `echo` may repeat."""
        return {
            "page": self.number,
            "size": self.size,
            "totalPages": -(-self.total // self.size),
            "more": self.more,
            "previous": self.start > 0,
            "count": len(self.rows),
        }


_MOST_ROWS: Final = 2**31 - 1
"""The size of the largest page: envelopes repeat it in fields of 32 bits."""


def find_page(
    operation: Operation,
    store: Store,
    arguments: Arguments,
    request: HttpRequest,
    max_rows: float = math.inf,
) -> RowPage:
    """Return the page of at most `max_rows` rows that `arguments` of `request` select."""
    listing = operation.listing
    assert listing is not None  # noqa: S101 (only listings are paged)
    size = max(1, int(min(_read_size(listing, arguments), max_rows, _MOST_ROWS)))
    index = store.indexes[operation.id]
    question = RowSelection(
        index,
        choose_order(listing, arguments),
        _collect_wanted(index, arguments),
        _read_search_texts(index, arguments),
        _read_bounds(index, arguments),
    )
    with store.open_query(question) as walks:
        total = walks.count_total()
        start, rows = _fetch_rows(walks, listing, arguments, total, size)
    more, page_rows = len(rows) > size, rows[:size]
    style, next_value = listing.page, None
    if more:
        last_id = follow(decode_json(page_rows[-1]), listing.id) if style.is_keyed else None
        next_value = style.make_value(NextPosition(start + size, size, last_id))
    url_of = partial(build_page_url, request, listing)
    headers = style.announce_headers(next_value, url_of)
    return RowPage(
        rows=page_rows,
        total=total,
        start=start,
        number=style.count_pages(start, size),
        size=size,
        next=style.announce(next_value, url_of) if style.next else None,
        more=more,
        headers=headers,
    )


def build_page_url(request: HttpRequest, listing: Listing, value: Any) -> str:
    """Return the URL of the request with another value for the page, or without one for None.

    It is relative if the request's host is unknown.
    """
    pairs = parse_qsl(request.query, keep_blank_values=True)
    query = [
        (name, query_value) for name, query_value in pairs if name not in listing.page.parameters
    ]
    query += [(name, str(argument)) for name, argument in listing.page.write({}, value).items()]
    host = request.get_header("Host")
    origin = f"{request.scheme}://{host}" if host else ""
    return f"{origin}{request.root}{request.path}?{urlencode(query)}"


def _fetch_rows(
    walks: RowQuery, listing: Listing, arguments: Arguments, total: int, size: int
) -> tuple[int, list[str]]:
    """Return how many rows come before the page, and its rows with one more if there is one."""
    position = listing.page.read(arguments)
    if listing.page.is_keyed and position is not None:
        return _find_after(walks, listing, walks.find_key(position), total, size)
    start = listing.page.count_rows_before(position, size)
    return start, walks.fetch_from_offset(start, size + 1) if start < total else []


def _find_after(
    walks: RowQuery, listing: Listing, key: bytes | None, total: int, size: int
) -> tuple[int, list[str]]:
    """Return the rows after a position, and how many come before if the response needs that."""
    if key is None:
        return total, []  # a row that does not exist: nothing comes after it
    echoed_keys = listing.echo.keys() & {"page", "previous"}
    return walks.count_before(key) if echoed_keys else 0, walks.fetch_after(key, size + 1)


def _collect_wanted(index: Index, arguments: Arguments) -> list[tuple[int, Sequence[bytes]]]:
    """Return for each filter the values of which a row must have one."""
    values_by_rule = (
        (rule, _read_filter_values(rule, arguments)) for rule in index.listing.filters
    )
    return [
        (index.fields.index(rule.field), [encode_equality(value) for value in values])
        for rule, values in values_by_rule
        if values is not None
    ]


def _read_filter_values(rule: Filter, arguments: Arguments) -> list[Any] | None:
    """Return the requested values of a filter; None if it is not requested."""
    if rule.parameter not in arguments:
        return None
    argument = arguments[rule.parameter]
    values: list[Any] = argument if is_array(argument) else [argument]
    if not values:
        return None
    if rule.values is not None:
        return [value for name in values for value in rule.values.get(str(name), ())]
    return values


def _read_search_texts(index: Index, arguments: Arguments) -> dict[str, bytes]:
    """Return the requested string of each search."""
    return {
        index.name_search_fact(position): encode_search(arguments[rule.parameter])
        for position, rule in enumerate(index.listing.searches)
        if arguments.get(rule.parameter) is not None
    }


def _read_bounds(index: Index, arguments: Arguments) -> dict[str, tuple[bytes, bytes]]:
    """By range, between which measures a row has to be."""
    return {
        index.name_range_fact(rule): encode_range(rule, arguments[rule.parameter])
        for rule in index.listing.ranges
        if arguments.get(rule.parameter) is not None
    }


def _read_size(listing: Listing, arguments: Mapping[str, Any]) -> float:
    if listing.size.fixed is not None:
        return listing.size.fixed
    size: float = arguments.get(listing.size.parameter or "", DEFAULT_SIZE)
    return size
