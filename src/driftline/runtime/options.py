"""The options of a client, of a copy of it, and of one call."""

from __future__ import annotations

import builtins
import ssl
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias, TypedDict

import attrs
import httpx

from driftline.runtime.errors import ArgumentError
from driftline.runtime.request_builder import merge_headers
from driftline.runtime.retries import Retries
from driftline.runtime.telemetry.drift import OnDrift

Secret: TypeAlias = str | Callable[[], str]
"""A credential, or a function that returns it and is called before every request."""
AsyncSecret: TypeAlias = Secret | Callable[[], Awaitable[str]]
Authorization: TypeAlias = str | Callable[[httpx.Request], str]
"""The value of the Authorization header, or a function that returns it for a request."""
AnySecret: TypeAlias = AsyncSecret | Authorization
QueryValue: TypeAlias = str | int | float | bool | Sequence[str | int | float | bool]

_PLAIN_SETTINGS = frozenset(
    {"deadline", "event_timeout", "max_response_size", "on_drift", "strict"}
)
TIMEOUT = httpx.Timeout(60.0, connect=5.0)


class Overrides(TypedDict, total=False):
    """The options of a client and of its copies."""

    timeout: float | httpx.Timeout
    """Timeout in seconds. Default: 5 to connect, 60 for everything else."""
    deadline: float | None
    """Seconds for all attempts of a call together. Default: no limit."""
    retries: Retries | int
    """Retry policy, or the number of retries. Default: 2. See `Retries`."""
    headers: Mapping[str, str]
    """Headers of every request."""
    on_drift: OnDrift | None
    """Function to call for each difference between a response and the document."""
    strict: bool
    """Raise `DriftError` for such a difference. Default: False."""
    max_response_size: int | None
    """Maximum bytes of a response body after decompression, and of one event of a stream.

    Default: 100 MB; None: no limit. It does not apply to `save` and `iter_bytes`."""
    event_timeout: float | None
    """Maximum seconds between two events of a stream. Default: 300."""


class CallOptions(TypedDict, total=False):
    """The options of every call, in addition to its arguments."""

    timeout: float | httpx.Timeout
    """Timeout in seconds."""
    deadline: float | None
    """Seconds for all attempts together."""
    event_timeout: float | None
    """Maximum seconds between two events of a stream."""
    retries: Retries | int
    """Retry policy, or the number of retries."""
    extra_headers: Mapping[str, str]
    """Headers to add, or to replace those of the client."""
    extra_query: Mapping[str, QueryValue]
    """Undocumented query parameters."""
    extra_body: Mapping[str, Any]
    """Undocumented fields of the JSON body."""


class TransportLike(Protocol):
    """A transport of a library with httpx's interface."""

    def handle_request(self, request: Any, /) -> Any: ...


class AsyncTransportLike(Protocol):
    """An asynchronous transport of a library with httpx's interface."""

    def handle_async_request(self, request: Any, /) -> Any: ...


class SenderLike(Protocol):
    """A client of a library with httpx's interface."""

    def send(self, request: Any, /, *, stream: bool = ..., follow_redirects: bool = ...) -> Any: ...

    def close(self) -> None: ...


class AsyncSenderLike(Protocol):
    """An asynchronous client of a library with httpx's interface."""

    def send(self, request: Any, /, *, stream: bool = ..., follow_redirects: bool = ...) -> Any: ...

    async def aclose(self) -> None: ...


