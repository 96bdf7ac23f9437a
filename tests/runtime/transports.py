"""Transports that record requests, and a fake clock, for the tests of clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
from roark_client import AsyncRoark, Roark

from driftline.runtime import Retries

__all__ = ["PAGE", "TOKEN", "Body", "FakeClock", "Recorder", "Reply", "async_roark", "build_roark"]

TOKEN = "tok_3f9a7c"
PAGE = {"data": [], "pagination": {"total": 0, "hasMore": False}}
Reply = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class FakeClock:
    """A clock that advances only on a sleep or when a test advances it."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.time

    def date(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds

    def pass_time(self, seconds: float) -> None:
        """Advance the clock without a wait."""
        self.time += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in pieces that counts the pieces read and records that it was closed."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.read = 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.read += 1
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


class Recorder(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that gives the replies in turn, repeats the last one, and keeps the requests."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies) or [respond_with_page]
        self.requests: list[httpx.Request] = []
        self.closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._reply(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return self._reply(request)

    def _reply(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
        if isinstance(reply, Exception):
            raise reply
        if not isinstance(reply, httpx.Response):
            return reply(request)
        if not reply.is_closed:
            return reply
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True

    @property
    def last(self) -> httpx.Request:
        return self.requests[-1]


def respond_with_page(request: httpx.Request) -> httpx.Response:
    """Return an empty page of calls."""
    return httpx.Response(200, json=PAGE, headers={"X-Request-ID": "req_1"})


def build_roark(transport: httpx.BaseTransport | None = None, **options: Any) -> Roark:
    """Return a client that sends requests to a transport and never sleeps."""
    options = {"bearer_token": TOKEN, "retries": Retries(clock=FakeClock()), **options}
    if transport is not None:
        options["transport"] = transport
    return Roark(**options)


def async_roark(transport: httpx.AsyncBaseTransport | None = None, **options: Any) -> AsyncRoark:
    """Return an async client that sends requests to a transport and never sleeps."""
    options = {"bearer_token": TOKEN, "retries": Retries(clock=FakeClock()), **options}
    if transport is not None:
        options["transport"] = transport
    return AsyncRoark(**options)
