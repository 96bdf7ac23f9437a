"""What the mock remembers: the rows of each listing, in memory, and which values are taken."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

__all__ = ["Row", "Store"]


@attrs.frozen(eq=False)
class Row:
    """A row of a listing; `hidden` holds texts that are searched and not shown."""

    id: Any
    data: Mapping[str, Any]
    hidden: Mapping[str, str] = attrs.field(factory=dict[str, str])


class Store:
    """Rows by listing and ID. Safe to use from several threads."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Row]] = {}
        self._taken: dict[tuple[str, str], set[str]] = {}
        self._lock = threading.RLock()

    def rows(self, listing: str) -> Sequence[Row]:
        """The rows of a listing as they are now, in the order they came."""
        with self._lock:
            return list(self._rows.get(listing, {}).values())

    def get(self, listing: str, row_id: Any) -> Row | None:
        with self._lock:
            return self._rows.get(listing, {}).get(str(row_id))

    def put(self, listing: str, row: Row) -> None:
        """Adds a row, or puts it in the place of the one with its ID."""
        with self._lock:
            self._rows.setdefault(listing, {})[str(row.id)] = row

    def remove(self, listing: str, row_id: Any) -> bool:
        """Takes a row out; False if there was none."""
        with self._lock:
            return self._rows.get(listing, {}).pop(str(row_id), None) is not None

    def take(self, listing: str, values: Mapping[str, Any]) -> str | None:
        """Marks values as taken, by field; the name of a field whose value already is, if any."""
        with self._lock:
            for field, value in values.items():
                if repr(value) in self._taken.get((listing, field), ()):
                    return field
            for field, value in values.items():
                self._taken.setdefault((listing, field), set()).add(repr(value))
        return None

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)
