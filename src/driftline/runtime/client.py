"""The clients under the generated ones: one core that does no I/O, and two thin shells round it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

import httpx

from driftline import __version__
from driftline.runtime.auth import Credentials
from driftline.runtime.drift import OnDrift, Reading
from driftline.runtime.errors import (
    ArgumentError,
    ConfigurationError,
    DecodingError,
    TransportError,
    TransportTimeout,
    status_error,
)
from driftline.runtime.operation import Api, Operation
from driftline.runtime.pages import Origin, remember
from driftline.runtime.readers import reader
from driftline.runtime.values import ABSENT
from driftline.runtime.wire import build_request

__all__ = ["AsyncClient", "AsyncClientOptions", "Client", "ClientOptions"]

_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_EXCERPT = 200


class _SharedOptions(TypedDict, total=False):
    """What clients of either kind take."""

    base_url: str
    """Where the API is; default: the environment variable, or the document's first server."""
    timeout: float | httpx.Timeout
    """Seconds; default: 5 to connect, 60 for the rest."""
    on_drift: OnDrift
    """Called for every difference between an answer and its document."""


class ClientOptions(_SharedOptions, total=False):
    """What a client takes beside its credentials."""

    transport: httpx.BaseTransport
    """Sends the requests in place of the network, e.g. a proxy's or a mock's."""


class AsyncClientOptions(_SharedOptions, total=False):
    """What an asynchronous client takes beside its credentials."""

    transport: httpx.AsyncBaseTransport
    """Sends the requests in place of the network, e.g. a proxy's or a mock's."""


class _Core:
    """Builds requests and reads answers, for one API and one set of credentials."""

    def __init__(
        self,
        api: Api,
        credentials: Mapping[str, str | None],
        base_url: str | None,
        on_drift: OnDrift | None,
    ) -> None:
        self.api = api
        self.credentials = Credentials(api, credentials)
        self.base_url = _base_url(api, base_url)
        self.on_drift = on_drift

    def operation(self, operation_id: str) -> Operation:
        operation = self.api.operations.get(operation_id)
        if operation is None:
            raise ArgumentError(f"{self.api.name} has no operation {operation_id!r}")
        return operation

    def build(self, operation: Operation, arguments: Mapping[str, Any], body: Any) -> httpx.Request:
        headers = {"Accept": "application/json", "User-Agent": f"driftline/{__version__}"}
        request = build_request(self.base_url, operation, arguments, body, headers)
        self.credentials.apply(operation, request)
        return request

    def failure(self, operation: Operation, error: httpx.HTTPError) -> TransportError:
        what = self.credentials.redact(str(error)) or type(error).__name__
        timed_out = isinstance(error, httpx.TimeoutException)
        kind = TransportTimeout if timed_out else TransportError
        return kind(operation.id, f"{type(error).__name__}: {what}")

    def read(self, operation: Operation, response: httpx.Response) -> Any:
        """The typed body of an answer.

        Raises:
            StatusError: the status is no success.
            DecodingError: the body is not JSON although the document says so.
        """
        success = 200 <= response.status_code < 300
        expected = operation.response_type(response.status_code)
        if not success:
            raise self._status_error(operation, response)
        if expected is None:
            return None if not response.content else self._untyped(response)
        try:
            data = json.loads(response.content)
        except (ValueError, RecursionError) as error:
            raise self._decoding_error(operation, response, error) from None
        reading = Reading(operation.id, self.on_drift)
        return reader(expected()).read(data, reading)

    def _untyped(self, response: httpx.Response) -> Any:
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            return response.content

    def _status_error(self, operation: Operation, response: httpx.Response) -> Exception:
        expected = operation.response_type(response.status_code)
        body = self._untyped(response) if response.content else None
        if expected is not None and isinstance(body, dict):
            body = reader(expected()).read(body, Reading(operation.id, self.on_drift))
        return status_error(response.status_code)(
            operation.id,
            response.status_code,
            response.reason_phrase,
            body,
            self._excerpt(response),
            _request_id(response),
        )

    def _decoding_error(
        self, operation: Operation, response: httpx.Response, error: Exception
    ) -> DecodingError:
        kind = response.headers.get("Content-Type", "without a content type")
        what = f"the body ({kind}, {len(response.content)} bytes) is no JSON: {error}"
        excerpt = self._excerpt(response)
        return DecodingError(
            operation.id, response.status_code, what, excerpt, _request_id(response)
        )

    def _excerpt(self, response: httpx.Response) -> str:
        text = response.content[: 40 * _EXCERPT].decode("utf-8", "replace")
        return self.credentials.redact(text)[:_EXCERPT]


