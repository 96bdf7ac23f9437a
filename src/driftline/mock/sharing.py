"""What several workers on one port have together beside the rows: trouble, and the last requests.

Both are in a SQLite file, which lasts no longer than the workers.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import msgspec

from driftline.errors import UsageError
from driftline.mock.core import Mock
from driftline.mock.messages import Handle, Request, Response
from driftline.mock.recent import Asked, Recent
from driftline.mock.trouble import Drifts, Rule, Trouble

__all__ = ["Shared"]

_PATIENCE = 30.0
_TABLES = """
CREATE TABLE IF NOT EXISTS state (
    one INTEGER PRIMARY KEY, version INTEGER NOT NULL, seed TEXT NOT NULL,
    requests INTEGER NOT NULL, cleared INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS rule (
    position INTEGER PRIMARY KEY, text TEXT NOT NULL, seen INTEGER NOT NULL, hits INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS asked (
    number INTEGER PRIMARY KEY, run INTEGER NOT NULL, data BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS runs ON asked (run, number);
"""


class Shared:
    """The file that workers have together. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")  # nothing is to outlive the workers
        self._connection.execute("PRAGMA busy_timeout = 0")
        with self.writing() as connection:
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute("INSERT OR IGNORE INTO state VALUES (0, 0, '', 0, 0)")

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    def trouble(
        self, mocks: Mapping[str, Mock | None], *, seed: int = 0, drifts: Drifts | None = None
    ) -> Trouble:
        """The trouble of one worker, which is that of all."""
        return _SharedTrouble(self, mocks, seed=seed, drifts=drifts)

    def recent(self) -> Recent:
        """The last requests to all workers."""
        return _SharedRecent(self)

    def version(self) -> int:
        """Another one after each change of the rules."""
        with self._lock:
            found: tuple[int] = self._patiently("SELECT version FROM state").fetchone()
        return found[0]

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """The connection; nobody else writes meanwhile, and all is written, or nothing."""
        with self._lock:
            if self._connection.in_transaction:
                yield self._connection
                return
            self._patiently("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise

    def _patiently(self, statement: str) -> sqlite3.Cursor:
        """Waits its turn: others write for so short a time that SQLite's own naps take longer."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                return self._connection.execute(statement)
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(0)


class _SharedTrouble(Trouble):
    """Trouble that is the same at every worker: each rule counts the requests to all of them."""

    def __init__(
        self,
        shared: Shared,
        mocks: Mapping[str, Mock | None],
        *,
        seed: int = 0,
        drifts: Drifts | None = None,
    ) -> None:
        super().__init__(mocks, seed=seed, drifts=drifts)
        self._shared = shared
        self._version = 0

    def __iter__(self) -> Iterator[Rule]:
        self._catch_up()
        return super().__iter__()

    def set(self, *rules: str | Rule, seed: int | None = None) -> None:
        with self._shared.writing() as connection:
            self._catch_up()
            super().set(*rules, seed=seed)
            self._publish(connection)

    def add(self, *rules: str | Rule) -> None:
        with self._shared.writing() as connection:
            self._catch_up()
            self._count(connection)
            super().add(*rules)
            self._publish(connection)

    def remove(self, *rules: str) -> None:
        with self._shared.writing() as connection:
            self._catch_up()
            self._count(connection)
            super().remove(*rules)
            self._publish(connection)

    @contextmanager
    def during(self, *rules: str | Rule) -> Generator[None]:
        """Is for one process alone.

        Raises:
            UsageError: always.
        """
        what = "trouble for one block cannot be asked for where several workers serve"
        raise UsageError(what, "Set the rules, and none again at the end.")
        yield

    def to_dict(self) -> dict[str, Any]:
        with self._shared.writing() as connection:
            self._catch_up()
            self._count(connection)
            return super().to_dict()

    def answer(self, api: str, request: Request, handle: Handle) -> Response:
        self._catch_up()
        return super().answer(api, request, handle)

    def _hits(self, api: str, operation: str) -> Any:
        with self._shared.writing() as connection:
            self._catch_up()
            self._count(connection)
            found = super()._hits(api, operation)
            counts = ((each.seen, each.hits, n) for n, each in enumerate(self._active))
            query = "UPDATE rule SET seen = ?, hits = ? WHERE position = ?"
            connection.executemany(query, counts)
        return found

    def _catch_up(self) -> None:
        """Takes over the rules of whichever worker was told them last."""
        if self._shared.version() == self._version:
            return
        with self._shared.writing() as connection:
            version, seed = connection.execute("SELECT version, seed FROM state").fetchone()
            texts = connection.execute("SELECT text FROM rule ORDER BY position").fetchall()
            made = self._made([text for (text,) in texts])
        with self._lock:
            self.seed, self._active, self._version = int(seed), made, version

    def _count(self, connection: sqlite3.Connection) -> None:
        """Takes over how often each rule had to decide, and did something."""
        found = connection.execute("SELECT seen, hits FROM rule ORDER BY position").fetchall()
        for each, (seen, hits) in zip(self._active, found, strict=True):
            each.seen, each.hits = seen, hits

    def _publish(self, connection: sqlite3.Connection) -> None:
        self._version += 1
        rules = ((n, str(each.rule), each.seen, each.hits) for n, each in enumerate(self._active))
        connection.execute("DELETE FROM rule")
        connection.executemany("INSERT INTO rule VALUES (?, ?, ?, ?)", rules)
        own = (self._version, str(self.seed))
        connection.execute("UPDATE state SET version = ?, seed = ?", own)


class _SharedRecent(Recent):
    """The last requests to all workers."""

    def __init__(self, shared: Shared, most: int = 200) -> None:
        super().__init__(most)
        self._shared, self._most = shared, most

    def next(self) -> int:
        return 0  # it is numbered once it is kept

    def keep(self, asked: Asked) -> None:
        data, run = msgspec.msgpack.encode(asked), bool(asked.run)
        with self._shared.writing() as connection:
            connection.execute("UPDATE state SET requests = requests + 1")
            (number,) = connection.execute("SELECT requests FROM state").fetchone()
            connection.execute("INSERT INTO asked VALUES (?, ?, ?)", (number, run, data))
            old = "SELECT number FROM asked WHERE run = ? ORDER BY number DESC LIMIT 1 OFFSET ?"
            query = f"DELETE FROM asked WHERE run = ? AND number <= ({old})"  # noqa: S608
            connection.execute(query, (run, run, self._most))

    @property
    def cleared(self) -> int:
        with self._shared.writing() as connection:
            found: tuple[int] = connection.execute("SELECT cleared FROM state").fetchone()
        return found[0]

    def clear(self) -> None:
        with self._shared.writing() as connection:
            connection.execute("UPDATE state SET cleared = cleared + 1")
            connection.execute("DELETE FROM asked")

    def since(self, mark: int) -> tuple[Sequence[Asked], int]:
        with self._shared.writing() as connection:
            query = "SELECT number, data FROM asked WHERE number > ? ORDER BY number DESC"
            found = connection.execute(query, (mark,)).fetchall()
            (last,) = connection.execute("SELECT requests FROM state").fetchone()
        return [
            attrs.evolve(msgspec.msgpack.decode(data, type=Asked), number=number)
            for number, data in found
        ], last