class _SharedOptions(Overrides, total=False):
    base_url: str
    """Base URL. Default: the environment variable, or else the first server of the document."""
    server_variables: Mapping[str, str]
    """Values of the variables in the base URL. Default: those of the document."""
    trusted_hosts: Collection[str]
    """Other hosts that may receive credentials and arguments, for operations with such servers."""
    proxy: str | httpx.Proxy
    """Proxy, as in httpx. Default: the environment variables such as `HTTPS_PROXY`."""
    verify: ssl.SSLContext | bool
    """SSL context, or False to skip verification. Default: public certificate authorities."""
    cert: str | tuple[str, str] | tuple[str, str, str]
    """Client certificate for mutual TLS: its file, the file of the key, and the password."""
    http2: bool
    """Use HTTP/2. Default: False. Requires the extra `http2`."""
    limits: httpx.Limits
    """Limits of the connection pool, as in httpx."""
    event_hooks: Mapping[str, list[Callable[..., Any]]]
    """Functions to call for each "request" and "response", as in httpx."""


class ClientOptions(_SharedOptions, total=False):
    """The options of a client, in addition to its credentials."""

    transport: httpx.BaseTransport | TransportLike
    """Transport of httpx or httpx2, such as `MockTransport`."""
    http_client: httpx.Client | SenderLike
    """Client of httpx or httpx2 that sends the requests. Close it yourself."""


class AsyncClientOptions(_SharedOptions, total=False):
    """The options of an async client, in addition to its credentials."""

    transport: httpx.AsyncBaseTransport | AsyncTransportLike
    """Transport of httpx or httpx2, such as `MockTransport`."""
    http_client: httpx.AsyncClient | AsyncSenderLike
    """Client of httpx or httpx2 that sends the requests. Close it yourself."""
    backend: Literal["httpx", "aiohttp"]
    """Library that opens connections. "aiohttp" needs less CPU for many concurrent calls.

    It requires the extra `aiohttp`. Default: "httpx"."""


@attrs.frozen(kw_only=True)
class CallSettings:
    """The options that may differ between calls."""

    timeout: httpx.Timeout = TIMEOUT
    deadline: float | None = None
    retries: Retries = attrs.field(factory=Retries)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    query: Mapping[str, QueryValue] = attrs.field(factory=dict[str, QueryValue], repr=False)
    body: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False)
    on_drift: OnDrift | None = None
    strict: bool = False
    max_response_size: int | None = 100_000_000
    event_timeout: float | None = 300.0

    def override(self, options: Mapping[str, Any]) -> CallSettings:
        """Return these settings with other values for some; headers are merged.

        Raises:
            ArgumentError: an option does not exist, or its value is invalid.
        """
        if not options:
            return self
        changes: dict[str, Any] = {}
        for name, value in options.items():
            if name == "timeout":
                changes[name] = value if isinstance(value, httpx.Timeout) else _build_timeout(value)
            elif name == "retries":
                changes[name] = self._parse_retries(value)
            elif name in {"headers", "extra_headers"}:
                changes["headers"] = merge_headers(self.headers, value)
            elif name in {"extra_query", "extra_body"}:
                changes[name.removeprefix("extra_")] = value
            elif name in _PLAIN_SETTINGS:
                changes[name] = value
            else:
                raise ArgumentError(_describe_unknown(name))
        return attrs.evolve(self, **changes)

    def add_fields(self, fields: Mapping[str, Any]) -> CallSettings:
        """Return these settings with additional fields of the body."""
        return attrs.evolve(self, body={**self.body, **fields}) if fields else self

    def _parse_retries(self, value: Retries | int) -> Retries:
        if isinstance(value, Retries):
            return value
        if not isinstance(value, int) or value < 0:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArgumentError(f"retries={value!r}: expected Retries, or a number from 0")
        return self.retries.limit_attempts(value + 1)


def _describe_unknown(name: str) -> str:
    """Name the option; a parameter that has the name of a built-in is another argument."""
    hint = f": pass a parameter of this name as {name}_" if hasattr(builtins, name) else ""
    return f"unknown option {name!r}{hint}"


def _build_timeout(seconds: float) -> httpx.Timeout:
    if not isinstance(seconds, (int, float)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArgumentError(f"timeout={seconds!r}: expected seconds or an httpx.Timeout")
    return httpx.Timeout(seconds, connect=min(seconds, TIMEOUT.connect or seconds))
