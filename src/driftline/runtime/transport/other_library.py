"""Clients and transports of another library with httpx's interface, such as httpx2.

Requests are converted to its classes and responses to httpx's, with unread bodies, so that
everything else is written once, for httpx. Errors are converted to those of the same name.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from types import ModuleType
from typing import Any

import httpx

_OWN = "httpx"


def adapt_client(client: Any) -> Any:
    """Return an httpx.Client that sends through another library's client; httpx's own unchanged."""
    library = _find_library(client)
    if library is None:
        return client
    bridged = _BridgedClient(transport=_SyncBridge(library, client), trust_env=False)
    bridged.inner = client
    return bridged


def adapt_async_client(client: Any) -> Any:
    """Return an httpx.AsyncClient that sends through another library's; httpx's unchanged."""
    library = _find_library(client)
    if library is None:
        return client
    bridged = _BridgedAsyncClient(transport=_AsyncBridge(library, client), trust_env=False)
    bridged.inner = client
    return bridged


def adapt_transport(transport: Any) -> Any:
    """Return an httpx transport that uses another library's; httpx's own unchanged."""
    library = _find_library(transport)
    return transport if library is None else _Bridge(library, transport)


def _find_library(value: Any) -> ModuleType | None:
    """Return the module that the class of `value` comes from, if it is not httpx."""
    for kind in type(value).__mro__:
        root = kind.__module__.partition(".")[0]
        if root == _OWN:
            return None
        if root.startswith(_OWN):
            module = sys.modules.get(root)
            if module is not None and hasattr(module, "Request"):
                return module
    return None


class _Bridged:
    """Merges the headers, cookies and query of another library's client into ours, as httpx would.

    The setters exist for httpx, which initializes every client with its defaults.
    """

    inner: Any

    @property
    def headers(self) -> httpx.Headers:
        return httpx.Headers(self.inner.headers.raw)

    @headers.setter
    def headers(self, headers: Any) -> None: ...

    @property
    def params(self) -> httpx.QueryParams:
        return httpx.QueryParams(self.inner.params.multi_items())

    @params.setter
    def params(self, params: Any) -> None: ...

    @property
    def cookies(self) -> httpx.Cookies:
        return httpx.Cookies(dict(self.inner.cookies.items()))

    @cookies.setter
    def cookies(self, cookies: Any) -> None: ...


class _BridgedClient(_Bridged, httpx.Client):
    pass


class _BridgedAsyncClient(_Bridged, httpx.AsyncClient):
    pass


class _Adapter:
    """The shared part of the sync and async bridges."""

    def __init__(self, library: Any, inner: Any) -> None:
        self._library, self._inner = library, inner

    def convert_request(self, request: httpx.Request) -> Any:
        stream: Any = request.stream
        if isinstance(stream, httpx.ByteStream):
            body = {"content": request.content or None}
        else:
            kind: Any = self._library.SyncByteStream, self._library.AsyncByteStream
            body = {"stream": type("_RequestStream", (_RequestStream, *kind), {})(stream)}
        return self._library.Request(
            request.method,
            str(request.url),
            headers=request.headers.raw,
            extensions=dict(request.extensions),
            **body,
        )

    def convert_response(self, response: Any, stream: Any) -> httpx.Response:
        return httpx.Response(
            response.status_code,
            headers=response.headers.raw,
            stream=stream,
            extensions=dict(response.extensions),
        )

    def convert_error(self, error: Exception, request: httpx.Request) -> Exception:
        """Return httpx's error of the same name, or of the nearest base class."""
        for kind in type(error).__mro__:
            httpx_type = getattr(httpx, kind.__name__, None)
            if isinstance(httpx_type, type) and issubclass(httpx_type, httpx.RequestError):
                return httpx_type(str(error), request=request)
        return httpx.InvalidURL(str(error)) if type(error).__name__ == "InvalidURL" else error


class _SyncBridge(_Adapter, httpx.BaseTransport):
    """Sends through a client, with its pool, authentication and hooks."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        inner_request = self.convert_request(request)
        try:
            response = self._inner.send(inner_request, stream=True, follow_redirects=False)
        except Exception as error:
            raise self.convert_error(error, request) from error
        return self.convert_response(response, _ResponseStream(self, response, request))


class _AsyncBridge(_Adapter, httpx.AsyncBaseTransport):
    """Sends through an async client, with its pool, authentication and hooks."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        inner_request = self.convert_request(request)
        try:
            response = await self._inner.send(inner_request, stream=True, follow_redirects=False)
        except Exception as error:
            raise self.convert_error(error, request) from error
        return self.convert_response(response, _ResponseStream(self, response, request))


class _Bridge(_Adapter, httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends through a transport, sync or async."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._inner.handle_request(self.convert_request(request))
        except Exception as error:
            raise self.convert_error(error, request) from error
        return self.convert_response(response, _ResponseStream(self, response, request))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response = await self._inner.handle_async_request(self.convert_request(request))
        except Exception as error:
            raise self.convert_error(error, request) from error
        return self.convert_response(response, _ResponseStream(self, response, request))

    def close(self) -> None:
        self._inner.close()

    async def aclose(self) -> None:
        await self._inner.aclose()


class _RequestStream:
    """A request body, chunk by chunk."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk


class _ResponseStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A response body as it arrives, still compressed."""

    def __init__(self, adapter: _Adapter, response: Any, request: httpx.Request) -> None:
        self._adapter, self._response, self._request = adapter, response, request

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._response.stream
        except Exception as error:
            raise self._adapter.convert_error(error, self._request) from error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.stream:
                yield chunk
        except Exception as error:
            raise self._adapter.convert_error(error, self._request) from error

    def close(self) -> None:
        self._response.close()

    async def aclose(self) -> None:
        await self._response.aclose()
