"""The logic of a stream, without I/O: records become typed items, failures errors or retries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

import attrs
import httpx

from driftline.runtime.call_loop import BrokenExchange, ReceivedResponse
from driftline.runtime.core import Core
from driftline.runtime.decode import fast_decoder
from driftline.runtime.endpoint import Endpoint
from driftline.runtime.errors import TransportTimeout
from driftline.runtime.options import CallSettings
from driftline.runtime.streaming.records import (
    EventParser,
    ParsedEvent,
    RecordParser,
    choose_parser,
)
from driftline.runtime.transport.body_stream import BodyUnpacker, open_unpacker

T = TypeVar("T")
_END = b"[DONE]"
"""Data that many servers send after the last event, although it is not JSON."""
_LONGEST_WAIT = 60.0


@attrs.define
class StreamEvent(Generic[T]):
    """A server-sent event. `id` is the last ID that the server sent; `retry` is in seconds."""

    data: T
    event: str = "message"
    id: str = ""
    retry: float | None = None


class _EventTimeout(httpx.ReadTimeout):
    """No complete event arrived in time."""


class StreamReader:
    """Reads the items of one stream, over several connections if necessary.

    An interrupted stream is requested again from its last event, by `Last-Event-ID`, if the
    operation is a GET and an event had an ID.
    """

    def __init__(self, core: Core, operation: Endpoint, settings: CallSettings) -> None:
        self._core, self._operation, self._settings = core, operation, settings
        self._clock = settings.retries.clock
        self._failures = 0
        self._last_id = ""
        self._event_deadline: float | None = None
        self._end_marker: bytes | None = None
        self.is_ended: bool = False
        """Whether the server said that no item follows."""

    def open(self, received: ReceivedResponse) -> bool:
        """Begin a stream; return whether it has a body to read.

        Raises:
            httpx.HTTPError: its headers make it unreadable.
        """
        self._received = received
        if received.status in {204, 205}:
            return False
        self._unpacker: BodyUnpacker | None = open_unpacker(received.response)
        self._parser = self._choose_parser(received.response)
        self._decode = self._build_decoder(received)
        self._event_deadline = None
        return True

    def _choose_parser(self, response: httpx.Response) -> RecordParser:
        media_types = self._operation.find_media_types(response.status_code)
        name = response.headers.get("Content-Type", "") or media_types[0]
        parser = choose_parser(name, self._settings.max_response_size, response.request)
        parser.last_id = self._last_id
        return parser

    def _build_decoder(self, received: ReceivedResponse) -> Callable[[ParsedEvent], Any]:
        items = self._operation.find_stream_items(received.status)
        hint = items.data() if items.data else Any
        if not isinstance(self._parser, EventParser):
            return lambda record: self._decode_data(hint, record)
        hints = {name: make() for name, make in items.events.items()}
        self._end_marker = None if hint is str else _END

        def decode_event(record: ParsedEvent) -> StreamEvent[Any]:
            _, name, identity, retry = record
            value = self._decode_data(hints.get(name, hint) if hints else hint, record)
            return StreamEvent(value, name, identity, retry)

        return decode_event

    def feed(self, chunk: bytes) -> Iterator[Any]:
        """Yield the items that a chunk completes.

        Raises:
            DecodingError, DriftError: an item is not as documented.
            httpx.HTTPError: the body cannot be decompressed, or an item is too long.
        """
        if self._unpacker is None:
            yield from self._read(chunk)
            return
        for piece in self._unpacker.unpack(chunk):
            yield from self._read(piece)

    def finish(self) -> Iterator[Any]:
        """Yield the item at the end of the body; raises the errors of `feed`.

        Raises:
            IncompleteResponse: the body ends within an item.
        """
        if self._unpacker is not None:
            yield from self._read(self._unpacker.finish())
        rest = self._parser.finish()
        if rest is None or self.is_ended:
            return
        if not _is_json(rest.data):
            request = self._received.response.request
            error = httpx.RemoteProtocolError("the stream ends within an item", request=request)
            raise self._core.errors.build_failure(
                self._operation, BrokenExchange(error, self._quote_record(rest.data))
            )
        yield self._decode(rest)

    def _read(self, piece: bytes) -> Iterator[Any]:
        for record in self._parser.feed(piece):
            if record.data == self._end_marker:
                self.is_ended = True
            if self.is_ended:
                return
            yield self._decode(record)
            self._event_deadline, self._failures = None, 0

    def measure_time_left(self) -> float | None:
        """Return the seconds left for the next event; None without a limit."""
        longest = self._settings.event_timeout
        if longest is None:
            return None
        now = self._clock.now()
        if self._event_deadline is None:
            self._event_deadline = now + longest
        return self._event_deadline - now

    def require_time_left(self) -> float:
        """Return the seconds left for the next event.

        Raises:
            httpx.ReadTimeout: no time is left.
        """
        time_left = self.measure_time_left()
        if time_left is not None and time_left <= 0:
            raise self.build_timeout()
        return float("inf") if time_left is None else time_left

    def build_timeout(self) -> httpx.ReadTimeout:
        """Return the error for an event that did not arrive in time."""
        message = f"no event within {self._settings.event_timeout} seconds"
        return _EventTimeout(message, request=self._received.response.request)

    def plan_reconnect(self, error: httpx.HTTPError) -> tuple[float, Mapping[str, str]]:
        """Return the seconds to wait, and the headers that request the following events.

        Raises:
            ApiError: the stream cannot be resumed after this error.
        """
        time_left = self.measure_time_left()
        is_late = (
            isinstance(error, httpx.TimeoutException) and time_left is not None and time_left <= 0
        )
        if is_late or isinstance(error, _EventTimeout):
            raise TransportTimeout(self._operation.id, str(self.build_timeout()))
        self._failures += 1
        self._last_id = self._parser.last_id
        is_sendable = (
            self._last_id.isascii() and self._last_id.isprintable()
        )  # empty: no event had one
        can_resume = self._operation.method == "GET" and self._last_id and is_sendable
        retries = self._settings.retries
        wait = retries.wait_after_failure("GET", keyed=False, attempt=self._failures, error=error)
        if not can_resume or wait is None:
            raise self._core.errors.build_failure(
                self._operation, BrokenExchange(error, self._received)
            )
        wait = wait if self._parser.retry is None else min(self._parser.retry, _LONGEST_WAIT)
        return wait, {"Last-Event-ID": self._last_id}

    def sleep_before_reconnect(self, seconds: float) -> None:
        self._clock.sleep(seconds)

    async def sleep_before_reconnect_async(self, seconds: float) -> None:
        await self._clock.async_sleep(seconds)

    def _decode_data(self, hint: Any, record: ParsedEvent) -> Any:
        """Return the data of a record as a value of type `hint`; raises what `feed` raises."""
        data = record.data
        value = None if hint is Any or hint is str else fast_decoder.decode(hint, data)
        if value is not None:
            return value
        if isinstance(self._parser, EventParser) and (
            hint is str or (hint is Any and not _is_json(data))
        ):
            return data.decode("utf-8", "replace")
        return self._core.decode_json(
            self._operation, self._quote_record(data), self._settings, hint
        )

    def _quote_record(self, data: bytes) -> ReceivedResponse:
        """Return the response with one record as its content, to be quoted in an error."""
        return attrs.evolve(self._received, content=data)


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True
