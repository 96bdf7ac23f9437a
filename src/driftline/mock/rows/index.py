"""The index of a listing, by which pages are found without scanning.

Each row has one position for each order and each combination of filters: `walk` names order,
filters and their values, and `key` is the position. A page is a number of positions of a walk after
a key. The number of positions of a walk is updated with each write.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import combinations
from typing import Any

import attrs

from driftline.mock.documents import put
from driftline.mock.rows.keys import (
    encode_equality,
    encode_measure,
    encode_text,
    is_timestamp,
    order_key,
)
from driftline.openapi import MISSING, Listing, Range, Search, follow, is_array

MOST_PLACES = 96
"""If a row had more combinations of filters than this, each filter has its own index."""
_BETWEEN = b"\xff"  # does not occur in UTF-8

FilterValue = bytes | frozenset[bytes]
"""A row's value in the field of a filter; of a list, the values of its items."""


@attrs.frozen(eq=False)
class IndexedRow:
    """A row of a listing; `hidden_strings` has strings that are searched but not returned.

    At the time `next_change`, if any, it moves to its next state.
    """

    id: Any
    data: Mapping[str, Any]
    hidden_strings: Mapping[str, str] = attrs.field(factory=dict[str, str])
    next_change: float | None = None


def change_row(listing: Listing | None, row: IndexedRow, changes: Mapping[str, Any]) -> IndexedRow:
    """Return a row with other fields, and with the same ID."""
    data = {**row.data, **changes}
    row_id = follow(row.data, listing.id) if listing else MISSING
    if listing is not None and row_id is not MISSING and follow(data, listing.id) != row_id:
        data = put(copy.deepcopy(data), listing.id, row_id)
    return attrs.evolve(row, data=data)


@attrs.frozen
class SortOrder:
    """An order of rows: by a field, or by creation (None)."""

    field: str | None
    descending: bool = False


def choose_order(listing: Listing, arguments: Mapping[str, Any]) -> SortOrder:
    """Return the order of the rows that a request asks for, or the default one."""
    order = listing.order
    if order is None:
        return SortOrder(None)
    by = arguments.get(order.by) if order.by else None
    by = by[0] if is_array(by) and by else by
    field = order.fields.get(str(by), next(iter(order.fields.values())))
    descending = order.is_descending(str(by)) if str(by) in order.fields else order.descending
    if order.direction:
        descending = order.read_direction(arguments.get(order.direction)) or False
    return SortOrder(field, descending)


