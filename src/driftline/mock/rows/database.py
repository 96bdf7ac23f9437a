"""The SQLite database with the rows: in memory, or in a file that processes share."""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import attrs

from driftline.errors import UsageError
from driftline.files import reject_links

VERSION = 5
"""The version of the tables; a file with another one is rejected."""
_APPLICATION = 0x64726674  # identifies the file as ours
_PATIENCE = 30.0  # seconds that a process waits for another to finish writing
_TABLES = """
CREATE TABLE api (name TEXT PRIMARY KEY, spec TEXT NOT NULL, made INTEGER NOT NULL);
CREATE TABLE listing (
    number INTEGER PRIMARY KEY, api TEXT NOT NULL, name TEXT NOT NULL,
    filled INTEGER NOT NULL DEFAULT 0, UNIQUE (api, name)
);
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY, listing INTEGER NOT NULL, id BLOB NOT NULL, data TEXT NOT NULL,
    hidden TEXT NOT NULL, due REAL, UNIQUE (listing, id)
);
CREATE INDEX due ON entry (due) WHERE due IS NOT NULL;
CREATE TABLE clock (
    api TEXT PRIMARY KEY, moment REAL NOT NULL, since REAL NOT NULL, speed REAL NOT NULL
);
CREATE TABLE place (
    walk BLOB NOT NULL, key BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (walk, key)
) WITHOUT ROWID;
CREATE TABLE tally (walk BLOB PRIMARY KEY, entries INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE fact (
    name TEXT NOT NULL, seq INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (name, seq, value)
) WITHOUT ROWID;
CREATE TABLE taken (
    api TEXT NOT NULL, name TEXT NOT NULL, field TEXT NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (api, name, field, value)
) WITHOUT ROWID;
CREATE TABLE reply (
    api TEXT NOT NULL, request TEXT NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL,
    body BLOB NOT NULL, PRIMARY KEY (api, request)
) WITHOUT ROWID;
CREATE TABLE gone (api TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY (api, path)) WITHOUT ROWID;
CREATE TABLE upload (
    api TEXT NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (api, path)
);
"""


_LARGEST_IMAGE = 4_000_000  # bytes; copying a larger one would slow down each first page


# SQLite reads JSON of at most 1,000 levels. A column has any type, whatever the table says.
_DAMAGED = """
SELECT 1 FROM entry
WHERE typeof(data) <> 'text' OR typeof(hidden) <> 'text' OR typeof(id) NOT IN ('text', 'blob')
   OR CASE WHEN json_valid(data) THEN json_type(data) <> 'object' ELSE 1 END
   OR CASE WHEN json_valid(hidden) THEN json_type(hidden) <> 'object' ELSE 1 END
UNION ALL
SELECT 1 FROM reply
WHERE CASE WHEN json_valid(headers) THEN json_type(headers) <> 'array' ELSE 1 END
LIMIT 1
"""


@attrs.define(eq=False)
class DatabaseImage:
    """The initial content that databases in memory with the same rows share.

    It is copied from the second database on: a process with one database has no extra cost.
    """

    content: bytes | None = None
    open_count: int = 0

    def open(self) -> bytes | None:
        """Count another database, and return its initial content."""
        self.open_count += 1
        return self.content

    def update(self, connection: sqlite3.Connection) -> None:
        """Copy the content of a settled database, if another one may need it."""
        if self.open_count > 1 and len(self.content or b"") <= _LARGEST_IMAGE:
            content = connection.serialize()
            if len(content) > len(self.content or b""):
                self.content = content


