"""Splits streamed bodies into records, without I/O: events at blank lines, JSON values at lines.

httpx-sse and similar libraries read lines of unlimited length, so a server that never ends a line
exhausts memory, and they spend more time on a line than its JSON takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import httpx

from driftline.media import get_essence
from driftline.runtime.transport.body_stream import BodyTooLarge

_BOM = b"\xef\xbb\xbf"


class ParsedEvent(NamedTuple):
    """One event or line; its data is not decoded yet."""

    data: bytes
    event: str = "message"
    id: str = ""
    retry: float | None = None


class RecordParser(Protocol):
    """Receives a body in chunks, and yields complete records."""

    last_id: str
    retry: float | None

    def feed(self, chunk: bytes) -> Iterator[ParsedEvent]:
        """Yield the records that `chunk` completes; raises BodyTooLarge if one is too long."""
        ...

    def finish(self) -> ParsedEvent | None:
        """Return the last record, if the body ended without its separator."""
        ...


class _Splitter:
    """Splits at `separator`; `longest` is the maximum length of a record in bytes."""

    def __init__(
        self, separator: bytes, longest: int | None, request: httpx.Request | None
    ) -> None:
        self._separator, self._request = separator, request
        self._max_length = float("inf") if longest is None else longest
        self._pieces: list[bytes] = []
        self._pieces_length = 0
        self._tail = b""
        self._is_first = True

    def split(self, chunk: bytes) -> list[bytes]:
        """Return the records that end in this chunk."""
        records = (self._tail + chunk).split(self._separator)
        rest = records.pop()
        if records:
            records[0] = self._complete(records[0])
            if len(rest) + len(chunk) + len(records[0]) > self._max_length:
                self._check(max(map(len, records)))
        # A possible first half of a separator waits for the next chunk.
        cut = len(rest) - (len(self._separator) - 1 if rest.endswith(self._separator[:1]) else 0)
        rest, self._tail = rest[:cut], rest[cut:]
        self._pieces_length += len(rest)
        self._check(self._pieces_length)
        self._pieces.append(rest)
        return records

    def take_rest(self) -> bytes:
        """Return the incomplete record."""
        rest, self._tail = self._complete(self._tail), b""
        return rest

    def _complete(self, end: bytes) -> bytes:
        """Return a record from earlier chunks with its end."""
        record = b"".join([*self._pieces, end]) if self._pieces_length else end
        self._pieces.clear()
        self._pieces_length = 0
        if self._is_first:
            self._is_first = False
            return record.removeprefix(_BOM)
        return record

    def _check(self, size: int) -> None:
        if size > self._max_length:
            message = f"more than {self._max_length} bytes in one event"
            raise BodyTooLarge(message, request=self._request)


class LineParser:
    """One JSON value for each line, or between two record separators (application/json-seq)."""

    last_id = ""
    retry: float | None = None

    def __init__(
        self, longest: int | None, request: httpx.Request | None, separator: bytes
    ) -> None:
        self._splitter = _Splitter(separator, longest, request)

    def feed(self, chunk: bytes) -> Iterator[ParsedEvent]:
        for line in self._splitter.split(chunk):
            if line and not line.isspace():
                yield ParsedEvent(line)

    def finish(self) -> ParsedEvent | None:
        """Return the last value, which needs no separator."""
        rest = self._splitter.take_rest()
        return ParsedEvent(rest) if rest.strip() else None


class EventParser:
    """Server-sent events, as the HTML standard parses them."""

    def __init__(self, longest: int | None, request: httpx.Request | None) -> None:
        self._splitter = _Splitter(b"\n\n", longest, request)
        self._ends_in_return = False
        self.last_id: str = ""
        self.retry: float | None = None

    def feed(self, chunk: bytes) -> Iterator[ParsedEvent]:
        if b"\r" in chunk or self._ends_in_return:
            chunk = self._unify_line_ends(chunk)
        for record in self._splitter.split(chunk):
            event = self._parse(record)
            if event is not None:
                yield event

    def finish(self) -> ParsedEvent | None:
        rest = self._splitter.take_rest()
        if all(not line or line.startswith(b":") for line in rest.split(b"\n")):
            return None
        return self._parse(rest) or ParsedEvent(b"", "message", self.last_id)

    def _unify_line_ends(self, chunk: bytes) -> bytes:
        if self._ends_in_return and chunk.startswith(b"\n"):
            chunk = chunk[1:]  # the carriage return before it already ended the line
        self._ends_in_return = chunk.endswith(b"\r")
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _parse(self, record: bytes) -> ParsedEvent | None:
        """Return the event, or None for a record without data, such as a comment."""
        if record.startswith(b"data: ") and b"\n" not in record:
            return ParsedEvent(record[6:], "message", self.last_id)
        name, data = "message", list[bytes]()
        retry: float | None = None
        for line in record.split(b"\n"):
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                data.append(value)
            elif field == b"event":
                name = value.decode("utf-8", "replace") or "message"
            elif field == b"id" and b"\0" not in value:
                self.last_id = value.decode("utf-8", "replace")
            elif field == b"retry" and value.isdigit() and len(value) < 12:
                self.retry = retry = int(value) / 1000
        return ParsedEvent(b"\n".join(data), name, self.last_id, retry) if data else None


def find_item_ends(content_type: str, body: bytes) -> tuple[int, ...]:
    """Return the end offset of each complete event or line of a body."""
    is_event = get_essence(content_type) == "text/event-stream"
    ends = re.finditer(rb"(?:\r\n|\n|\r){2,}" if is_event else rb"\n+", body)
    return tuple(match.end() for match in ends)


def choose_parser(
    content_type: str, longest: int | None, request: httpx.Request | None = None
) -> RecordParser:
    """Return the parser for a media type; `longest` is the maximum length of a record in bytes."""
    essence = get_essence(content_type)
    if essence == "text/event-stream":
        return EventParser(longest, request)
    return LineParser(longest, request, b"\x1e" if essence == "application/json-seq" else b"\n")
