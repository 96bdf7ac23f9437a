"""The state of the mock: the rows of each listing, their index, and unique values in use."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from driftline.mock.http.messages import HttpResponse, encode_json
from driftline.mock.rows.database import Database
from driftline.mock.rows.index import Index, IndexedRow
from driftline.mock.rows.index_writing import (
    Entry,
    build_row,
    clear_listing,
    find_entry,
    index_rows,
    insert_row,
    unindex_row,
)
from driftline.mock.rows.keys import encode_text
from driftline.mock.rows.row_query import QueryCache, RowQuery, RowSelection
from driftline.openapi import Listing

First = Callable[[str], Sequence[IndexedRow]]
"""Makes the initial rows of a listing."""
_MANY = 4000  # rows are indexed together, as far as memory allows


class Store:
    """The rows of one API, by listing and ID, in a database that others may share.

    A listing begins with the rows of `first` when it is first requested. Safe to use from several
    threads, and with a file from several processes.
    """

    def __init__(
        self,
        database: Database,
        api: str,
        listings: Mapping[str, Listing],
        first: First = lambda _: (),
    ) -> None:
        self.database = database
        self.api = api
        self._make_first_rows = first
        self._memory = QueryCache()
        self._settled_listings: set[str] = set()
        with database.open_write() as connection:
            numbers = {name: self._allocate_number(connection, name) for name in listings}
        self.indexes = {
            name: Index.build(numbers[name], listing) for name, listing in listings.items()
        }

    def _allocate_number(self, connection: sqlite3.Connection, name: str) -> int:
        parameters = (self.api, name)
        connection.execute("INSERT OR IGNORE INTO listing (api, name) VALUES (?, ?)", parameters)
        query = "SELECT number FROM listing WHERE api = ? AND name = ?"
        record: tuple[int] = connection.execute(query, parameters).fetchone()
        return record[0]

    def open_write(self) -> AbstractContextManager[sqlite3.Connection]:
        """Open a transaction for rows, rolled back after an error."""
        return self.database.open_write()

    @contextmanager
    def _open_change(self) -> Generator[sqlite3.Connection]:
        """Open a transaction that adds, changes or deletes rows."""
        with self.open_write() as connection:
            self._memory.forget_rows()
            yield connection

    def read_digest(self) -> str | None:
        """Return the digest of the spec that the rows were generated from, or None."""
        with self.database.open_read() as connection:
            query = "SELECT spec FROM api WHERE name = ?"
            record = connection.execute(query, (self.api,)).fetchone()
        return None if record is None else str(record[0])

    def begin(self, spec: str, used_count: int = 0) -> None:
        """Delete all rows, and begin with this digest and this number of used row numbers."""
        self._settled_listings.clear()
        with self._open_change() as connection:
            for index in self.indexes.values():
                clear_listing(connection, index)
            for table in ("taken", "reply", "gone", "upload", "clock"):
                query = f"DELETE FROM {table} WHERE api = ?"  # noqa: S608
                connection.execute(query, (self.api,))
            query = "INSERT OR REPLACE INTO api (name, spec, made) VALUES (?, ?, ?)"
            connection.execute(query, (self.api, spec, used_count))
            connection.execute("UPDATE listing SET filled = 0 WHERE api = ?", (self.api,))

    def fill(
        self, spec: str, rows: Mapping[str, Sequence[IndexedRow]], used_count: int = 0
    ) -> None:
        """Replace all rows by these; this many row numbers are used."""
        with self.open_write():
            self.begin(spec, used_count)
            for name in self.indexes:
                self._fill(name, rows.get(name, ()))

    def _fill(self, listing: str, rows: Sequence[IndexedRow]) -> None:
        """Insert the initial rows into an empty listing."""
        index = self.indexes[listing]
        with self._open_change() as connection:
            for start in range(0, len(rows), _MANY):
                some = rows[start : start + _MANY]
                entries = [(insert_row(connection, index, row), row) for row in some]
                index_rows(connection, index, entries, is_first=start == 0)
            connection.execute("UPDATE listing SET filled = 1 WHERE number = ?", (index.number,))

    def is_made(self, listing: str) -> bool:
        """Return whether the initial rows of a listing exist."""
        if listing in self._settled_listings:
            return True
        query = "SELECT filled FROM listing WHERE number = ?"
        with self.database.open_read() as connection:
            record = connection.execute(query, (self.indexes[listing].number,)).fetchone()
        if record and record[0] and self.database.is_settled:
            self._settled_listings.add(listing)
        return bool(record and record[0])

    def ensure(self, listing: str) -> None:
        """Generate the initial rows of a listing, if they do not exist.

        Raises:
            SpecError: the spec allows no rows.
        """
        if self.is_made(listing):
            return
        rows = self._make_first_rows(listing)
        is_settled = self.database.is_settled
        with self.open_write():
            if not self.is_made(listing):  # another process may have been faster
                self._fill(listing, rows)
        if is_settled:
            # A reset may restore these rows as well.
            self.database.settle()
            self._settled_listings.add(listing)

    def list_rows(self, listing: str) -> Sequence[IndexedRow]:
        """Return the current rows of a listing in order of creation."""
        self.ensure(listing)
        with self.database.open_read() as connection:
            index = self.indexes[listing]
            return [row for _, row in self._list_entries(connection, index)]

    def list_latest(self, listing: str, limit: int, start: int = 0) -> Sequence[IndexedRow]:
        """Return rows of a listing from `start` on, latest first."""
        self.ensure(listing)
        index = self.indexes[listing]
        query = (
            "SELECT data, hidden, due FROM entry WHERE listing = ?"
            " ORDER BY seq DESC LIMIT ? OFFSET ?"
        )
        with self.database.open_read() as connection:
            records = connection.execute(query, (index.number, limit, start)).fetchall()
        return [build_row(index, *record) for record in records]

    def count(self, listing: str) -> int:
        """Return the number of rows of a listing."""
        self.ensure(listing)
        query = "SELECT count(*) FROM entry WHERE listing = ?"
        with self.database.open_read() as connection:
            record: tuple[int] = connection.execute(
                query, (self.indexes[listing].number,)
            ).fetchone()
        return record[0]

    def _list_entries(self, connection: sqlite3.Connection, index: Index) -> Iterator[Entry]:
        query = "SELECT seq, data, hidden, due FROM entry WHERE listing = ? ORDER BY seq"
        for seq, data, hidden, due in connection.execute(query, (index.number,)):
            yield seq, build_row(index, data, hidden, due)

    def get(self, listing: str, row_id: Any) -> IndexedRow | None:
        """Return the row of that ID, or None."""
        self.ensure(listing)
        with self.database.open_read() as connection:
            entry = find_entry(connection, self.indexes[listing], row_id)
        return entry[1] if entry else None

    @contextmanager
    def open_query(self, question: RowSelection) -> Generator[RowQuery]:
        """Open a consistent read for a question."""
        with self.database.open_read() as connection:
            self._memory.refresh(self.database.state())
            yield RowQuery(connection, question, self._memory)

    def cache(self, question: str, result: Callable[[], HttpResponse]) -> HttpResponse:
        """Return a response about the rows, cached until one of them changes."""
        with self.database.open_read():
            self._memory.refresh(self.database.state())
            response = self._memory.get(question)
            if response is None:
                response = result()
                self._memory.put(question, response)
            return response

    def list_due(self, listing: str, now: float) -> Sequence[IndexedRow]:
        """Return the rows whose next state is due, earliest first."""
        index = self.indexes[listing]
        query = (
            "SELECT data, hidden, due FROM entry WHERE due <= ? AND listing = ? ORDER BY due, seq"
        )
        with self.database.open_read() as connection:
            records = connection.execute(query, (now, index.number)).fetchall()
        return [build_row(index, *record) for record in records]

    def put(self, listing: str, row: IndexedRow) -> None:
        """Add a row, or replace the one with its ID."""
        self.ensure(listing)
        index = self.indexes[listing]
        with self._open_change() as connection:
            old = find_entry(connection, index, row.id)
            if old is None:
                seq = insert_row(connection, index, row)
            else:
                unindex_row(connection, index, old)
                seq = old[0]
                query = "UPDATE entry SET data = ?, hidden = ?, due = ? WHERE seq = ?"
                columns = (encode_json(row.data), encode_json(row.hidden_strings), row.next_change)
                connection.execute(query, (*columns, seq))
            index_rows(connection, index, [(seq, row)])

    def remove(self, listing: str, row_id: Any) -> bool:
        """Delete a row; return False if it does not exist."""
        self.ensure(listing)
        index = self.indexes[listing]
        with self._open_change() as connection:
            old = find_entry(connection, index, row_id)
            if old is not None:
                unindex_row(connection, index, old)
                connection.execute("DELETE FROM entry WHERE seq = ?", (old[0],))
        return old is not None

    def take(self, listing: str, values: Mapping[str, Any]) -> str | None:
        """Mark values as used, by field; return the field of a value already used, if any."""
        query = "INSERT INTO taken (api, name, field, value) VALUES (?, ?, ?, ?)"
        field: str | None = None
        try:
            with self.open_write() as connection:
                for field, value in values.items():
                    key = encode_text(repr(value))
                    connection.execute(query, (self.api, listing, field, key))
        except sqlite3.IntegrityError:
            return field
        return None

    def list_taken(self) -> Sequence[tuple[str, str, str]]:
        """Return the used values.

        By listing and field, in Python's notation.
        """
        query = "SELECT name, field, value FROM taken WHERE api = ? ORDER BY name, field, value"
        with self.database.open_read() as connection:
            records = connection.execute(query, (self.api,)).fetchall()
        return [
            (name, field, value.decode("utf-8", "surrogatepass")) for name, field, value in records
        ]

    def count_made(self) -> int:
        """Return how many row numbers are used."""
        query = "SELECT made FROM api WHERE name = ?"
        with self.database.open_read() as connection:
            record = connection.execute(query, (self.api,)).fetchone()
        return int(record[0]) if record else 0

    def restore(self, used_count: int, used_values: Sequence[tuple[str, str, str]]) -> None:
        """Continue with this many row numbers, and only these used values."""
        query = "INSERT OR IGNORE INTO taken (api, name, field, value) VALUES (?, ?, ?, ?)"
        with self.open_write() as connection:
            connection.execute("UPDATE api SET made = ? WHERE name = ?", (used_count, self.api))
            connection.execute("DELETE FROM taken WHERE api = ?", (self.api,))
            entries = (
                (self.api, name, field, encode_text(value)) for name, field, value in used_values
            )
            connection.executemany(query, entries)

    def take_number(self) -> int:
        """Return an unused row number."""
        with self.open_write() as connection:
            query = "UPDATE api SET made = made + 1 WHERE name = ?"
            connection.execute(query, (self.api,))
            return self.count_made()