class Database:
    """One connection, safe to use from several threads; each process needs its own.

    In memory, everything after `settle` is one transaction that never ends, so that `forget` can
    roll it back at once, however many rows there are.

    Raises:
        UsageError: the file cannot be opened, or belongs to another version.
    """

    def __init__(self, path: Path | None = None, image: DatabaseImage | None = None) -> None:
        self.path = path
        self._image = image
        self.starts_empty = True
        """Whether it has no content of an image."""
        if path is not None:
            reject_links(path)
            if path.is_symlink():
                hint = "Pass the target of the link."
                raise UsageError(f"{path}: symbolic link", hint)
        self._lock = threading.RLock()
        self._change_count = 0
        self._rollback_count = 0
        self._is_first = True
        self._depth = 0
        try:
            self._connection = sqlite3.connect(
                path or ":memory:",
                timeout=_PATIENCE,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=512,
            )
            self.close = weakref.finalize(self, self._connection.close)
            """Closes the connection, also when the object is garbage-collected."""
            self._connection.execute("PRAGMA cache_size = -16000")  # kilobytes, if necessary
            self._open(path)
        except sqlite3.Error as error:
            hint = "Pass a writable file, or a file that does not exist yet."
            raise UsageError(f"{path}: could not open the database: {error}", hint) from None

    def _open(self, path: Path | None) -> None:
        # A foreign file must not run code: no functions and no triggers.
        self._connection.execute("PRAGMA trusted_schema = OFF")
        if path is not None:
            self._open_file(path)
            return
        content = self._image.open() if self._image is not None else None
        self.starts_empty = content is None
        if content is None:
            self._connection.executescript(_TABLES)
        else:
            self._connection.deserialize(content)
        self._connection.execute("BEGIN")

    def _open_file(self, path: Path) -> None:
        """Create the tables in a new file once, even if another process does the same."""
        if self._is_empty():
            self._log_ahead()
        self._connection.execute("PRAGMA synchronous = NORMAL")
        with self.open_write() as connection:
            if self._is_empty():
                for statement in _TABLES.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                connection.execute(f"PRAGMA user_version = {VERSION}")
            elif self._read_pragma("application_id") != _APPLICATION:
                hint = "Pass another file; a missing file is created."
                raise UsageError(f"{path}: database of another program", hint)
            elif self._read_pragma("user_version") != VERSION:
                hint = "Delete the file to create its rows again, or pass another file."
                raise UsageError(f"{path}: database of another version of driftline", hint)
            elif self.list_definitions() != _read_own_schema():
                hint = "Delete the file to create its rows again, or pass another file."
                raise UsageError(f"{path}: unexpected tables, views or triggers", hint)
            elif connection.execute(_DAMAGED).fetchone():
                hint = "Delete the file to create its rows again, or pass another file."
                raise UsageError(f"{path}: damaged rows", hint)

    def list_definitions(self) -> frozenset[tuple[str, str]]:
        """Return the definitions in the file with their kinds; white space is ignored."""
        query = "SELECT type, sql FROM sqlite_master WHERE sql IS NOT NULL"
        return frozenset(
            (kind, " ".join(sql.split())) for kind, sql in self._connection.execute(query)
        )

    def _is_empty(self) -> bool:
        return self._connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None

    def _log_ahead(self) -> None:
        """Switch to write-ahead logging; only one process may do so at a time."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                return

    def _read_pragma(self, name: str) -> int:
        row: tuple[int] = self._connection.execute(f"PRAGMA {name}").fetchone()
        return row[0]

    @contextmanager
    def open_read(self) -> Generator[sqlite3.Connection]:
        """Yield the connection for one consistent read."""
        with self._lock:
            if self.path is None or self._depth:
                yield self._connection
                return
            self._connection.execute("BEGIN")
            self._depth = 1
            try:
                yield self._connection
            finally:
                self._depth = 0
                self._connection.execute("COMMIT")

    @contextmanager
    def open_write(self) -> Generator[sqlite3.Connection]:
        """Yield the connection for one transaction, rolled back after an error."""
        with self._lock:
            if self._depth:
                yield self._connection
                return
            begin, end, undo = (
                ("SAVEPOINT one", "RELEASE one", ("ROLLBACK TO one", "RELEASE one"))
                if self.path is None
                else ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
            )
            self._connection.execute(begin)
            self._depth = 1
            try:
                yield self._connection
                self._connection.execute(end)
            except BaseException:
                if self._connection.in_transaction:
                    for statement in undo:
                        self._connection.execute(statement)
                self._rollback_count += 1
                raise
            finally:
                self._depth = 0
                self._change_count += 1
                self._is_first = False

    def forget(self) -> None:
        """Roll back everything since `settle` in memory."""
        with self._lock:
            if not self._is_first:
                self._connection.execute("ROLLBACK")
                self._connection.execute("BEGIN")
                self._change_count += 1
                self._rollback_count += 1
                self._is_first = True

    def state(self) -> tuple[int, int, int]:
        """Return a value that changes with each write by anyone; call it while reading.

        It counts writes, rollbacks and changes by other connections.
        """
        data_version = 0 if self.path is None else self._read_pragma("data_version")
        return self._change_count, self._rollback_count, data_version

    @property
    def is_settled(self) -> bool:
        """Whether `forget` would change nothing."""
        return self.path is None and self._is_first and not self._depth

    def settle(self) -> None:
        """Make the current content of a database in memory the one that `forget` restores."""
        with self._lock:
            self._connection.execute("COMMIT")
            if self._image is not None:
                self._image.update(self._connection)
            self._connection.execute("BEGIN")
            self._is_first = True


@cache
def _read_own_schema() -> frozenset[tuple[str, str]]:
    """Return the definitions in a file of this version."""
    database = Database()
    try:
        return database.list_definitions()
    finally:
        database.close()
