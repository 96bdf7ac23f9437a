"""The streams that client code iterates: two thin shells that do the I/O for one reader."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from typing import Any, Generic, Self, TypeVar

import httpx

from driftline.runtime.call_loop import ReceivedResponse
from driftline.runtime.errors import ApiError
from driftline.runtime.streaming.reader import StreamReader
from driftline.runtime.transport.deadline import bound_network_time
from driftline.runtime.transport.http_client import unwrap_transport_error
from driftline.runtime.transport.pools import AsyncClosing, Closing

T = TypeVar("T")
Connect = Callable[[Mapping[str, str]], ReceivedResponse]
"""Sends a request once more, with further headers; the body of its success is left open."""
ConnectAsync = Callable[[Mapping[str, str]], Awaitable[ReceivedResponse]]


class ReceivedHead:
    """Status and headers of a response, before its body is read."""

    _received: ReceivedResponse

    @property
    def status(self) -> int:
        return self._received.status

    @property
    def headers(self) -> httpx.Headers:
        return self._received.headers

    @property
    def request_id(self) -> str | None:
        return self._received.request_id


class Stream(Closing, ReceivedHead, Generic[T]):
    """The items of a streamed response, each as soon as it arrives.

    Use it as a context manager, or read it to its end; `close` ends it early. The iteration raises
    the errors of `driftline.runtime.errors`.
    """

    def __init__(self, reader: StreamReader, received: ReceivedResponse, connect: Connect) -> None:
        self._reader, self._received, self._connect = reader, received, connect
        self._items = self._iterate()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        try:
            return next(self._items)
        except ApiError as error:
            raise error.with_traceback(None) from error.__cause__

    def close(self) -> None:
        """End the stream, and release its connection."""
        self._items.close()
        self._received.response.close()

    def _iterate(self) -> Generator[T, None, None]:
        reader = self._reader
        try:
            has_body = reader.open(self._received)
            while has_body:
                try:
                    for chunk in self._receive():
                        yield from reader.feed(chunk)
                        if reader.is_ended:
                            return
                    yield from reader.finish()
                    return
                except httpx.HTTPError as error:
                    failure = error
                wait, headers = reader.plan_reconnect(failure)
                self._received.response.close()
                reader.sleep_before_reconnect(wait)
                self._received = self._connect(headers)
                has_body = reader.open(self._received)
        finally:
            self._received.response.close()

    def _receive(self) -> Generator[bytes, None, None]:
        stream: Any = self._received.response.stream
        chunks = iter(stream)
        while True:
            time_left = self._reader.measure_time_left()
            if time_left is None:
                chunk: bytes | None = next(chunks, None)
            else:
                self._reader.require_time_left()
                with bound_network_time(self._reader.require_time_left):
                    chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk


class AsyncStream(AsyncClosing, ReceivedHead, Generic[T]):
    """The items of a streamed response, each as soon as it arrives; see `Stream`.

    Use it with `async with`, or read it to its end; `aclose` ends it early.
    """

    def __init__(
        self, reader: StreamReader, received: ReceivedResponse, connect: ConnectAsync
    ) -> None:
        self._reader, self._received, self._connect = reader, received, connect
        self._items = self._iterate()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        try:
            return await anext(self._items)
        except ApiError as error:
            raise error.with_traceback(None) from error.__cause__

    async def aclose(self) -> None:
        """End the stream, and release its connection."""
        await self._items.aclose()
        await self._received.response.aclose()

    async def _iterate(self) -> AsyncGenerator[T, None]:
        reader = self._reader
        try:
            has_body = reader.open(self._received)
            while has_body:
                try:
                    async for chunk in self._receive():
                        for item in reader.feed(chunk):
                            yield item
                        if reader.is_ended:
                            return
                    for item in reader.finish():
                        yield item
                    return
                except Exception as error:
                    failure = unwrap_transport_error(error)
                wait, headers = reader.plan_reconnect(failure)
                await self._received.response.aclose()
                await reader.sleep_before_reconnect_async(wait)
                self._received = await self._connect(headers)
                has_body = reader.open(self._received)
        finally:
            await self._received.response.aclose()

    async def _receive(self) -> AsyncGenerator[bytes, None]:
        import anyio  # noqa: PLC0415 - takes its time to import, and not every program is async

        stream: Any = self._received.response.stream
        chunks = aiter(stream)
        while True:
            time_left = self._reader.measure_time_left()
            chunk: bytes | None = None
            if time_left is not None:
                self._reader.require_time_left()
            with anyio.move_on_after(time_left) as scope:
                chunk = await anext(chunks, None)
            if scope.cancelled_caught:
                raise self._reader.build_timeout()
            if chunk is None:
                return
            yield chunk
