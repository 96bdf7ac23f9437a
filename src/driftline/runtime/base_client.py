"""The shared part of the sync and the async client."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias, TypeVar, Unpack

import attrs
import httpx

from driftline.runtime.call_loop import CallLoop, ReceivedResponse, Send, Wait
from driftline.runtime.core import Core, read_open, read_whole
from driftline.runtime.encode import Fields
from driftline.runtime.endpoint import Api, Endpoint
from driftline.runtime.errors import ApiError, ConfigurationError
from driftline.runtime.options import AnySecret, CallOptions, CallSettings, Overrides
from driftline.runtime.paging.pages import FollowingPage, remember
from driftline.runtime.raw_response import ResponseRecorder, watch
from driftline.runtime.retries import Clock
from driftline.runtime.streaming import StreamReader
from driftline.runtime.telemetry.spans import configure_logging, observe_send

if TYPE_CHECKING:
    from driftline.runtime.auth.oauth import TokenGrant, TokenReply

T = TypeVar("T")
Steps: TypeAlias = Generator[Any, Any, T]
"""The waits of a call in order, and its result."""
_OVERRIDES = frozenset(Overrides.__annotations__)


class BaseClient:
    """Configuration and decoding shared by the sync and async clients."""

    _core: Core
    _http_client: Any  # what client code passed as `http_client`
    _is_asynchronous: ClassVar[bool]
    _binary_type: ClassVar[type[Any]]
    _stream_type: ClassVar[type[Any]]

    def _prepare(
        self,
        api: Api,
        credentials: Mapping[str, AnySecret | TokenGrant | None],
        options: Mapping[str, Any],
        known_options: frozenset[str],
    ) -> None:
        configure_logging()
        unknown = options.keys() - known_options
        if unknown:
            raise ConfigurationError(_describe_unknown(type(self).__name__, api, unknown))
        overrides = {name: value for name, value in options.items() if name in _OVERRIDES}
        settings = CallSettings().override(overrides)
        self._core = Core.make(api, credentials, options, settings)

    def __repr__(self) -> str:
        url = httpx.URL(self._core.servers.base_url).copy_with(userinfo=b"")
        return f"{type(self).__name__}({str(url)!r})"

    def with_options(self, **options: Unpack[Overrides]) -> Self:
        """Return a copy with other options on the same connections; this client is unchanged."""
        clone = object.__new__(type(self))
        # The resources hold a reference to their client, so they are created again.
        clone.__dict__.update({n: v for n, v in self.__dict__.items() if n.startswith("_")})
        settings = self._core.settings.override(options)
        clone._core = attrs.evolve(self._core, settings=settings)
        return clone

    def _request_stream(
        self, operation: Endpoint, arguments: Mapping[str, Any], body: Any, settings: CallSettings
    ) -> tuple[Mapping[str, Any], Any, CallSettings]:
        """Return arguments, body and settings with the flag that requests a stream."""
        flag = operation.stream_flag
        if flag is None:
            return arguments, body, settings
        if flag in operation.arguments:
            return {**arguments, flag: True}, body, settings
        if isinstance(body, Fields):
            return arguments, Fields({**body, flag: True}), settings
        return arguments, body, settings.override({"extra_body": {**settings.body, flag: True}})

    # Both clients share these generators, although their I/O differs: a generator yields what it
    # waits for, and `_drive` sends back the result. The sync client has the result at once.

    def _plan_page(
        self, endpoint: Endpoint, body: Any, options: CallOptions, page: FollowingPage
    ) -> Steps[Any]:
        """Call an operation and return its value; a page can fetch the next one."""
        core, watched = self._core, watch()
        settings = core.settings.override(options).add_fields(page.fields)
        if endpoint.is_stream and not (watched and watched.stream):
            return (yield from self._plan_stream(endpoint, page.arguments, body, settings, watched))
        leaves_open = _choose_open(watched)
        received = yield from self._plan_call(
            endpoint, page, body, settings, leaves_open=leaves_open
        )
        try:
            value = self._read_value(endpoint, received, settings, watched)
        except ApiError:
            yield self._close_response(received)
            raise
        if isinstance(value, ReceivedResponse):

            def reconnect(headers: Mapping[str, str]) -> Any:
                resumed = settings.override({"extra_headers": headers})
                call = self._plan_call(endpoint, page, body, resumed, leaves_open=read_open)
                return self._drive(call)

            return self._binary_type(core, endpoint, settings, value, reconnect)
        if endpoint.listing is None:
            return value

        def fetch(next_page: FollowingPage) -> Any:
            return self._drive(self._plan_page(endpoint, body, options, next_page))

        asynchronous = self._is_asynchronous
        origin = core.build_origin(endpoint, page, received, fetch, asynchronous=asynchronous)
        return remember(value, origin)

    def _plan_stream(
        self,
        operation: Endpoint,
        arguments: Mapping[str, Any],
        body: Any,
        settings: CallSettings,
        watched: ResponseRecorder | None,
    ) -> Steps[Any]:
        """Open a stream; return None if client code reads the response itself."""
        stream_arguments, body, settings = self._request_stream(
            operation, arguments, body, settings
        )
        page = FollowingPage(stream_arguments)

        def connect(headers: Mapping[str, str]) -> Any:
            resumed = settings.override({"extra_headers": headers} if headers else {})
            return self._drive(self._plan_connection(operation, page, body, resumed))

        received = yield connect({})
        self._note_watched(operation, received, watched)
        if watched is not None and watched.stream:
            return None
        return self._stream_type(StreamReader(self._core, operation, settings), received, connect)

    def _plan_connection(
        self, operation: Endpoint, page: FollowingPage, body: Any, settings: CallSettings
    ) -> Steps[ReceivedResponse]:
        accept = operation.stream_accept
        received = yield from self._plan_call(
            operation, page, body, settings, leaves_open=read_open, accept=accept
        )
        try:
            self._core.require_stream(operation, received, settings)
        except ApiError:
            yield self._close_response(received)
            raise
        return received

    def _plan_call(
        self,
        operation: Endpoint,
        page: FollowingPage,
        body: Any,
        settings: CallSettings,
        *,
        leaves_open: Callable[[httpx.Response], bool] | None,
        accept: str | None = None,
    ) -> Steps[ReceivedResponse]:
        """Send a request until a response arrives, with a new token if one was rejected."""
        send = partial(self._request_token, settings)
        stale: Mapping[str, str] = {}
        while True:
            secrets = yield self._collect_secrets(operation, send, stale)
            exchange = self._core.build_exchange(
                operation,
                page.arguments,
                body,
                settings,
                secrets=secrets,
                http=self._http_client,
                accept=accept,
                leaves_open=leaves_open,
                url=page.url,
            )
            received = yield from self._plan_exchange(exchange)
            if received.status != 401 or stale or not exchange.can_resend():
                return received
            # The token was revoked or expired early: try once more with a new one.
            stale = self._core.credentials.find_renewable(secrets)
            if not stale:
                return received
            yield self._close_response(received)

    def _request_token(self, settings: CallSettings, request: httpx.Request) -> Any:
        return self._drive(self._plan_token(settings, request))

    def _plan_token(self, settings: CallSettings, request: httpx.Request) -> Steps[TokenReply]:
        from driftline.runtime.auth.oauth import TokenReply  # noqa: PLC0415

        exchange = self._core.build_token_exchange(request, settings)
        received = yield from self._plan_exchange(exchange)
        return TokenReply(received.status, received.content)

    def _plan_exchange(self, exchange: CallLoop) -> Steps[ReceivedResponse]:
        steps = exchange.iterate_steps()
        reply: Any = None
        try:
            while True:
                step = steps.send(reply)
                if isinstance(step, Wait):
                    yield self._sleep(exchange.retries.clock, step.seconds)
                    reply = None
                    continue
                with observe_send(exchange, step) as report:
                    reply = yield self._send_in_time(exchange, step)
                    report(reply)
        except StopIteration as stop:
            received: ReceivedResponse = stop.value
            return received

    # These differ between the clients: each returns its result, or an awaitable in the async
    # client.

    def _drive(self, steps: Steps[Any]) -> Any:
        raise NotImplementedError

    def _send_in_time(self, exchange: CallLoop, step: Send) -> Any:
        raise NotImplementedError

    def _collect_secrets(self, *arguments: Any) -> Any:
        raise NotImplementedError

    def _close_response(self, received: ReceivedResponse) -> Any:
        raise NotImplementedError

    def _sleep(self, clock: Clock, seconds: float) -> Any:
        raise NotImplementedError

    def _read_value(
        self,
        operation: Endpoint,
        received: ReceivedResponse,
        settings: CallSettings,
        watched: ResponseRecorder | None,
    ) -> Any:
        """Return the decoded response; None if client code reads the response itself.

        Raises the errors of `Core.read`.
        """
        self._note_watched(operation, received, watched)
        if watched is not None and watched.stream and received.response.is_success:
            return None
        return self._core.read(operation, received, settings)

    def _note_watched(
        self, operation: Endpoint, received: ReceivedResponse, watched: ResponseRecorder | None
    ) -> None:
        if watched is not None:
            watched.response = received
            watched.failure = lambda broken_exchange: self._core.errors.build_failure(
                operation, broken_exchange
            )


def _choose_open(watched: ResponseRecorder | None) -> Callable[[httpx.Response], bool] | None:
    """Return the predicate for bodies left unread; None for the operation's own choice."""
    if watched is None:
        return None
    return read_open if watched.stream else read_whole


def _describe_unknown(client: str, api: Api, names: Collection[str]) -> str:
    """Describe the unknown options; mutual TLS has an option of its own."""
    message = f"unknown option of {client}: {', '.join(sorted(names))}"
    schemes = {credential.name for credential in api.credentials if credential.kind == "mutualTLS"}
    return f"{message}\nfor mutual TLS pass cert=…" if schemes.intersection(names) else message
