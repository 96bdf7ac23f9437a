"""An httpx transport around the mock's core: in-process, without a network."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator

import anyio
import httpx

from driftline.mock.http.messages import (
    WHOLE,
    AsyncSleep,
    Handle,
    HttpRequest,
    HttpResponse,
    Sleep,
    split_body,
)


class MockTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Serves the requests of a sync or async client without a network.

    `base_path` is removed from every path. `sleep` and `async_sleep` wait for delayed responses; an
    interrupted response raises the error of httpx.
    """

    def __init__(
        self,
        handle: Handle,
        base_path: str = "",
        *,
        sleep: Sleep = time.sleep,
        async_sleep: AsyncSleep = anyio.sleep,
    ) -> None:
        self._handle = handle
        self._base_path = base_path.rstrip("/")
        self._sleep = sleep
        self._async_sleep = async_sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        response = self._handle_request(request)
        if response.delivery is WHOLE:
            return _build_whole(request, response)
        wait, error = _compute_wait(request, response.delivery.delay)
        if wait:
            self._sleep(wait)
        if error:
            raise error
        return _build_partial(request, response, _BodyStream(request, response, self._sleep))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        response = self._handle_request(request)
        if response.delivery is WHOLE:
            return _build_whole(request, response)
        wait, error = _compute_wait(request, response.delivery.delay)
        if wait:
            await self._async_sleep(wait)
        if error:
            raise error
        return _build_partial(request, response, _AsyncStream(request, response, self._async_sleep))

    def _handle_request(self, request: httpx.Request) -> HttpResponse:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = tuple(
            (key.decode("latin-1"), value.decode("latin-1")) for key, value in request.headers.raw
        )
        root = self._base_path if path.startswith(self._base_path) else ""
        path = path.removeprefix(root) or "/"
        mock_request = HttpRequest(
            *(request.method, path, query, headers, request.content, root),
            scheme=request.url.scheme,
        )
        return self._handle(mock_request)


def _build_whole(request: httpx.Request, response: HttpResponse) -> httpx.Response:
    headers = list(response.headers)
    return httpx.Response(response.status, headers=headers, content=response.body, request=request)


def _build_partial(
    request: httpx.Request, response: HttpResponse, stream: _BodyStream | _AsyncStream
) -> httpx.Response:
    """Return a response whose body is delivered in part or not at all."""
    if response.delivery.is_silent:
        raise httpx.ReadError("Connection reset by peer", request=request)
    headers = list(response.headers)
    return httpx.Response(response.status, headers=headers, stream=stream, request=request)


def _compute_wait(
    request: httpx.Request, delay: float
) -> tuple[float, httpx.TransportError | None]:
    """Return how long the client waits, and its error if it times out first."""
    patience = request.extensions.get("timeout", {}).get("read")
    if patience is None or delay <= patience:
        return delay, None
    return patience, httpx.ReadTimeout("The read operation timed out", request=request)


class _BodyStream(httpx.SyncByteStream):
    def __init__(self, request: httpx.Request, response: HttpResponse, sleep: Sleep) -> None:
        self._request, self._response, self._sleep = request, response, sleep

    def __iter__(self) -> Iterator[bytes]:
        delivery = self._response.delivery
        wait, late = _compute_wait(self._request, delivery.pause)
        for index, piece in enumerate(split_body(self._response)):
            if index and wait:
                self._sleep(wait)
            if index and late:
                raise late
            yield piece
        if error := _build_error(self._request, self._response):
            raise error


class _AsyncStream(httpx.AsyncByteStream):
    def __init__(self, request: httpx.Request, response: HttpResponse, sleep: AsyncSleep) -> None:
        self._request, self._response, self._sleep = request, response, sleep

    async def __aiter__(self) -> AsyncIterator[bytes]:
        delivery = self._response.delivery
        wait, late = _compute_wait(self._request, delivery.pause)
        for index, piece in enumerate(split_body(self._response)):
            if index and wait:
                await self._sleep(wait)
            if index and late:
                raise late
            yield piece
        if error := _build_error(self._request, self._response):
            raise error


def _build_error(request: httpx.Request, response: HttpResponse) -> httpx.TransportError | None:
    """Return the client's error for an incomplete body."""
    sent_size, full_size = int(len(response.body) * response.delivery.share), len(response.body)
    if sent_size == full_size:
        return None
    if response.delivery.end == "reset":
        return httpx.ReadError("Connection reset by peer", request=request)
    sizes = f"(received {sent_size} bytes, expected {full_size})"
    message = f"peer closed connection without sending complete message body {sizes}"
    return httpx.RemoteProtocolError(message, request=request)