@attrs.frozen(eq=False)
class Index:
    """The index of one listing, which has a number in the database."""

    number: int
    listing: Listing
    orders: tuple[SortOrder, ...]
    fields: tuple[str, ...]
    choices: tuple[tuple[int, ...], ...]
    untimely_walks: Mapping[str, bytes]
    """By sort field: the name of the count of values that are not times."""

    @classmethod
    def build(cls, number: int, listing: Listing) -> Index:
        orders = tuple(_list_orders(listing))
        fields = tuple(dict.fromkeys(rule.field for rule in listing.filters))
        every = range(len(fields))
        counts = range(len(fields) + 1)
        if len(orders) << min(len(fields), 32) > MOST_PLACES:
            counts = range(2)
        choices = tuple(choice for count in counts for choice in combinations(every, count))
        numbered_fields = enumerate(
            dict.fromkeys(order.field for order in orders if order.field is not None)
        )
        walks = {
            field: f"{number}/no time/{position}".encode() for position, field in numbered_fields
        }
        return cls(number, listing, orders, fields, choices, walks)

    def walk(
        self, order: SortOrder | None, choice: Sequence[int], values: Sequence[bytes]
    ) -> bytes:
        """Return the name of a walk; without an order, the name of its count."""
        return self._encode_order(order) + _encode_tail(choice, values)

    def _encode_order(self, order: SortOrder | None) -> bytes:
        return f"{self.number}/{'' if order is None else self.orders.index(order)}".encode()

    def bound_walks(self, order: SortOrder) -> tuple[bytes, bytes]:
        """Return the range of the names of all walks of an order."""
        name = self._encode_order(order)
        return name + b"/", name + b"0"  # "0" comes after "/"

    def encode_filter_values(self, data: Any) -> list[FilterValue]:
        """Return the values of a row in the fields of filters."""
        return [_encode_filter_value(follow(data, field)) for field in self.fields]

    def _encode_tails(self, values: Sequence[FilterValue]) -> list[bytes]:
        single = {i: value for i, value in enumerate(values) if isinstance(value, bytes)}
        return [
            _encode_tail(choice, [single[i] for i in choice])
            for choice in self.choices
            if all(i in single for i in choice)
        ]

    def encode_tallies(self, values: Sequence[FilterValue]) -> list[bytes]:
        """Return the counts that a row contributes to."""
        head = self._encode_order(None)
        lists = [self.name_list_tally(i) for i, v in enumerate(values) if not isinstance(v, bytes)]
        return [*(head + tail for tail in self._encode_tails(values)), *lists]

    def name_list_tally(self, position: int) -> bytes:
        """Return the name of the count of rows with a list in the field of a filter.

        These rows are in no walk of the filter: its values are scanned.
        """
        return f"{self.number}/list/{position}".encode()

    def list_positions(
        self,
        seq: int,
        row: IndexedRow,
        values: Sequence[FilterValue],
        times: Set[str],
        orders: Sequence[SortOrder] | None = None,
    ) -> Iterator[tuple[bytes, bytes]]:
        """Yield the positions of a row: each walk with its key.

        `times` are the fields whose values are all times.
        """
        tails = self._encode_tails(values)
        for order in self.orders if orders is None else orders:
            head, key = self._encode_order(order), self.encode_key(order, seq, row, times)
            for tail in tails:
                yield head + tail, key

    def encode_key(self, order: SortOrder, seq: int, row: IndexedRow, times: Set[str]) -> bytes:
        """Return the position of a row in an order."""
        if order.field is None:
            return seq.to_bytes(8, "big")
        value = follow(row.data, order.field)
        is_time = order.field in times
        return order_key(value, row.id, times=is_time, descending=order.descending)

    def find_invalid_times(self, data: Any) -> list[str]:
        """Return the sort fields in which a row has a value that is not a time."""
        values = ((field, follow(data, field)) for field in self.untimely_walks)
        return [
            f for f, value in values if value not in (None, MISSING) and not is_timestamp(value)
        ]

    def list_scan_values(
        self, row: IndexedRow, values: Sequence[FilterValue]
    ) -> Iterator[tuple[str, bytes]]:
        """Yield the values, by name, that are scanned row by row since no walk has them."""
        for position, value in enumerate(values):
            for single in [value] if isinstance(value, bytes) else value:
                yield self.name_filter_fact(position), single
        for rule in self.listing.ranges:
            key = encode_measure(follow(row.data, rule.field))
            if key is not None:
                yield self.name_range_fact(rule), key
        for position, search in enumerate(self.listing.searches):
            strings = _collect_texts(search, row)
            if strings:
                yield self.name_search_fact(position), _BETWEEN.join(strings)

    def name_filter_fact(self, position: int) -> str:
        """Return the name of the scanned values of a filter."""
        return f"{self.number}/filter/{position}"

    def name_range_fact(self, rule: Range) -> str:
        """Return the name of what rows have in a range's field."""
        return f"{self.number}/range/{rule.parameter}"

    def name_search_fact(self, position: int) -> str:
        """Return the name of the scanned strings of a search."""
        return f"{self.number}/search/{position}"


def _encode_filter_value(value: Any) -> FilterValue:
    return frozenset(map(encode_equality, value)) if is_array(value) else encode_equality(value)


def _encode_tail(choice: Sequence[int], values: Sequence[bytes]) -> bytes:
    positions = ",".join(map(str, choice))
    sizes = ",".join([str(len(value)) for value in values])
    return f"/{positions}/{sizes}/".encode() + b"".join(values)


def _list_orders(listing: Listing) -> Iterator[SortOrder]:
    order = listing.order
    if order is None:
        yield SortOrder(None)
        return
    first = next(iter(order.fields.values()))  # if no filter is requested
    orders = [SortOrder(first, order.descending)]
    for name, field in order.fields.items():
        directions = (False, True) if order.direction else (order.is_descending(name),)
        orders += [SortOrder(field, descending) for descending in directions]
    yield from dict.fromkeys(orders)


def _collect_texts(search: Search, row: IndexedRow) -> list[bytes]:
    values = [follow(row.data, field) for field in search.fields]
    values += [row.hidden_strings.get(name, "") for name in search.hidden]
    return [encode_text(value.casefold()) for value in values if isinstance(value, str)]
