"""Queries the index: the number of matching rows, and the rows after a position."""

from __future__ import annotations

import math
import sqlite3
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import attrs

from driftline.mock.http.messages import HttpResponse, decode_json
from driftline.mock.rows.index import Index, IndexedRow, SortOrder
from driftline.mock.rows.index_writing import find_time_fields
from driftline.mock.rows.keys import encode_text
from driftline.openapi import follow

MOST_WALKS = 64
"""The maximum number of walks that are merged; with more, all rows are scanned."""
_REMEMBERED = 512
_LARGEST = 1_000_000  # bytes of responses
_END = 2**62
_STRIDE = 1024


@attrs.frozen
class RowSelection:
    """The selected rows and their order.

    `filters` has the accepted values of each filter with the number of its field, `searches` the
    required strings by name of the searched values, and `bounds` the limits of measures by name.
    """

    index: Index
    order: SortOrder
    filters: Sequence[tuple[int, Sequence[bytes]]] = ()
    searches: Mapping[str, bytes] = attrs.field(factory=dict[str, bytes])
    bounds: Mapping[str, tuple[bytes, bytes]] = attrs.field(factory=dict[str, tuple[bytes, bytes]])


class QueryCache:
    """Cached responses, totals and keys of rows, valid until a row changes."""

    def __init__(self) -> None:
        self._state: tuple[int, int, int] | None = None
        self.time_fields: dict[int, set[str]] = {}
        """By listing, the sort fields whose values are all times."""
        self._totals: OrderedDict[Any, int] = OrderedDict()
        self._keys: OrderedDict[Any, tuple[list[int], list[bytes]]] = OrderedDict()
        self._responses: OrderedDict[str, HttpResponse] = OrderedDict()
        self._size = 0

    def refresh(self, state: tuple[int, int, int]) -> None:
        """Clear cached responses after a write, and the rest if rows may have changed.

        Writes of this process report whether rows change; those of others, and rollbacks, do not.
        """
        if state == self._state:
            return
        if self._state is None or state[1:] != self._state[1:]:
            self.forget_rows()
        self._state = state
        self._responses.clear()
        self._size = 0

    def forget_rows(self) -> None:
        """Clear what depends on the rows, since a row changes."""
        self._totals.clear()
        self._keys.clear()
        self.time_fields.clear()

    def get(self, question: str) -> HttpResponse | None:
        return self._responses.get(question)

    def put(self, question: str, result: HttpResponse) -> None:
        """Cache a response; the oldest ones make room for it."""
        size = len(question) + len(result.body)
        if size > _LARGEST or question in self._responses:
            return
        self._responses[question] = result
        self._size += size
        while self._size > _LARGEST:
            oldest_question, response = self._responses.popitem(last=False)
            self._size -= len(oldest_question) + len(response.body)

    def find_total(self, question: Any) -> int | None:
        return self._totals.get(question)

    def store_total(self, question: Any, total: int) -> None:
        self._totals[question] = total
        if len(self._totals) > _REMEMBERED:
            self._totals.popitem(last=False)

    def find_nearest(self, question: Any, offset: int) -> tuple[int, bytes]:
        """Return a cached position with at most `offset` rows before it, and its key."""
        offsets, keys = self._keys.get(question, ([], []))
        position = bisect_right(offsets, offset) - 1
        return (offsets[position], keys[position]) if position >= 0 else (0, b"")

    def store_key(self, question: Any, offset: int, key: bytes) -> None:
        offsets, keys = self._keys.setdefault(question, ([], []))
        position = bisect_right(offsets, offset)
        if not (position and offsets[position - 1] == offset) and len(offsets) < _REMEMBERED * 16:
            offsets.insert(position, offset)
            keys.insert(position, key)
        if len(self._keys) > _REMEMBERED // 16:
            self._keys.popitem(last=False)


