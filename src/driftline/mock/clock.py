"""The mock's own time: it stands still until it is started or advanced."""

from __future__ import annotations

import time
from collections.abc import Callable

import attrs

from driftline.mock.rows.database import Database

FIRST = 1_787_225_600.0
"""Its start, in seconds since 1970: later than all times in the first rows."""


@attrs.define(eq=False)
class MockClock:
    """The time of one API, stored with its rows, so that all processes of a file share it."""

    database: Database
    api: str
    real: Callable[[], float] = time.time
    _state: tuple[int, int, int] | None = attrs.field(default=None, init=False)
    _record: tuple[float, float, float] = attrs.field(default=(FIRST, 0.0, 0.0), init=False)

    def read_now(self) -> float:
        """Return the time in seconds since 1970."""
        moment, since, speed = self._read_state()
        return moment + (self.real() - since) * speed if speed else moment

    @property
    def speed(self) -> float:
        """The number of its seconds in a real one."""
        return self._read_state()[2]

    def run(self, speed: float = 1.0) -> None:
        """Let the clock run this many times as fast as real time; 0 stops it."""
        with self.database.open_write():
            self._keep(self.read_now(), speed)

    def stop(self) -> None:
        """Stop the clock."""
        self.run(0.0)

    def step(self, seconds: float) -> None:
        """Advance the clock by this many seconds."""
        with self.database.open_write():
            self._keep(self.read_now() + seconds, self.speed)

    def _keep(self, timestamp: float, speed: float) -> None:
        with self.database.open_write() as connection:
            query = "INSERT OR REPLACE INTO clock (api, moment, since, speed) VALUES (?, ?, ?, ?)"
            connection.execute(query, (self.api, timestamp, self.real(), speed))
            self._state = None

    def _read_state(self) -> tuple[float, float, float]:
        with self.database.open_read() as connection:
            state = self.database.state()
            if state == self._state:
                return self._record
            query = "SELECT moment, since, speed FROM clock WHERE api = ?"
            record: tuple[float, float, float] | None = connection.execute(
                query, (self.api,)
            ).fetchone()
            self._record, self._state = record or (FIRST, 0.0, 0.0), state
            return self._record
