"""The shells round the mock's core: an httpx transport in-process, and an ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import httpx

from driftline.mock.messages import Request, Response, json_response

__all__ = ["Handle", "MockTransport", "asgi_app"]

Handle = Callable[[Request], Response]
_Message = MutableMapping[str, Any]


class MockTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers the requests of a client, sync or async, without a network.

    `base_path` is taken off the front of every path.
    """

    def __init__(self, handle: Handle, base_path: str = "") -> None:
        self._handle = handle
        self._base_path = base_path.rstrip("/")

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = tuple(
            (key.decode("latin-1"), value.decode("latin-1")) for key, value in request.headers.raw
        )
        path = path.removeprefix(self._base_path) or "/"
        response = self._handle(Request(request.method, path, query, headers, request.content))
        return httpx.Response(
            response.status, headers=list(response.headers), content=response.body, request=request
        )


def asgi_app(
    mocks: Mapping[str, Handle],
) -> Callable[
    [_Message, Callable[[], Awaitable[_Message]], Callable[[_Message], Awaitable[None]]],
    Awaitable[None],
]:
    """An ASGI application that serves each API under `/<api>`."""

    async def app(
        scope: _Message,
        receive: Callable[[], Awaitable[_Message]],
        send: Callable[[_Message], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            response = _route(mocks, await _request(scope, receive))
            headers = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in response.headers]
            start = {"type": "http.response.start", "status": response.status, "headers": headers}
            await send(start)
            await send({"type": "http.response.body", "body": response.body})

    return app


async def _lifespan(
    receive: Callable[[], Awaitable[_Message]], send: Callable[[_Message], Awaitable[None]]
) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _request(scope: _Message, receive: Callable[[], Awaitable[_Message]]) -> Request:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"])
    path = scope["raw_path"].decode("latin-1")
    return Request(scope["method"], path, scope["query_string"].decode("latin-1"), headers, body)


def _route(mocks: Mapping[str, Handle], request: Request) -> Response:
    api, slash, path = request.path.lstrip("/").partition("/")
    handle = mocks.get(api)
    if handle is None:
        detail = f"there is no API here; there is {', '.join('/' + name for name in mocks)}"
        problem = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": detail}
        return json_response(404, problem, media_type="application/problem+json")
    inner = Request(
        request.method, slash + path or "/", request.query, request.headers, request.body
    )
    return handle(inner)