def _base_url(api: Api, given: str | None) -> httpx.URL:
    text = given or (api.base_url_env and os.environ.get(api.base_url_env)) or api.base_url
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ConfigurationError(f"{text!r} is no base URL: {error}") from None
    if url.scheme not in {"http", "https"} or not url.host:
        how = f" or set {api.base_url_env}" if api.base_url_env else ""
        what = f"{text!r} is no base URL: pass base_url='https://…'{how}"
        raise ConfigurationError(what)
    return url


def _request_id(response: httpx.Response) -> str | None:
    found: str | None = response.headers.get("X-Request-ID")
    return found


class Client:
    """The base of generated clients. Use as a context manager, or call `close`."""

    def __init__(
        self,
        api: Api,
        credentials: Mapping[str, str | None],
        **options: Unpack[ClientOptions],
    ) -> None:
        self._core = _Core(api, credentials, options.get("base_url"), options.get("on_drift"))
        self._http = httpx.Client(
            timeout=options.get("timeout", _TIMEOUT), transport=options.get("transport")
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._core.base_url)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections; the client cannot be used afterwards."""
        self._http.close()

    def request(
        self, operation_id: str, *, arguments: Mapping[str, Any] | None = None, body: Any = ABSENT
    ) -> Any:
        """Calls an operation by its ID, with arguments by their wire names.

        The typed methods do just this. Raises what `driftline.runtime.errors` lists.
        """
        operation = self._core.operation(operation_id)
        request = self._core.build(operation, arguments or {}, body)
        try:
            response = self._http.send(request)
        except httpx.HTTPError as error:
            raise self._core.failure(operation, error) from None
        page = self._core.read(operation, response)

        def fetch(following: Mapping[str, Any]) -> Any:
            return self.request(operation_id, arguments=following, body=body)

        remember(page, Origin(fetch, operation, arguments or {}, asynchronous=False))
        return page


class AsyncClient:
    """The base of generated asynchronous clients. Use with `async with`, or call `aclose`."""

    def __init__(
        self,
        api: Api,
        credentials: Mapping[str, str | None],
        **options: Unpack[AsyncClientOptions],
    ) -> None:
        self._core = _Core(api, credentials, options.get("base_url"), options.get("on_drift"))
        self._http = httpx.AsyncClient(
            timeout=options.get("timeout", _TIMEOUT), transport=options.get("transport")
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._core.base_url)!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections; the client cannot be used afterwards."""
        await self._http.aclose()

    async def request(
        self, operation_id: str, *, arguments: Mapping[str, Any] | None = None, body: Any = ABSENT
    ) -> Any:
        """Calls an operation by its ID, with arguments by their wire names.

        The typed methods do just this. Raises what `driftline.runtime.errors` lists.
        """
        operation = self._core.operation(operation_id)
        request = self._core.build(operation, arguments or {}, body)
        try:
            response = await self._http.send(request)
        except httpx.HTTPError as error:
            raise self._core.failure(operation, error) from None
        page = self._core.read(operation, response)

        async def fetch(following: Mapping[str, Any]) -> Any:
            return await self.request(operation_id, arguments=following, body=body)

        remember(page, Origin(fetch, operation, arguments or {}, asynchronous=True))
        return page
