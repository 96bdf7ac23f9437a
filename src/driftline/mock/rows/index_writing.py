"""Write rows and their index entries: positions in each order, tallies and scan values."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence, Set
from typing import Any

from driftline.mock.http.messages import decode_json, encode_json
from driftline.mock.rows.index import Index, IndexedRow
from driftline.mock.rows.keys import encode_text
from driftline.openapi import follow

Entry = tuple[int, IndexedRow]
"""A row and its number in the table `entry`."""
_PLACE = "INSERT INTO place (walk, key, seq) VALUES (?, ?, ?)"
_TALLY = (
    "INSERT INTO tally (walk, entries) VALUES (?, ?)"
    " ON CONFLICT (walk) DO UPDATE SET entries = entries + excluded.entries"
)
_NONE_LEFT = "DELETE FROM tally WHERE walk = ? AND entries = 0"


def build_row(index: Index, data: str, hidden: str, due: float | None) -> IndexedRow:
    """Return a row from a record of the table `entry`."""
    read = decode_json(data)
    return IndexedRow(follow(read, index.listing.id), read, decode_json(hidden), due)


def clear_listing(connection: sqlite3.Connection, index: Index) -> None:
    """Delete the rows of a listing and their index entries."""
    prefix, after = f"{index.number}/", f"{index.number}0"  # "0" comes after "/"
    for table, column in (("place", "walk"), ("tally", "walk"), ("fact", "name")):
        bounds = (prefix, after) if column == "name" else (prefix.encode(), after.encode())
        query = f"DELETE FROM {table} WHERE {column} >= ? AND {column} < ?"  # noqa: S608
        connection.execute(query, bounds)
    connection.execute("DELETE FROM entry WHERE listing = ?", (index.number,))


def insert_row(connection: sqlite3.Connection, index: Index, row: IndexedRow) -> int:
    """Insert a row and return its number; it is not indexed yet."""
    query = "INSERT INTO entry (listing, id, data, hidden, due) VALUES (?, ?, ?, ?, ?)"
    columns = (encode_json(row.data), encode_json(row.hidden_strings), row.next_change)
    parameters = (index.number, encode_text(str(row.id)), *columns)
    seq = connection.execute(query, parameters).lastrowid
    assert seq is not None  # noqa: S101 (a row was inserted)
    return seq


def find_entry(connection: sqlite3.Connection, index: Index, row_id: Any) -> Entry | None:
    """Return the row with an ID and its number, or None."""
    query = "SELECT seq, data, hidden, due FROM entry WHERE listing = ? AND id = ?"
    parameters = (index.number, encode_text(str(row_id)))
    record = connection.execute(query, parameters).fetchone()
    return (record[0], build_row(index, *record[1:])) if record else None


def index_rows(
    connection: sqlite3.Connection,
    index: Index,
    entries: Sequence[Entry],
    *,
    is_first: bool = False,
) -> None:
    """Add new rows to the index; `is_first` if the index is empty."""
    before = find_time_fields(connection, index)
    _tally_invalid_times(connection, index, (row for _, row in entries), 1)
    after = find_time_fields(connection, index)
    encoded_entries = [(seq, row, index.encode_filter_values(row.data)) for seq, row in entries]
    tallied: dict[bytes, int] = {}
    for _, _, values in encoded_entries:
        for walk in index.encode_tallies(values):
            tallied[walk] = tallied.get(walk, 0) + 1
    connection.executemany(_TALLY, tallied.items())
    connection.executemany(
        "INSERT INTO fact (name, seq, value) VALUES (?, ?, ?)",
        (
            (name, seq, value)
            for seq, row, values in encoded_entries
            for name, value in index.list_scan_values(row, values)
        ),
    )
    positions = (
        (walk, key, seq)
        for seq, row, values in encoded_entries
        for walk, key in index.list_positions(seq, row, values, after)
    )
    # Inserted in sorted order, which is much faster for many rows.
    connection.executemany(_PLACE, sorted(positions) if len(entries) > 1 else positions)
    if not is_first:
        _reposition_rows(connection, index, before ^ after, after)


def unindex_row(connection: sqlite3.Connection, index: Index, entry: Entry) -> None:
    """Remove a row from the index."""
    seq, row = entry
    values, before = (
        index.encode_filter_values(row.data),
        find_time_fields(connection, index),
    )
    query = "DELETE FROM place WHERE walk = ? AND key = ?"
    connection.executemany(query, index.list_positions(seq, row, values, before))
    facts = {(name, seq) for name, _ in index.list_scan_values(row, values)}
    connection.executemany("DELETE FROM fact WHERE name = ? AND seq = ?", facts)
    walks = index.encode_tallies(values)
    connection.executemany(_TALLY, ((walk, -1) for walk in walks))
    connection.executemany(_NONE_LEFT, ((walk,) for walk in walks))
    _tally_invalid_times(connection, index, [row], -1)
    after = find_time_fields(connection, index)
    _reposition_rows(connection, index, before ^ after, after, without=seq)


def _tally_invalid_times(
    connection: sqlite3.Connection, index: Index, rows: Iterable[IndexedRow], by: int
) -> None:
    """Count the values of time fields that are not times."""
    counts: dict[bytes, int] = {}
    for row in rows:
        for field in index.find_invalid_times(row.data):
            walk = index.untimely_walks[field]
            counts[walk] = counts.get(walk, 0) + by
    connection.executemany(_TALLY, counts.items())
    if by < 0:
        connection.executemany(_NONE_LEFT, ((walk,) for walk in counts))


def find_time_fields(connection: sqlite3.Connection, index: Index) -> set[str]:
    """Return the sort fields whose values are all times."""
    walks = index.untimely_walks
    marks = ",".join("?" * len(walks))
    query = f"SELECT walk FROM tally WHERE walk IN ({marks}) AND entries > 0"  # noqa: S608
    invalid_walks = {walk for (walk,) in connection.execute(query, list(walks.values()))}
    return {field for field, walk in walks.items() if walk not in invalid_walks}


def _reposition_rows(
    connection: sqlite3.Connection,
    index: Index,
    fields: Set[str],
    times: Set[str],
    without: int | None = None,
) -> None:
    """Recompute all positions after a field began or ceased to contain only times."""
    if not fields:
        return
    orders = tuple(sort_order for sort_order in index.orders if sort_order.field in fields)
    for order in orders:
        low, high = index.bound_walks(order)
        connection.execute("DELETE FROM place WHERE walk >= ? AND walk < ?", (low, high))
    query = "SELECT seq, data, hidden, due FROM entry WHERE listing = ?"
    for seq, data, hidden, due in connection.execute(query, (index.number,)).fetchall():
        if seq != without:
            row = build_row(index, data, hidden, due)
            positions = index.list_positions(
                seq, row, index.encode_filter_values(row.data), times, orders
            )
            connection.executemany(_PLACE, ((walk, key, seq) for walk, key in positions))
