"""Bridges an ASGI or WSGI application to a function from request to response, like the mock's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
from anyio.from_thread import start_blocking_portal
from werkzeug.test import EnvironBuilder, run_wsgi_app

from driftline.mock import HttpRequest, HttpResponse

Handle = Callable[[HttpRequest], HttpResponse]
# What the server in front of an application writes itself.
_OWN_HEADERS = {"content-length", "connection", "transfer-encoding", "date", "server"}


@contextmanager
def bridge_wsgi(app: Any) -> Iterator[Handle]:
    """Yield a handler for a WSGI application, which runs in a thread without an event loop."""

    def send(request: HttpRequest) -> HttpResponse:
        builder = EnvironBuilder(
            method=request.method,
            path="/",
            query_string=request.query,
            base_url=f"http://{request.get_header('Host') or 'localhost'}",
            headers=[pair for pair in request.headers if pair[0].lower() != "host"],
            data=request.body,
        )
        environ = builder.get_environ()
        environ["SCRIPT_NAME"] = request.root
        # WSGI wants the decoded path, each byte as one character.
        environ["PATH_INFO"] = (
            httpx.URL("http://host" + request.path).path.encode().decode("latin-1")
        )
        body, status, headers = run_wsgi_app(app, environ)
        return build_response(int(status.split(" ")[0]), headers.items(), b"".join(body))

    with ThreadPoolExecutor(1) as pool:
        yield lambda request: pool.submit(send, request).result()


@contextmanager
def bridge_asgi(app: Any) -> Iterator[Handle]:
    """Yield a handler for an ASGI application, whose event loop runs in a separate thread."""

    async def send(request: HttpRequest) -> HttpResponse:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, root_path=request.root)
        target = f"{request.path}?{request.query}" if request.query else request.path
        url = httpx.URL(scheme="http", host="localhost", raw_path=target.encode("ascii"))
        http_request = httpx.Request(
            request.method, url, headers=list(request.headers), content=request.body
        )
        response = await transport.handle_async_request(http_request)
        body = await response.aread()
        return build_response(response.status_code, response.headers.multi_items(), body)

    with start_blocking_portal() as portal:
        yield lambda request: portal.call(send, request)


def build_response(status: int, headers: Any, body: bytes) -> HttpResponse:
    """Return a response without the headers that the server adds itself."""
    own_headers = tuple(
        (name, value) for name, value in headers if name.lower() not in _OWN_HEADERS
    )
    return HttpResponse(status, own_headers, body)
