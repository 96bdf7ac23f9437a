"""An ASGI application around the mock's core."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import attrs

from driftline.mock.http.messages import (
    MAX_BODY,
    AsyncSleep,
    Delivery,
    Handle,
    HttpRequest,
    HttpResponse,
    split_body,
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
EXTENSION = "driftline.transport"
"""The key of the connection in the scope, by which a response can close it."""
_TICK = 0.2
"""Seconds between two checks for more to send."""
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def build_application(
    handle: Handle,
    sleep: AsyncSleep = asyncio.sleep,
    stopping: Callable[[], bool] = lambda: False,
) -> App:
    """Return an ASGI application that responds as `handle` does.

    `sleep` waits for delayed responses.

    A long response ends when `stopping` says that the server is stopping.
    """

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _run_lifespan(receive, send)
        elif scope["type"] == "http":
            request, is_read = await _request(scope, receive)
            response = handle(request)
            if not is_read:
                response = response.replace_headers(("Connection", "close"))
            sending = _Sending(scope, receive, send, sleep)
            if response.live is not None:
                await sending.go_on(response, response.live, stopping)
            else:
                await sending.deliver(response)

    return app


class _Sending:
    """Sends one response as its delivery says."""

    def __init__(self, scope: Message, receive: Receive, send: Send, sleep: AsyncSleep) -> None:
        self._transport: asyncio.Transport | None = scope.get("extensions", {}).get(EXTENSION)
        self._receive, self._send, self._sleep = receive, send, sleep

    async def deliver(self, response: HttpResponse) -> None:
        """Send the response, unless the client leaves or the server stops first."""
        try:
            await self._deliver(response)
        except asyncio.CancelledError:
            if self._transport is None:
                raise
            self._transport.abort()
            await asyncio.sleep(0)  # the server notices that the client has left

    async def go_on(
        self, response: HttpResponse, live: Callable[[], bytes], stopping: Callable[[], bool]
    ) -> None:
        """Send what `live` returns, until the client leaves or the server stops."""
        await self._send(_start(response))
        while not stopping():
            if piece := live():
                await self._send({"type": "http.response.body", "body": piece, "more_body": True})
            if not await self._wait_unless_disconnected(_TICK, asyncio.sleep):
                return
        await self._send({"type": "http.response.body", "body": b""})

    async def _deliver(self, response: HttpResponse) -> None:
        delivery = response.delivery
        if delivery.delay and not await self._wait_unless_disconnected(delivery.delay):
            return
        if not delivery.is_silent:
            await self._send(_start(response))
            await self._send_body(response)
        if delivery.end != "whole":
            await self._break_off(delivery)

    async def _wait_unless_disconnected(
        self, seconds: float, sleep: AsyncSleep | None = None
    ) -> bool:
        """Wait; return whether the client is still connected."""
        nap = asyncio.ensure_future((sleep or self._sleep)(seconds))
        disconnect = asyncio.ensure_future(self._wait_for_disconnect())
        try:
            await asyncio.wait({nap, disconnect}, return_when=asyncio.FIRST_COMPLETED)
            return nap.done()
        finally:
            nap.cancel()
            disconnect.cancel()

    async def _wait_for_disconnect(self) -> None:
        """Return when the client has left; further data from it is ignored."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _send_body(self, response: HttpResponse) -> None:
        delivery = response.delivery
        is_complete = delivery.share == 1
        is_paced = bool(response.item_ends and delivery.pause)
        if is_complete and not delivery.piece and not is_paced:
            await self._send({"type": "http.response.body", "body": response.body})
            return
        for index, piece in enumerate(split_body(response)):
            if (
                index
                and delivery.pause
                and not await self._wait_unless_disconnected(delivery.pause)
            ):
                return
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        if is_complete:
            await self._send({"type": "http.response.body", "body": b""})

    async def _break_off(self, delivery: Delivery) -> None:
        """Reset or close the connection; without one, raise an error in the server."""
        if self._transport is None:
            raise ConnectionError("connection closed by a fault of the mock")
        bound = self._transport.get_extra_info("socket")
        while self._transport.get_write_buffer_size() and not self._transport.is_closing():
            await asyncio.sleep(0.01)  # data that the system has not accepted yet would be lost
        if delivery.end == "reset":
            if bound is not None:
                # Not waiting for unsent data makes it a reset.
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()
        else:
            self._transport.close()
        await self._wait_for_disconnect()


def _start(response: HttpResponse) -> Message:
    headers = [(name.encode("latin-1"), _encode_value(value)) for name, value in response.headers]
    return {"type": "http.response.start", "status": response.status, "headers": headers}


def _encode_value(value: str) -> bytes:
    """Return a header's value in a form that can be sent; an example in a spec may be invalid."""
    return _FORBIDDEN.sub(" ", value).strip().encode("latin-1", "replace")


async def _run_lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _request(scope: Message, receive: Receive) -> tuple[HttpRequest, bool]:
    """Return the request, and whether all of it was read.

    Of a request that is too long, the rest is not read.
    """
    headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"])
    path = scope["raw_path"].decode("latin-1")
    if not path.startswith("/"):
        # A proxy's request has the whole URL.
        path = re.sub(r"^https?://[^/]*", "", path, flags=re.IGNORECASE)
    query = scope["query_string"].decode("latin-1")
    request = HttpRequest(scope["method"], path, query, headers, scheme=scope.get("scheme", "http"))
    length, body, more = request.length, bytearray(), True
    while more and len(body) <= MAX_BODY and length <= MAX_BODY:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return attrs.evolve(request, body=bytes(body)) if body else request, not more
