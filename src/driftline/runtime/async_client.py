"""The asynchronous client under the generated ones: a thin shell that does the I/O of a core."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
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
    AnySecret,
    AsyncClientOptions,
    CallOptions,
    CallSettings,
)
from driftline.runtime.pagination import FollowingPage, remember
from driftline.runtime.raw_response import RawResponse, Watch, watch, watch_call
from driftline.runtime.streaming import (
    AsyncBinaryResponse,
    AsyncStream,
    StreamReader,
)
from driftline.runtime.telemetry.spans import observe_send
from driftline.runtime.transport.body_stream import BodyReader
from driftline.runtime.transport.http_client import (
    build_async_http,
    select_http_options,
    unwrap_transport_error,
)
from driftline.runtime.transport.other_library import adapt_async_client
from driftline.runtime.transport.pools import AsyncPool

P = ParamSpec("P")
T = TypeVar("T")
_BACKENDS = ("httpx", "aiohttp")
_OPTIONS = AsyncClientOptions.__required_keys__ | AsyncClientOptions.__optional_keys__


class AsyncClient(Shell):
    """The base of generated asynchronous clients. Use with `async with`, or call `aclose`.

    Connections are opened by the first call in an event loop, and again after a fork.
    """

    def __init__(
        self,
        api: Api,
        credentials: Mapping[str, AnySecret | TokenGrant | None],
        **options: Unpack[AsyncClientOptions],
    ) -> None:
        self._prepare(api, credentials, options, _OPTIONS)
        chosen, backend = select_http_options(options), options.get("backend", "httpx")
        if backend not in _BACKENDS:
            raise ConfigurationError(f"backend={backend!r}: expected one of {', '.join(_BACKENDS)}")
        self._pool = AsyncPool(
            lambda: build_async_http(backend, chosen),
            adapt_async_client(options.get("http_client")),
        )

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
        """Close the connections; neither the client nor a copy of it can be used afterwards."""
        await self._pool.aclose()

    async def raw(
        self, method: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> RawResponse[T]:
        """Call a method of this client; return the HTTP response with the value read from it."""
        with watch_call() as watched:
            value = await method(*args, **kwargs)
        return watched.build_raw(value)

    @asynccontextmanager
    async def stream(
        self, method: Callable[P, Awaitable[Any]], /, *args: P.args, **kwargs: P.kwargs
    ) -> AsyncGenerator[httpx.Response, None]:
        """Call a method of this client, and return the response with its body unread.

        A status that is not a success is raised, as ever.
        """
        with watch_call(stream=True) as watched:
            await method(*args, **kwargs)
        response = watched.get_response()
        try:
            yield response
        except httpx.HTTPError as error:
            raise watched.claim_error(error) from None
        finally:
            await response.aclose()

    async def request(
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
        return await self._request_page(found, body, options, FollowingPage(arguments or {}))

    async def _request_page(
        self, found: Endpoint, body: Any, options: CallOptions, asked: FollowingPage
    ) -> Any:
        core, watched = self._core, watch()
        settings = core.settings.override(options).add_fields(asked.fields)
        if found.is_stream and not (watched and watched.stream):
            return await self._open_stream(found, asked.arguments, body, settings, watched)
        leaves_open = choose_open(watched)
        received = await self._call(found, asked, body, settings, leaves_open=leaves_open)
        try:
            value = self._read_value(found, received, settings, watched)
        except ApiError:
            await received.response.aclose()
            raise
        if isinstance(value, ReceivedResponse):

            async def reconnect(headers: Mapping[str, str]) -> ReceivedResponse:
                resumed = settings.override({"extra_headers": headers})
                return await self._call(found, asked, body, resumed, leaves_open=read_open)

            return AsyncBinaryResponse(core, found, settings, value, reconnect)
        if found.listing is None:
            return value

        async def fetch(following: FollowingPage) -> Any:
            return await self._request_page(found, body, options, following)

        origin = core.build_origin(found, asked, received, fetch, asynchronous=True)
        return remember(value, origin)

    async def open_stream(
        self,
        operation: Endpoint | str,
        *,
        arguments: Mapping[str, Any] | None = None,
        body: Any = ABSENT,
        **options: Unpack[CallOptions],
    ) -> AsyncStream[Any]:
        """Call an operation that responds with a stream, and return its items as they come.

        The typed methods do just this. Raises what `driftline.runtime.errors` lists.
        """
        core, watched = self._core, watch()
        found, settings = core.find_operation(operation), core.settings.override(options)
        opened = await self._open_stream(found, arguments or {}, body, settings, watched)
        stream: AsyncStream[Any] = opened
        return stream

    async def _open_stream(
        self,
        operation: Endpoint,
        arguments: Mapping[str, Any],
        body: Any,
        settings: CallSettings,
        watched: Watch | None,
    ) -> Any:
        arguments, body, settings = self._request_stream(operation, arguments, body, settings)

        async def connect(headers: Mapping[str, str]) -> ReceivedResponse:
            resumed = settings.override({"extra_headers": headers} if headers else {})
            received = await self._call(
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
                await received.response.aclose()
                raise
            return received

        received = await connect({})
        self._note_watched(operation, received, watched)
        if watched is not None and watched.stream:
            return None
        stream: AsyncStream[Any] = AsyncStream(
            StreamReader(self._core, operation, settings), received, connect
        )
        return stream

    async def _call(
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
            secrets = await credentials.collect_secrets_async(operation, send, stale)
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
            received = await self._carry_out(exchange)
            if received.status != 401 or stale or not exchange.can_resend():
                return received
            # The token was taken back, or ended before its time: once more, with another.
            stale = credentials.find_renewable(secrets)
            if not stale:
                return received
            await received.response.aclose()

    async def _request_token(self, settings: CallSettings, request: httpx.Request) -> TokenReply:
        received = await self._carry_out(self._core.build_token_exchange(request, settings))
        return TokenReply(received.status, received.content)

    async def _carry_out(self, exchange: CallLoop) -> ReceivedResponse:
        steps = exchange.iterate_steps()
        reply: Outcome | None = None
        try:
            while True:
                step = steps.send(reply)
                if isinstance(step, Wait):
                    await exchange.retries.clock.async_sleep(step.seconds)
                    reply = None
                    continue
                with observe_send(exchange, step) as tell:
                    reply = await self._send_in_time(exchange, step)
                    tell(reply)
        except StopIteration as done:
            received: ReceivedResponse = done.value
            return received

    async def _send_in_time(self, exchange: CallLoop, step: Send) -> Outcome:
        if step.ends is None:
            return await self._send(exchange, step)
        import anyio  # noqa: PLC0415 - takes its time to import, and not every program is async

        with anyio.move_on_after(step.ends - exchange.retries.clock.now()):
            return await self._send(exchange, step)
        return BrokenExchange(httpx.ReadTimeout("cut off at the deadline", request=step.request))

    async def _send(self, exchange: CallLoop, step: Send) -> Outcome:
        http = await self._pool.get()
        try:
            response = await http.send(step.request, stream=True, follow_redirects=False)
        except RuntimeError as error:  # it was closed, or belongs to another event loop
            raise ConfigurationError(str(error)) from None
        except Exception as error:
            return BrokenExchange(unwrap_transport_error(error))
        if exchange.leaves_open(response):
            return ReceivedResponse(response, b"", step.attempt, is_open=True)
        reader: BodyReader | None = None
        try:
            reader = BodyReader(response, exchange.max_response_size)
            stream: Any = response.stream
            async for chunk in stream:
                reader.feed(chunk)
                if step.ends is not None:
                    exchange.check(step)
            return ReceivedResponse(response, reader.finish(), step.attempt)
        except Exception as error:
            content = reader.content if reader else b""
            return BrokenExchange(
                unwrap_transport_error(error), ReceivedResponse(response, content, step.attempt)
            )
        finally:
            await response.aclose()
