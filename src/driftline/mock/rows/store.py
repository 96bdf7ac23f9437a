"""What the mock remembers: the rows of each listing, their index, and which values are taken."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from driftline.mock.http.messages import HttpResponse, encode_json
from driftline.mock.rows.database import Database
from driftline.mock.rows.index import Index, IndexedRow
from driftline.mock.rows.keys import encode_text
from driftline.mock.rows.row_query import Memory, Question, RowQuery
from driftline.openapi.extensions.rules import Listing
from driftline.openapi.pointer import follow

__all__ = ["IndexedRow", "Store"]

_Entry = tuple[int, IndexedRow]
First = Callable[[str], Sequence[IndexedRow]]
"""Makes the rows that a listing begins with."""
_MANY = 4000  # rows are put into the index together, as far as memory is no matter
_PLACE = "INSERT INTO place (walk, key, seq) VALUES (?, ?, ?)"
_TALLY = (
    "INSERT INTO tally (walk, entries) VALUES (?, ?)"
    " ON CONFLICT (walk) DO UPDATE SET entries = entries + excluded.entries"
)
_NONE_LEFT = "DELETE FROM tally WHERE walk = ? AND entries = 0"


class Store:
    """The rows of one API, by listing and ID, in a database that others may share.

    A listing begins with the rows that `first` makes when it is first asked for. Safe to use from
    several threads, and with a file from several processes.
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
        self._first = first
        self._memory = Memory()
        self._settled: set[str] = set()
        with database.open_write() as connection:
            numbers = {name: self._allocate_number(connection, name) for name in listings}
        self.indexes = {name: Index.build(numbers[name], each) for name, each in listings.items()}

    def _allocate_number(self, connection: sqlite3.Connection, name: str) -> int:
        own = (self.api, name)
        connection.execute("INSERT OR IGNORE INTO listing (api, name) VALUES (?, ?)", own)
        query = "SELECT number FROM listing WHERE api = ? AND name = ?"
        found: tuple[int] = connection.execute(query, own).fetchone()
        return found[0]

    def open_write(self) -> AbstractContextManager[sqlite3.Connection]:
        """What is done to the rows inside is done as a whole, or after an error not at all."""
        return self.database.open_write()

    @contextmanager
    def _open_change(self) -> Generator[sqlite3.Connection]:
        """As `writing`, where rows come, change or go."""
        with self.open_write() as connection:
            self._memory.forget_rows()
            yield connection

    def read_digest(self) -> str | None:
        """The spec that the rows were made from, or None if there are none yet."""
        with self.database.open_read() as connection:
            query = "SELECT spec FROM api WHERE name = ?"
            found = connection.execute(query, (self.api,)).fetchone()
        return None if found is None else str(found[0])

    def begin(self, spec: str, made: int = 0) -> None:
        """Start again without any rows, made from this spec; so many numbers are used."""
        self._settled.clear()
        with self._open_change() as connection:
            for index in self.indexes.values():
                self._clear(connection, index)
            for table in ("taken", "reply", "gone", "clock"):
                query = f"DELETE FROM {table} WHERE api = ?"  # noqa: S608
                connection.execute(query, (self.api,))
            query = "INSERT OR REPLACE INTO api (name, spec, made) VALUES (?, ?, ?)"
            connection.execute(query, (self.api, spec, made))
            connection.execute("UPDATE listing SET filled = 0 WHERE api = ?", (self.api,))

    def fill(self, spec: str, rows: Mapping[str, Sequence[IndexedRow]], made: int = 0) -> None:
        """Start again with these rows and no others; so many numbers are used."""
        with self.open_write():
            self.begin(spec, made)
            for name in self.indexes:
                self._fill(name, rows.get(name, ()))

    def _fill(self, listing: str, rows: Sequence[IndexedRow]) -> None:
        """Put the first rows into a listing that has none."""
        index = self.indexes[listing]
        with self._open_change() as connection:
            for start in range(0, len(rows), _MANY):
                some = rows[start : start + _MANY]
                entries = [(self._enter(connection, index, row), row) for row in some]
                self._place(connection, index, entries, is_first=start == 0)
            connection.execute("UPDATE listing SET filled = 1 WHERE number = ?", (index.number,))

    def is_made(self, listing: str) -> bool:
        """Whether the first rows of a listing are there."""
        if listing in self._settled:
            return True
        query = "SELECT filled FROM listing WHERE number = ?"
        with self.database.open_read() as connection:
            found = connection.execute(query, (self.indexes[listing].number,)).fetchone()
        return bool(found and found[0])

    def ensure(self, listing: str) -> None:
        """Make the first rows of a listing, if nobody has asked for it before.

        Raises:
            SpecError: the spec allows none.
        """
        if self.is_made(listing):
            return
        rows = self._first(listing)
        is_settled = self.database.is_settled
        with self.open_write():
            if not self.is_made(listing):  # another process may have been faster
                self._fill(listing, rows)
        if is_settled:
            # What a reset goes back to may as well have these rows.
            self.database.settle()
            self._settled.add(listing)

    def _clear(self, connection: sqlite3.Connection, index: Index) -> None:
        prefix, after = f"{index.number}/", f"{index.number}0"  # "0" comes after "/"
        for table, column in (("place", "walk"), ("tally", "walk"), ("fact", "name")):
            bounds = (prefix, after) if column == "name" else (prefix.encode(), after.encode())
            query = f"DELETE FROM {table} WHERE {column} >= ? AND {column} < ?"  # noqa: S608
            connection.execute(query, bounds)
        connection.execute("DELETE FROM entry WHERE listing = ?", (index.number,))

    def _enter(self, connection: sqlite3.Connection, index: Index, row: IndexedRow) -> int:
        query = "INSERT INTO entry (listing, id, data, hidden, due) VALUES (?, ?, ?, ?, ?)"
        kept = (encode_json(row.data), encode_json(row.hidden), row.due)
        own = (index.number, encode_text(str(row.id)), *kept)
        seq = connection.execute(query, own).lastrowid
        assert seq is not None  # noqa: S101 (a row was inserted)
        return seq

    def list_rows(self, listing: str) -> Sequence[IndexedRow]:
        """The rows of a listing as they are now, in the order they came."""
        self.ensure(listing)
        with self.database.open_read() as connection:
            index = self.indexes[listing]
            return [row for _, row in self._list_entries(connection, index)]

    def list_latest(self, listing: str, most: int, start: int = 0) -> Sequence[IndexedRow]:
        """So many rows of a listing from `start` on, the last that came first."""
        self.ensure(listing)
        index = self.indexes[listing]
        query = (
            "SELECT data, hidden, due FROM entry WHERE listing = ?"
            " ORDER BY seq DESC LIMIT ? OFFSET ?"
        )
        with self.database.open_read() as connection:
            found = connection.execute(query, (index.number, most, start)).fetchall()
        return [_build_row(index, *each) for each in found]

    def count(self, listing: str) -> int:
        """How many rows a listing has."""
        self.ensure(listing)
        query = "SELECT count(*) FROM entry WHERE listing = ?"
        with self.database.open_read() as connection:
            found: tuple[int] = connection.execute(
                query, (self.indexes[listing].number,)
            ).fetchone()
        return found[0]

    def _list_entries(self, connection: sqlite3.Connection, index: Index) -> Iterator[_Entry]:
        query = "SELECT seq, data, hidden, due FROM entry WHERE listing = ? ORDER BY seq"
        for seq, data, hidden, due in connection.execute(query, (index.number,)):
            yield seq, _build_row(index, data, hidden, due)

    def get(self, listing: str, row_id: Any) -> IndexedRow | None:
        """The row of that ID, or None."""
        self.ensure(listing)
        with self.database.open_read() as connection:
            found = self._find_entry(connection, self.indexes[listing], row_id)
        return found[1] if found else None

    def _find_entry(
        self, connection: sqlite3.Connection, index: Index, row_id: Any
    ) -> _Entry | None:
        query = "SELECT seq, data, hidden, due FROM entry WHERE listing = ? AND id = ?"
        own = (index.number, encode_text(str(row_id)))
        found = connection.execute(query, own).fetchone()
        return (found[0], _build_row(index, *found[1:])) if found else None

    @contextmanager
    def open_query(self, question: Question) -> Generator[RowQuery]:
        """Answers to a question, all of the same moment."""
        with self.database.open_read() as connection:
            self._memory.refresh(self.database.state())
            yield RowQuery(connection, question, self._memory)

    def cache(self, question: str, result: Callable[[], HttpResponse]) -> HttpResponse:
        """The answer to a question about the rows, made once until one of them changes."""
        with self.database.open_read():
            self._memory.refresh(self.database.state())
            found = self._memory.get(question)
            if found is None:
                found = result()
                self._memory.put(question, found)
            return found

    def find_key(self, question: Question, row_id: Any) -> bytes | None:
        """Where a row stands in the order that is asked for, or None if there is none."""
        with self.database.open_read() as connection:
            index = question.index
            query = "SELECT seq, data FROM entry WHERE listing = ? AND id = ?"
            own = (index.number, encode_text(str(row_id)))
            found = connection.execute(query, own).fetchone()
            if found is None:
                return None
            row = _build_row(index, found[1], "{}", None)
            return index.encode_key(
                question.way, found[0], row, self._find_time_fields(connection, index)
            )

    def list_due(self, listing: str, now: float) -> Sequence[IndexedRow]:
        """The rows that go on to their next state by now, the earliest first."""
        index = self.indexes[listing]
        query = (
            "SELECT data, hidden, due FROM entry WHERE due <= ? AND listing = ? ORDER BY due, seq"
        )
        with self.database.open_read() as connection:
            found = connection.execute(query, (now, index.number)).fetchall()
        return [_build_row(index, *each) for each in found]

    def put(self, listing: str, row: IndexedRow) -> None:
        """Adds a row, or puts it in the place of the one with its ID."""
        self.ensure(listing)
        index = self.indexes[listing]
        with self._open_change() as connection:
            old = self._find_entry(connection, index, row.id)
            if old is None:
                seq = self._enter(connection, index, row)
            else:
                self._displace(connection, index, old)
                seq = old[0]
                query = "UPDATE entry SET data = ?, hidden = ?, due = ? WHERE seq = ?"
                kept = (encode_json(row.data), encode_json(row.hidden), row.due)
                connection.execute(query, (*kept, seq))
            self._place(connection, index, [(seq, row)])

    def remove(self, listing: str, row_id: Any) -> bool:
        """Takes a row out; False if there was none."""
        self.ensure(listing)
        index = self.indexes[listing]
        with self._open_change() as connection:
            old = self._find_entry(connection, index, row_id)
            if old is not None:
                self._displace(connection, index, old)
                connection.execute("DELETE FROM entry WHERE seq = ?", (old[0],))
        return old is not None

    def _place(
        self,
        connection: sqlite3.Connection,
        index: Index,
        entries: Sequence[_Entry],
        *,
        is_first: bool = False,
    ) -> None:
        """Puts rows into the index that are new there; the first ones find it empty."""
        before = self._find_time_fields(connection, index)
        self._count(connection, index, (row for _, row in entries), 1)
        after = self._find_time_fields(connection, index)
        valued = [(seq, row, index.encode_filter_values(row.data)) for seq, row in entries]
        tallied: dict[bytes, int] = {}
        for _, _, values in valued:
            for walk in index.encode_tallies(values):
                tallied[walk] = tallied.get(walk, 0) + 1
        connection.executemany(_TALLY, tallied.items())
        connection.executemany(
            "INSERT INTO fact (name, seq, value) VALUES (?, ?, ?)",
            (
                (name, seq, value)
                for seq, row, values in valued
                for name, value in index.list_scan_values(row, values)
            ),
        )
        places = (
            (walk, key, seq)
            for seq, row, values in valued
            for walk, key in index.list_positions(seq, row, values, after)
        )
        # In the order in which they will stand: many are put in much faster so.
        connection.executemany(_PLACE, sorted(places) if len(entries) > 1 else places)
        if not is_first:
            self._sort_again(connection, index, before ^ after, after)

    def _displace(self, connection: sqlite3.Connection, index: Index, entry: _Entry) -> None:
        """Takes a row out of the index."""
        seq, row = entry
        values, before = (
            index.encode_filter_values(row.data),
            self._find_time_fields(connection, index),
        )
        query = "DELETE FROM place WHERE walk = ? AND key = ?"
        connection.executemany(query, index.list_positions(seq, row, values, before))
        facts = ((name, seq) for name, _ in index.list_scan_values(row, values))
        connection.executemany("DELETE FROM fact WHERE name = ? AND seq = ?", facts)
        walks = index.encode_tallies(values)
        connection.executemany(_TALLY, ((walk, -1) for walk in walks))
        connection.executemany(_NONE_LEFT, ((walk,) for walk in walks))
        self._count(connection, index, [row], -1)
        after = self._find_time_fields(connection, index)
        self._sort_again(connection, index, before ^ after, after, without=seq)

    def _count(
        self, connection: sqlite3.Connection, index: Index, rows: Iterable[IndexedRow], by: int
    ) -> None:
        """Counts the values for sorting that are no times."""
        counts: dict[bytes, int] = {}
        for row in rows:
            for field in index.find_invalid_times(row.data):
                walk = index.untimely_walks[field]
                counts[walk] = counts.get(walk, 0) + by
        connection.executemany(_TALLY, counts.items())
        if by < 0:
            connection.executemany(_NONE_LEFT, ((walk,) for walk in counts))

    def _find_time_fields(self, connection: sqlite3.Connection, index: Index) -> set[str]:
        """The fields for sorting in which there are only times."""
        walks = index.untimely_walks
        marks = ",".join("?" * len(walks))
        query = f"SELECT walk FROM tally WHERE walk IN ({marks}) AND entries > 0"  # noqa: S608
        others = {walk for (walk,) in connection.execute(query, list(walks.values()))}
        return {field for field, walk in walks.items() if walk not in others}

    def _sort_again(
        self,
        connection: sqlite3.Connection,
        index: Index,
        fields: Set[str],
        times: Set[str],
        without: int | None = None,
    ) -> None:
        """Gives all rows other places where a field has begun or ceased to hold only times."""
        if not fields:
            return
        ways = tuple(way for way in index.ways if way.field in fields)
        for way in ways:
            low, high = index.bound_walks(way)
            connection.execute("DELETE FROM place WHERE walk >= ? AND walk < ?", (low, high))
        query = "SELECT seq, data, hidden, due FROM entry WHERE listing = ?"
        for seq, data, hidden, due in connection.execute(query, (index.number,)).fetchall():
            if seq != without:
                row = _build_row(index, data, hidden, due)
                places = index.list_positions(
                    seq, row, index.encode_filter_values(row.data), times, ways
                )
                connection.executemany(_PLACE, ((walk, key, seq) for walk, key in places))

    def take(self, listing: str, values: Mapping[str, Any]) -> str | None:
        """Marks values as taken, by field; the name of a field whose value already is, if any."""
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
        """Which values are taken: of which listing, in which field, as Python writes them."""
        query = "SELECT name, field, value FROM taken WHERE api = ? ORDER BY name, field, value"
        with self.database.open_read() as connection:
            found = connection.execute(query, (self.api,)).fetchall()
        return [
            (name, field, value.decode("utf-8", "surrogatepass")) for name, field, value in found
        ]

    def count_made(self) -> int:
        """How many numbers of rows are used."""
        query = "SELECT made FROM api WHERE name = ?"
        with self.database.open_read() as connection:
            found = connection.execute(query, (self.api,)).fetchone()
        return int(found[0]) if found else 0

    def restore(self, made: int, taken: Sequence[tuple[str, str, str]]) -> None:
        """Goes on from so many rows made, with these values taken and no others."""
        query = "INSERT OR IGNORE INTO taken (api, name, field, value) VALUES (?, ?, ?, ?)"
        with self.open_write() as connection:
            connection.execute("UPDATE api SET made = ? WHERE name = ?", (made, self.api))
            connection.execute("DELETE FROM taken WHERE api = ?", (self.api,))
            entries = ((self.api, name, field, encode_text(value)) for name, field, value in taken)
            connection.executemany(query, entries)

    def take_number(self) -> int:
        """A number for a new row that no other has."""
        with self.open_write() as connection:
            query = "UPDATE api SET made = made + 1 WHERE name = ?"
            connection.execute(query, (self.api,))
            return self.count_made()


def _build_row(index: Index, data: str, hidden: str, due: float | None) -> IndexedRow:
    read = json.loads(data)
    return IndexedRow(follow(read, index.listing.id), read, json.loads(hidden), due)