class RowQuery:
    """One query: the walks of the index that it reads, and the conditions on their rows."""

    def __init__(
        self, connection: sqlite3.Connection, question: RowSelection, memory: QueryCache
    ) -> None:
        self._connection = connection
        self._index = question.index
        self._order = question.order
        self._cache = memory
        self._searches = question.searches
        self._bounds = question.bounds
        self._is_filtered = bool(question.filters)
        lists = {p for p, _ in question.filters if self._has_lists(p)}
        scanned_values = [(p, values) for p, values in question.filters if p in lists]
        indexed_values = [(p, values) for p, values in question.filters if p not in lists]
        self._filter_values = self._list_existing_values(indexed_values)
        walk_filters = tuple(sorted(self._filter_values))
        if walk_filters not in self._index.choices or self._count_walks() > MOST_WALKS:
            few_values = {p: v for p, v in self._filter_values.items() if 0 < len(v) <= MOST_WALKS}
            walk_filters = (
                (min(few_values, key=lambda position: len(few_values[position])),)
                if few_values
                else ()
            )
        self._walk_filters = walk_filters
        self._walk_keys = self._list_walks(question.order)
        scanned_values += [(p, v) for p, v in self._filter_values.items() if p not in walk_filters]
        self._conditions, self._parameters = self._build_conditions(
            scanned_values, question.searches
        )
        query_parts = (
            self._conditions,
            tuple(self._parameters),
            tuple(map(tuple, self._list_walk_values())),
        )
        self._cache_key = (self._index.number, self._order, self._walk_filters, *query_parts)

    def _list_existing_values(
        self, filters: Sequence[tuple[int, Sequence[bytes]]]
    ) -> dict[int, list[bytes]]:
        """Return the distinct values of each field that some row has and all its filters accept."""
        existing: dict[int, list[bytes]] = {}
        for position, values in filters:
            accepted = dict.fromkeys(values)
            existing[position] = [
                value
                for value in existing.get(position, accepted)
                if value in accepted
                and self._is_tallied(self._index.walk(None, (position,), [value]))
            ]
        return existing

    def _has_lists(self, position: int) -> bool:
        return self._is_tallied(self._index.name_list_tally(position))

    def _count_walks(self) -> int:
        return math.prod(map(len, self._filter_values.values()))

    def _is_tallied(self, walk: bytes) -> bool:
        query = "SELECT 1 FROM tally WHERE walk = ?"
        return self._connection.execute(query, (walk,)).fetchone() is not None

    def _list_walk_values(self) -> list[list[bytes]]:
        return [list(self._filter_values[position]) for position in self._walk_filters]

    def _list_walks(self, order: SortOrder | None) -> list[bytes]:
        return [
            self._index.walk(order, self._walk_filters, values)
            for values in product(*self._list_walk_values())
        ]

    def _build_conditions(
        self, filters: Sequence[tuple[int, Sequence[bytes]]], strings: Mapping[str, bytes]
    ) -> tuple[str, list[Any]]:
        """Return the conditions on each row of the walks, as SQL."""
        conditions, parameters = "", list[Any]()
        fact = "(SELECT value FROM fact WHERE name = ? AND fact.seq = place.seq)"
        for position, values in filters:
            conditions += (
                " AND EXISTS (SELECT 1 FROM fact WHERE name = ? AND fact.seq = place.seq"
                " AND hex(value) IN (SELECT value FROM json_each(?)))"
            )
            hex_values = ",".join(f'"{value.hex().upper()}"' for value in values)
            parameters += [self._index.name_filter_fact(position), f"[{hex_values}]"]
        for name, string in strings.items():
            conditions += f" AND instr({fact}, ?)"
            parameters += [name, string]
        for name, (low, end) in self._bounds.items():
            conditions += f" AND {fact} >= ? AND {fact} < ?"
            parameters += [name, low, name, end]
        return conditions, parameters

    def find_key(self, row_id: Any) -> bytes | None:
        """Return the key of a row in this order, or None if the row does not exist."""
        index = self._index
        query = "SELECT seq, data FROM entry WHERE listing = ? AND id = ?"
        parameters = (index.number, encode_text(str(row_id)))
        record = self._connection.execute(query, parameters).fetchone()
        if record is None:
            return None
        times = self._cache.time_fields.get(index.number)
        if times is None:
            times = find_time_fields(self._connection, index)
            self._cache.time_fields[index.number] = times
        data = decode_json(record[1])
        return index.encode_key(
            self._order, record[0], IndexedRow(follow(data, index.listing.id), data), times
        )

    def count_total(self) -> int:
        """Return the number of rows."""
        if not all(self._filter_values.values()):
            return 0
        total = self._cache.find_total(self._cache_key)
        if total is None:
            total = self._count_all()
            self._cache.store_total(self._cache_key, total)
        return total

    def _count_all(self) -> int:
        if not self._conditions:
            return sum(self._list_tallies())
        is_indexed = self._is_filtered or not self._searches
        return self._count_rows("", ()) if is_indexed else self._count_matching()

    def _list_tallies(self) -> Iterator[int]:
        for walk in self._list_walks(None):
            query = "SELECT entries FROM tally WHERE walk = ?"
            record = self._connection.execute(query, (walk,)).fetchone()
            yield record[0] if record else 0

    def _count_rows(self, condition: str, parameters: Sequence[Any]) -> int:
        query = f"SELECT count(*) FROM place WHERE walk = ?{condition}{self._conditions}"  # noqa: S608
        all_parameters = (*parameters, *self._parameters)
        counts = (self._connection.execute(query, (w, *all_parameters)) for w in self._walk_keys)
        return sum(int(cursor.fetchone()[0]) for cursor in counts)

    def _count_matching(self) -> int:
        """Return the number of rows with the searched strings, by a scan in stored order."""
        (name, string), *other_strings = self._searches.items()
        query = "SELECT count(*) FROM fact AS place WHERE name = ? AND instr(value, ?)"
        conditions, parameters = self._build_conditions((), dict(other_strings))
        all_parameters = (name, string, *parameters)
        return int(self._connection.execute(query + conditions, all_parameters).fetchone()[0])

    def count_before(self, key: bytes) -> int:
        """Return the number of rows up to a key, including its own."""
        return self._count_rows(" AND key <= ?", (key,)) if all(self._filter_values.values()) else 0

    def fetch_from_offset(self, offset: int, limit: int) -> list[str]:
        """Return at most `limit` rows as JSON, after `offset` rows."""
        nearest, key = self._cache.find_nearest(self._cache_key, offset)
        while nearest < offset:
            step = min(_STRIDE, offset - nearest)
            next_key = self._find_key(key, step)
            if next_key is None:
                return []
            # Passed positions are cached, so that they are counted once.
            nearest, key = nearest + step, next_key
            self._cache.store_key(self._cache_key, nearest, key)
        records = self._fetch("data, key", key, limit)
        if records:
            self._cache.store_key(self._cache_key, offset + len(records), records[-1][1])
        return [data for data, _ in records]

    def fetch_after(self, key: bytes, limit: int) -> list[str]:
        """Return at most `limit` rows as JSON, after a key."""
        # The columns by which several walks are merged have to be selected.
        columns = "data" if len(self._walk_keys) == 1 else "data, key"
        return [row[0] for row in self._fetch(columns, key, limit)]

    def _fetch(self, columns: str, key: bytes, limit: int) -> list[Any]:
        """Return columns of at most `limit` rows after a key, in order."""
        # A cross join fixes the join order, whatever the statistics say.
        rows = f"SELECT {columns} FROM place CROSS JOIN entry ON entry.seq = place.seq"  # noqa: S608
        return self._fetch_rows(rows, key, "LIMIT ?", limit)

    def _find_key(self, key: bytes, number: int) -> bytes | None:
        """Return the key of the row that is `number` rows after a key.

        The rows before it are not fetched.
        """
        records = self._fetch_rows("SELECT key FROM place", key, "LIMIT 1 OFFSET ?", number - 1)
        return records[0][0] if records else None

    def _fetch_rows(self, rows: str, key: bytes, limits: str, number: int) -> list[Any]:
        walks = self._walk_keys
        if not walks:
            return []
        walk_query = f"{rows} WHERE walk = ? AND key > ?{self._conditions}"
        query = f"{' UNION ALL '.join([walk_query] * len(walks))} ORDER BY key {limits}"
        parameters = [parameter for walk in walks for parameter in (walk, key, *self._parameters)]
        return self._connection.execute(query, (*parameters, min(number, _END))).fetchall()


def encode_search(value: Any) -> bytes:
    """Return a string as it is stored for searches, which ignore case."""
    return encode_text(str(value).casefold())
