"""Servers that fail, a fake clock, and a common interface to the sync and async clients."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import attrs
import httpx
from hypothesis import strategies as st
from roark_client import AsyncRoark, Roark, errors

from driftline.runtime import Client, ListingModel, Retries

__all__ = [
    "EMPTY",
    "EPOCH",
    "ERRORS",
    "KINDS",
    "NOT_ARRIVED",
    "TOKEN",
    "Answering",
    "FakeClock",
    "Kind",
    "Reply",
    "Server",
    "build_json_reply",
    "draw_failures",
    "draw_statuses",
    "list_calls",
    "script_replies",
]

TOKEN = "tok_3f9a7c"
EMPTY: dict[str, Any] = {"data": [], "pagination": {"total": 0, "hasMore": False}}
NOT_ARRIVED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
LATER = (
    httpx.ReadError,
    httpx.ReadTimeout,
    httpx.WriteError,
    httpx.WriteTimeout,
    httpx.CloseError,
    httpx.RemoteProtocolError,
    httpx.ProxyError,
)
ERRORS = (*NOT_ARRIVED, *LATER)
EPOCH = 1_750_000_000


class FakeClock:
    """A clock that advances only on a sleep or a slow response, and records every sleep."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.sleeps: list[float] = []

    def now(self) -> float:
        return self.passed

    def date(self) -> float:
        return EPOCH + self.passed

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.passed += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)


@attrs.frozen
class Reply:
    """How a server handles one request.

    With a `status` the server sends the `chunks` and then breaks off with `error`, if there is one.
    Without a status it raises `error` instead of responding. The response and every chunk take
    `takes` seconds.
    """

    status: int | None = 200
    chunks: Sequence[bytes] = ()
    error: type[httpx.TransportError] | None = None
    headers: Sequence[tuple[str, str]] = ()
    takes: float = 0.0
    reason: bytes | None = None

    @property
    def arrived(self) -> bool:
        """Return whether the request may have reached the server."""
        return self.status is not None or self.error not in NOT_ARRIVED


Answering = Callable[[httpx.Request], Reply]


def build_json_reply(value: Any, status: int = 200, **fields: Any) -> Reply:
    return Reply(status, [json.dumps(value).encode()], **fields)


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A response body that tracks whether it was closed."""

    def __init__(self, server: Server, request: httpx.Request, reply: Reply) -> None:
        self.server, self.request, self.reply = server, request, reply
        server.open += 1

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.reply.chunks:
            self.server.take(self.request, self.reply)
            yield chunk
        if self.reply.error is not None:
            raise self.reply.error("the body broke off", request=self.request)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk

    def close(self) -> None:
        self.server.open -= 1

    async def aclose(self) -> None:
        self.close()


class Server(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that replies in place of the network, and counts requests and open responses."""

    def __init__(self, answering: Answering, clock: FakeClock | None = None) -> None:
        self.answer = answering
        self.clock = clock or FakeClock()
        self.requests: list[httpx.Request] = []
        self.open = 0

    def take(self, request: httpx.Request, reply: Reply) -> None:
        """Advance the clock by the reply's delay, or raise
        `ReadTimeout` if it exceeds the read timeout.
        """
        patience = request.extensions["timeout"]["read"]
        self.clock.passed += min(reply.takes, patience)
        if reply.takes > patience:
            raise httpx.ReadTimeout("nothing came", request=request)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self.answer(request)
        if not reply.arrived:
            self.clock.passed += min(reply.takes, request.extensions["timeout"]["connect"])
        else:
            self.take(request, reply)
        if reply.status is None:
            raise (reply.error or httpx.ReadError)("there is no answer", request=request)
        extensions = {} if reply.reason is None else {"reason_phrase": reply.reason}
        body = _Body(self, request, reply)
        headers = [(name.encode(), value.encode("latin-1")) for name, value in reply.headers]
        return httpx.Response(reply.status, headers=headers, stream=body, extensions=extensions)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


def script_replies(replies: Sequence[Reply], last_reply: Reply | None = None) -> Answering:
    """Return a function that gives these replies in order and then repeats the last reply."""
    waiting = iter(replies)
    last = last_reply or build_json_reply(EMPTY)
    return lambda request: next(waiting, last)


@attrs.frozen
class Kind:
    """A kind of client (sync or async) and a common interface to call its methods."""

    client: Any

    def run(self, server: Server, do: Callable[[Any], Any], **options: Any) -> Any:
        """Return the result of `do` for a client of this
        server, and check that all responses are closed.
        """
        retries = options.pop("retries", None) or Retries(clock=server.clock)
        options = {"bearer_token": TOKEN, "transport": server, "retries": retries, **options}
        try:
            if issubclass(self.client, Client):
                with self.client(**options) as client:
                    return do(client)
            return asyncio.run(_await(self.client, do, options))
        finally:
            assert server.open == 0

    def outcome(self, server: Server, do: Callable[[Any], Any], **options: Any) -> Any:
        """Return the result, or the `ApiError` that was raised; any other exception propagates."""
        try:
            return self.run(server, do, **options)
        except errors.ApiError as error:
            return error

    def rows(
        self, server: Server, rows: list[Any], do: Callable[[Any], Any], **options: Any
    ) -> None:
        """Iterate over the page that `do` returns and append its rows to `rows` as they arrive.

        A value that is not a page has no rows.
        """

        def walk(client: Any) -> None:
            page = do(client)
            for row in page if isinstance(page, ListingModel) else ():
                rows.append(row)  # one by one: an error may come

        async def async_walk(client: Any) -> None:
            page = await do(client)
            if isinstance(page, ListingModel):
                async for row in page:
                    rows.append(row)

        self.run(server, walk if issubclass(self.client, Client) else async_walk, **options)


KINDS = [Kind(Roark), Kind(AsyncRoark)]


async def _await(client_class: Any, do: Callable[[Any], Any], options: Any) -> Any:
    async with client_class(**options) as client:
        value = do(client)
        return await value if inspect.isawaitable(value) else value


def draw_failures() -> st.SearchStrategy[Reply]:
    """Draw replies that fail: before the response, within its body, or by its status."""
    takes = st.sampled_from([0.0, 1.0, 5.0, 25.0, 100.0])
    before = st.builds(Reply, status=st.none(), error=st.sampled_from(ERRORS), takes=takes)
    whole_body = json.dumps(EMPTY).encode()
    broken_replies = st.builds(
        Reply,
        status=st.sampled_from([200, 401, 500]),
        chunks=st.lists(st.sampled_from([whole_body[:9], b"", b"<html>"]), max_size=4),
        error=st.sampled_from(LATER),
        takes=takes,
    )
    status_replies = st.builds(build_json_reply, st.just({}), status=draw_statuses(), takes=takes)
    dripping = st.builds(Reply, chunks=st.just([whole_body[:1]] * 50), takes=takes)
    return st.one_of(before, broken_replies, status_replies, dripping)


def draw_statuses() -> st.SearchStrategy[int]:
    """Draw statuses that the client retries, whether registered with IANA or not."""
    return st.sampled_from([408, 409, 429, 500, 502, 503, 504, 520, 599, 600, 999])


def list_calls(client: Any) -> Any:
    """List calls; an argument for `Kind.run`."""
    return client.call.list()
