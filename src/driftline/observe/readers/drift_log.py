"""Reads the drift logs that clients write: a line of JSON for each event."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from driftline.errors import RecordingError
from driftline.observe.readers.entry import Event, UnreadEntry, is_object
from driftline.observe.readers.source import RecordingSource

_FIELDS: Final = ("operation", "pointer", "kind")
_MAX_LINE: Final = 1_000_000


def is_log(line: bytes) -> bool:
    """Return whether the first line of a file is one of a drift log."""
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return is_object(record) and all(isinstance(record.get(name), str) for name in _FIELDS)


def read_events(source: RecordingSource) -> Iterator[Event | UnreadEntry]:
    """Yield each line.

    Raises:
        RecordingError: a line is not JSON, such as the last one of a truncated log.
    """
    for number, line in enumerate(source.iterate_lines(_MAX_LINE), 1):
        if not line.strip():
            continue
        try:
            record: Any = json.loads(line)
        except (ValueError, RecursionError):
            message = f"line {number}: invalid JSON, the drift log is incomplete or damaged"
            raise RecordingError(source.name, message, "Correct or delete the line.") from None
        yield _read_event(number, record)


def _read_event(number: int, record: Any) -> Event | UnreadEntry:
    fields = (
        {name: record.get(name, "") for name in ("api", *_FIELDS, "expected", "got")}
        if is_object(record)
        else {}
    )
    if not fields or not all(isinstance(value, str) for value in fields.values()):
        return UnreadEntry(number, "not a drift event")
    if not fields["operation"] or not fields["kind"]:
        return UnreadEntry(number, "not a drift event")
    return Event(number=number, **fields)
