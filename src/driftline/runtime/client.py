"""The client under the generated ones: a thin shell that does the I/O of a core."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar, Unpack

import httpx

from driftline.runtime.base_client import Shell, choose_open
from driftline.runtime.call_loop import (
    BrokenExchange,
    CallLoop,
    Outcome,
    ReceivedResponse,
    Send,
    Wait,
)
from driftline.runtime.core import read_open
from driftline.runtime.encode.values import ABSENT
from driftline.runtime.endpoint import Api, Endpoint
from driftline.runtime.errors import ApiError, ConfigurationError
from driftline.runtime.oauth import TokenGrant, TokenReply
from driftline.runtime.options import (
    Authorization,
    CallOptions,
    CallSettings,
    ClientOptions,
    Secret,
)
from driftline.runtime.pagination import FollowingPage, remember
from driftline.runtime.raw_response import RawResponse, Watch, watch, watch_call
from driftline.runtime.streaming import (
    BinaryResponse,
    Stream,
    StreamReader,
)
from driftline.runtime.telemetry.spans import observe_send
from driftline.runtime.transport.body_stream import BodyReader
from driftline.runtime.transport.deadline import bound_network_time
from driftline.runtime.transport.http_client import (
    build_sync_http,
    select_http_options,
    unwrap_transport_error,
)
from driftline.runtime.transport.other_library import adapt_client
from driftline.runtime.transport.pools import Pool

P = ParamSpec("P")
T = TypeVar("T")
_OPTIONS = ClientOptions.__required_keys__ | ClientOptions.__optional_keys__


class Client(Shell):
    """The base of generated clients. Use as a context manager, or call `close`.

    Threads may share one. Connections are opened by the first call, and again after a fork.
    """

    def __init__(
        self,
        api: Api,
        credentials: Mapping[str, Secret | Authorization | TokenGrant | None],
        **options: Unpack[ClientOptions],
    ) -> None:
        self._prepare(api, credentials, options, _OPTIONS)
        chosen = select_http_options(options)
        self._pool = Pool(lambda: build_sync_http(chosen), adapt_client(options.get("http_client")))

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
        """Close the connections; neither the client nor a copy of it can be used afterwards."""
        self._pool.close()

    def raw(self, method: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> RawResponse[T]:
        """Call a method of this client; return the HTTP response with the value read from it.

        For example `client.raw(client.call.list, limit=3).headers`.
        """
        with watch_call() as watched:
            value = method(*args, **kwargs)
        return watched.build_raw(value)

    @contextmanager
    def stream(
        self, method: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs
    ) -> Generator[httpx.Response, None, None]:
        """Call a method of this client, and return the response with its body unread.

        A status that is not a success is raised, as ever, and so is a response that breaks off; a
        deadline holds until the body begins. For example
        `with client.stream(client.call.list) as response: for chunk in response.iter_bytes(): …`
        """
        with watch_call(stream=True) as watched:
            method(*args, **kwargs)
        response = watched.get_response()
        try:
            yield response
        except httpx.HTTPError as error:
            raise watched.claim_error(error) from None
        finally:
            response.close()

    def request(
        self,
        operation: Endpoint | str,
        *,
        arguments: Mapping[str, Any] | None = None,
        body: Any = ABSENT,
        **options: Unpack[CallOptions],
    ) -> Any:
        """Call an operation, or the one of this ID, with arguments by their wire names.

        The typed methods do just this. Raises what `driftline.runtime.errors` lists.
        """
        found = self._core.find_operation(operation)
        return self._request_page(found, body, options, FollowingPage(arguments or {}))

    def _request_page(
        self, found: Endpoint, body: Any, options: CallOptions, asked: FollowingPage
    ) -> Any:
        core, watched = self._core, watch()
        settings = core.settings.override(options).add_fields(asked.fields)
        if found.is_stream and not (watched and watched.stream):
            return self._open_stream(found, asked.arguments, body, settings, watched)
        leaves_open = choose_open(watched)
        received = self._call(found, asked, body, settings, leaves_open=leaves_open)
        try:
            value = self._read_value(found, received, settings, watched)
        except ApiError:
            received.response.close()
            raise
        if isinstance(value, ReceivedResponse):

            def reconnect(headers: Mapping[str, str]) -> ReceivedResponse:
                resumed = settings.override({"extra_headers": headers})
                return self._call(found, asked, body, resumed, leaves_open=read_open)

            return BinaryResponse(core, found, settings, value, reconnect)
        if found.listing is None:
            return value

        def fetch(following: FollowingPage) -> Any:
            return self._request_page(found, body, options, following)

        return remember(value, core.build_origin(found, asked, received, fetch))

    def open_stream(
        self,
        operation: Endpoint | str,
        *,
        arguments: Mapping[str, Any] | None = None,
        body: Any = ABSENT,
        **options: Unpack[CallOptions],
    ) -> Stream[Any]:
        """Call an operation that responds with a stream, and return its items as they come.

        The typed methods do just this. Raises what `driftline.runtime.errors` lists.
        """
        core, watched = self._core, watch()
        found, settings = core.find_operation(operation), core.settings.override(options)
        stream: Stream[Any] = self._open_stream(found, arguments or {}, body, settings, watched)
        return stream

    def _open_stream(
        self,
        operation: Endpoint,
        arguments: Mapping[str, Any],
        body: Any,
        settings: CallSettings,
        watched: Watch | None,
    ) -> Any:
        arguments, body, settings = self._request_stream(operation, arguments, body, settings)

        def connect(headers: Mapping[str, str]) -> ReceivedResponse:
            resumed = settings.override({"extra_headers": headers} if headers else {})
            received = self._call(
                operation,
                FollowingPage(arguments),
                body,
                resumed,
                leaves_open=read_open,
                accept=operation.stream_accept,
            )
            try:
                self._core.require_stream(operation, received, settings)
            except ApiError:
                received.response.close()
                raise
            return received

        received = connect({})
        self._note_watched(operation, received, watched)
        if watched is not None and watched.stream:
            return None
        stream: Stream[Any] = Stream(
            StreamReader(self._core, operation, settings), received, connect
        )
        return stream

    def _call(
        self,
        operation: Endpoint,
        asked: FollowingPage,
        body: Any,
        settings: CallSettings,
        *,
        leaves_open: Callable[[httpx.Response], bool] | None,
        accept: str | None = None,
    ) -> ReceivedResponse:
        credentials, send = self._core.credentials, partial(self._request_token, settings)
        stale: Mapping[str, str] = {}
        while True:
            secrets = credentials.collect_secrets(operation, send, stale)
            exchange = self._core.build_exchange(
                operation,
                asked.arguments,
                body,
                settings,
                secrets=secrets,
                http=self._pool.given,
                accept=accept,
                leaves_open=leaves_open,
                url=asked.url,
            )
            received = self._carry_out(exchange)
            if received.status != 401 or stale or not exchange.can_resend():
                return received
            # The token was taken back, or ended before its time: once more, with another.
            stale = credentials.find_renewable(secrets)
            if not stale:
                return received
            received.response.close()

    def _request_token(self, settings: CallSettings, request: httpx.Request) -> TokenReply:
        received = self._carry_out(self._core.build_token_exchange(request, settings))
        return TokenReply(received.status, received.content)

    def _carry_out(self, exchange: CallLoop) -> ReceivedResponse:
        steps = exchange.iterate_steps()
        reply: Outcome | None = None
        try:
            while True:
                step = steps.send(reply)
                if isinstance(step, Wait):
                    exchange.retries.clock.sleep(step.seconds)
                    reply = None
                    continue
                with observe_send(exchange, step) as tell:
                    reply = self._send_in_time(exchange, step)
                    tell(reply)
        except StopIteration as done:
            received: ReceivedResponse = done.value
            return received

    def _send_in_time(self, exchange: CallLoop, step: Send) -> Outcome:
        ends = step.ends
        if ends is None:
            return self._send(exchange, step)
        with bound_network_time(lambda: ends - exchange.retries.clock.now()):
            return self._send(exchange, step)

    def _send(self, exchange: CallLoop, step: Send) -> Outcome:
        http = self._pool.get()
        try:
            response = http.send(step.request, stream=True, follow_redirects=False)
        except RuntimeError as error:  # it was closed
            raise ConfigurationError(str(error)) from None
        except Exception as error:
            return BrokenExchange(unwrap_transport_error(error))
        if exchange.leaves_open(response):
            return ReceivedResponse(response, b"", step.attempt, is_open=True)
        reader: BodyReader | None = None
        try:
            reader = BodyReader(response, exchange.max_response_size)
            stream: Any = response.stream
            for chunk in stream:
                reader.feed(chunk)
                if step.ends is not None:
                    exchange.check(step)
            return ReceivedResponse(response, reader.finish(), step.attempt)
        except httpx.HTTPError as error:
            content = reader.content if reader else b""
            return BrokenExchange(error, ReceivedResponse(response, content, step.attempt))
        finally:
            response.close()
