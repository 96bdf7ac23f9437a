"""The async base client: a thin shell that does the I/O for a core."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, Unpack

import httpx

from driftline.runtime.base_client import BaseClient, Steps
from driftline.runtime.call_loop import (
    BrokenExchange,
    CallLoop,
    Outcome,
    ReceivedResponse,
    Send,
)
from driftline.runtime.encode.values import ABSENT
from driftline.runtime.endpoint import Api, Endpoint
from driftline.runtime.errors import ApiError, ConfigurationError
from driftline.runtime.options import (
    AnySecret,
    AsyncClientOptions,
    CallOptions,
)
from driftline.runtime.paging.pages import FollowingPage
from driftline.runtime.raw_response import RawResponse, watch, watch_call
from driftline.runtime.retries import Clock
from driftline.runtime.streaming import (
    AsyncBinaryResponse,
    AsyncStream,
)
from driftline.runtime.transport.body_stream import BodyReader
from driftline.runtime.transport.http_client import (
    build_async_http,
    select_http_options,
    unwrap_transport_error,
)
from driftline.runtime.transport.other_library import adapt_async_client
from driftline.runtime.transport.pools import AsyncClosing, AsyncPool

if TYPE_CHECKING:
    from driftline.runtime.auth.oauth import TokenGrant

P = ParamSpec("P")
T = TypeVar("T")
_BACKENDS = ("httpx", "aiohttp")
_OPTIONS = AsyncClientOptions.__required_keys__ | AsyncClientOptions.__optional_keys__


class AsyncClient(AsyncClosing, BaseClient):
    """The base class of generated async clients. Use with `async with`, or call `aclose`.

    Connections are opened by the first call in an event loop, and again after a fork.
    """

    _is_asynchronous = True
    _binary_type = AsyncBinaryResponse
    _stream_type = AsyncStream

    def __init__(
        self,
        api: Api,
        credentials: Mapping[str, AnySecret | TokenGrant | None],
        **options: Unpack[AsyncClientOptions],
    ) -> None:
        self._prepare(api, credentials, options, _OPTIONS)
        http_options, backend = select_http_options(options), options.get("backend", "httpx")
        if backend not in _BACKENDS:
            raise ConfigurationError(f"backend={backend!r}: expected one of {', '.join(_BACKENDS)}")
        self._pool = AsyncPool(
            lambda: build_async_http(backend, http_options),
            adapt_async_client(options.get("http_client")),
        )
        self._http_client = self._pool.http_client

    async def aclose(self) -> None:
        """Close the connections. Neither the client nor a copy can be used afterwards."""
        await self._pool.aclose()

    async def raw(
        self, method: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> RawResponse[T]:
        """Call a method of this client and return the HTTP response with its decoded value."""
        with watch_call() as watched:
            value = await method(*args, **kwargs)
        return watched.build_raw(value)

    @asynccontextmanager
    async def stream(
        self, method: Callable[P, Awaitable[Any]], /, *args: P.args, **kwargs: P.kwargs
    ) -> AsyncGenerator[httpx.Response, None]:
        """Call a method of this client and return the response with its body unread.

        Raises StatusError if the status is not a success.
        """
        with watch_call(stream=True) as watched:
            await method(*args, **kwargs)
        response = watched.get_response()
        try:
            yield response
        except httpx.HTTPError as error:
            raise watched.identify_error(error) from None
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
        """Call an operation, given by object or ID, with arguments by their wire names.

        The typed methods call this. Raises the errors of `driftline.runtime.errors`.
        """
        endpoint = self._core.find_operation(operation)
        page = FollowingPage(arguments or {})
        return await self._drive(self._plan_page(endpoint, body, options, page))

    async def open_stream(
        self,
        operation: Endpoint | str,
        *,
        arguments: Mapping[str, Any] | None = None,
        body: Any = ABSENT,
        **options: Unpack[CallOptions],
    ) -> AsyncStream[Any]:
        """Call an operation that responds with a stream, and return its items as they arrive.

        The typed methods call this. Raises the errors of `driftline.runtime.errors`.
        """
        core, watched = self._core, watch()
        endpoint, settings = core.find_operation(operation), core.settings.override(options)
        steps = self._plan_stream(endpoint, arguments or {}, body, settings, watched)
        stream: AsyncStream[Any] = await self._drive(steps)
        return stream

    async def _drive(self, steps: Steps[T]) -> T:
        reply: Any = None
        error: BaseException | None = None
        while True:
            try:
                awaitable = steps.send(reply) if error is None else steps.throw(error)
            except StopIteration as stop:
                result: T = stop.value
                return result
            except ApiError as failure:
                reply = error = None  # see the sync client
                raise failure.with_traceback(None) from failure.__cause__
            try:
                reply, error = await awaitable, None
            except BaseException as exception:
                error = exception

    def _collect_secrets(self, *arguments: Any) -> Any:
        return self._core.credentials.collect_secrets_async(*arguments)

    def _close_response(self, received: ReceivedResponse) -> Any:
        return received.response.aclose()

    def _sleep(self, clock: Clock, seconds: float) -> Any:
        return clock.async_sleep(seconds)

    async def _send_in_time(self, exchange: CallLoop, step: Send) -> Outcome:
        if step.deadline is None:
            return await self._send(exchange, step)
        import anyio  # noqa: PLC0415 - takes its time to import, and not every program is async

        with anyio.move_on_after(step.deadline - exchange.retries.clock.now()):
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
                if step.deadline is not None:
                    exchange.check(step)
            return ReceivedResponse(response, reader.finish(), step.attempt)
        except Exception as error:
            content = reader.content if reader else b""
            return BrokenExchange(
                unwrap_transport_error(error), ReceivedResponse(response, content, step.attempt)
            )
        finally:
            await response.aclose()
