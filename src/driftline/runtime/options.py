"""The options of a client, of a copy of it, and of one call."""

from __future__ import annotations

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
"""A credential, or what gives it: asked before every request, so that it may change."""
AsyncSecret: TypeAlias = Secret | Callable[[], Awaitable[str]]
Authorization: TypeAlias = str | Callable[[httpx.Request], str]
"""The whole value of an Authorization header, or what makes it for a request, as by signing it."""
AnySecret: TypeAlias = AsyncSecret | Authorization
QueryValue: TypeAlias = str | int | float | bool | Sequence[str | int | float | bool]

_PLAIN_SETTINGS = frozenset(
    {"deadline", "event_timeout", "max_response_size", "on_drift", "strict"}
)
TIMEOUT = httpx.Timeout(60.0, connect=5.0)


class Overrides(TypedDict, total=False):
    """The options of a client and of its copies."""

    timeout: float | httpx.Timeout
    """Seconds; default: 5 to connect, 60 for the rest."""
    deadline: float | None
    """Seconds that a call may take in all, with all its attempts; default: no limit."""
    retries: Retries | int
    """How a request is repeated, or how often; default: twice. See `Retries`."""
    headers: Mapping[str, str]
    """Sent with every request."""
    on_drift: OnDrift | None
    """Called for every difference between a response and its document."""
    strict: bool
    """Whether such a difference is raised, as a DriftError; default: no."""
    max_response_size: int | None
    """Bytes of a response's body, unpacked, and of one event of a stream; default: 100 MB. What you
    save, or read piece by piece, is not bounded."""
    event_timeout: float | None
    """Seconds until the next event of a stream, whatever bytes come; default: 300."""


class CallOptions(TypedDict, total=False):
    """The options of every call beside its own arguments."""

    timeout: float | httpx.Timeout
    """Seconds."""
    deadline: float | None
    """Seconds that the call may take in all."""
    event_timeout: float | None
    """Seconds until the next event of a stream."""
    retries: Retries | int
    """How the request is repeated, or how often."""
    extra_headers: Mapping[str, str]
    """Sent beside the client's own, or in place of them."""
    extra_query: Mapping[str, QueryValue]
    """Query parameters that the document does not know."""
    extra_body: Mapping[str, Any]
    """Fields of the JSON body that the document does not know."""


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
    """The URL of the API; default: the environment variable, or the document's first server."""
    server_variables: Mapping[str, str]
    """Values of the variables in the document's server URLs; default: those of the document."""
    trusted_hosts: Collection[str]
    """Further hosts that get your credentials and arguments, for operations with servers there."""
    proxy: str | httpx.Proxy
    """Default: the environment variables HTTPS_PROXY and their like."""
    verify: ssl.SSLContext | bool
    """Whom to trust; default: the public certificate authorities."""
    cert: str | tuple[str, str] | tuple[str, str, str]
    """A client certificate for mutual TLS: its file, that of its key, and the key's password."""
    http2: bool
    """Default: no. Needs `pip install driftline[http2]`."""
    limits: httpx.Limits
    """How many connections to keep; default: httpx's."""
    event_hooks: Mapping[str, list[Callable[..., Any]]]
    """httpx's: lists of functions for "request" and for "response"."""


class ClientOptions(_SharedOptions, total=False):
    """The options of a client beside its credentials."""

    transport: httpx.BaseTransport | TransportLike
    """Sends the requests in place of the network, e.g. a mock's; also one of httpx2."""
    http_client: httpx.Client | SenderLike
    """A client of your own, of httpx or httpx2: its pool, headers and hooks are used, and it is
    yours to close."""


class AsyncClientOptions(_SharedOptions, total=False):
    """The options of an async client beside its credentials."""

    transport: httpx.AsyncBaseTransport | AsyncTransportLike
    """Sends the requests in place of the network, e.g. a mock's; also one of httpx2."""
    http_client: httpx.AsyncClient | AsyncSenderLike
    """A client of your own, of httpx or httpx2: its pool, headers and hooks are used, and it is
    yours to close."""
    backend: Literal["httpx", "aiohttp"]
    """The library that opens connections. "aiohttp" (`pip install driftline[aiohttp]`) takes a
    fraction of the CPU when many calls are under way at once."""


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
        """Return these settings with some of them replaced; headers are merged.

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
                raise ArgumentError(f"unknown option {name!r}")
        return attrs.evolve(self, **changes)

    def add_fields(self, fields: Mapping[str, Any]) -> CallSettings:
        """Return these settings with additional fields of the body."""
        return attrs.evolve(self, body={**self.body, **fields}) if fields else self

    def _parse_retries(self, value: Retries | int) -> Retries:
        if isinstance(value, Retries):
            return value
        if not isinstance(value, int) or value < 0:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArgumentError(f"retries={value!r}: too many retries")
        return self.retries.limit_attempts(value + 1)


def _build_timeout(seconds: float) -> httpx.Timeout:
    if not isinstance(seconds, (int, float)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArgumentError(f"timeout={seconds!r}: expected seconds or an httpx.Timeout")
    return httpx.Timeout(seconds, connect=min(seconds, TIMEOUT.connect or seconds))
