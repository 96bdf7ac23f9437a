"""The clients under the generated ones: two thin shells that do the I/O for one core."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar, Unpack

import httpx

from driftline.runtime.base_client import Shell
from driftline.runtime.call_loop import (
    BrokenExchange,
    CallLoop,
    Outcome,
    ReceivedResponse,
    Send,
    Wait,
)
from driftline.runtime.encode.values import ABSENT
from driftline.runtime.endpoint import Api, Endpoint
from driftline.runtime.errors import ConfigurationError
from driftline.runtime.options import (
    AnySecret,
    AsyncClientOptions,
    Authorization,
    CallOptions,
    ClientOptions,
    Secret,
)
from driftline.runtime.pagination import FollowingPage, remember
from driftline.runtime.raw_response import RawResponse, watch, watch_call
from driftline.runtime.telemetry.spans import observe_send
from driftline.runtime.transport.body_stream import BodyReader
from driftline.runtime.transport.deadline import bound_network_time
from driftline.runtime.transport.http_client import (
    build_async_http,
    build_sync_http,
    select_http_options,
    unwrap_transport_error,
)
from driftline.runtime.transport.pools import AsyncPool, Pool

__all__ = ["AsyncClient", "Client"]

P = ParamSpec("P")
T = TypeVar("T")
_BACKENDS = ("httpx", "aiohttp")
_OPTIONS = ClientOptions.__required_keys__ | ClientOptions.__optional_keys__
_ASYNC_OPTIONS = AsyncClientOptions.__required_keys__ | AsyncClientOptions.__optional_keys__


class Client(Shell):
    """The base of generated clients. Use as a context manager, or call `close`.

    Threads may share one. Connections are opened by the first call, and anew after a fork.
    """

    def __init__(
        self,
        api: Api,
        credentials: Mapping[str, Secret | Authorization | None],
        **options: Unpack[ClientOptions],
    ) -> None:
        self._prepare(api, credentials, options, _OPTIONS)
        chosen = select_http_options(options)
        self._pool = Pool(lambda: build_sync_http(chosen), options.get("http_client"))

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
        """Closes the connections; neither the client nor a copy of it can be used afterwards."""
        self._pool.close()

    def raw(self, method: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> RawResponse[T]:
        """Calls a method of this client, and gives the HTTP answer with what was read from it.

        For example `client.raw(client.call.list, limit=3).headers`.
        """
        with watch_call() as watched:
            value = method(*args, **kwargs)
        return watched.build_raw(value)

    @contextmanager
    def stream(
        self, method: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs
    ) -> Generator[httpx.Response, None, None]:
        """Calls a method of this client, and gives the answer with its body still to be read.

        A status that is no success is raised, as ever, and so is an answer that breaks off; a
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
        """Calls an operation, or the one of this ID, with arguments by their wire names.

        The typed methods do just this. Raises what `driftline.runtime.errors` lists.
        """
        found = self._core.find_operation(operation)
        return self._request_page(found, body, options, FollowingPage(arguments or {}))

    def _request_page(
        self, found: Endpoint, body: Any, options: CallOptions, asked: FollowingPage
    ) -> Any:
        core, watched = self._core, watch()
        settings = core.settings.override(options).add_fields(asked.fields)
        secrets = core.credentials.collect_secrets(found)
        http, streamed = self._pool.given, watched is not None and watched.stream
        exchange = core.build_exchange(
            *(found, asked.arguments, body, settings),
            secrets=secrets,
            http=http,
            streamed=streamed,
            url=asked.url,
        )
        received = self._carry_out(exchange)
        value = self._read_value(found, received, settings, watched)
        if found.listing is None:
            return value

        def fetch(following: FollowingPage) -> Any:
            return self._request_page(found, body, options, following)

        return remember(value, core.build_origin(found, asked, received, fetch))

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
        if exchange.streamed and response.is_success:
            return ReceivedResponse(response, b"", step.attempt)
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


class AsyncClient(Shell):
    """The base of generated asynchronous clients. Use with `async with`, or call `aclose`.

    Connections are opened by the first call in an event loop, and anew after a fork.
    """

    def __init__(
        self,
        api: Api,
        credentials: Mapping[str, AnySecret | None],
        **options: Unpack[AsyncClientOptions],
    ) -> None:
        self._prepare(api, credentials, options, _ASYNC_OPTIONS)
        chosen, backend = select_http_options(options), options.get("backend", "httpx")
        if backend not in _BACKENDS:
            raise ConfigurationError(f"backend={backend!r}: expected one of {', '.join(_BACKENDS)}")
        self._pool = AsyncPool(
            lambda: build_async_http(backend, chosen), options.get("http_client")
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
        """Closes the connections; neither the client nor a copy of it can be used afterwards."""
        await self._pool.aclose()

    async def raw(
        self, method: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> RawResponse[T]:
        """Calls a method of this client, and gives the HTTP answer with what was read from it."""
        with watch_call() as watched:
            value = await method(*args, **kwargs)
        return watched.build_raw(value)

    @asynccontextmanager
    async def stream(
        self, method: Callable[P, Awaitable[Any]], /, *args: P.args, **kwargs: P.kwargs
    ) -> AsyncGenerator[httpx.Response, None]:
        """Calls a method of this client, and gives the answer with its body still to be read.

        A status that is no success is raised, as ever.
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
        """Calls an operation, or the one of this ID, with arguments by their wire names.

        The typed methods do just this. Raises what `driftline.runtime.errors` lists.
        """
        found = self._core.find_operation(operation)
        return await self._request_page(found, body, options, FollowingPage(arguments or {}))

    async def _request_page(
        self, found: Endpoint, body: Any, options: CallOptions, asked: FollowingPage
    ) -> Any:
        core, watched = self._core, watch()
        settings = core.settings.override(options).add_fields(asked.fields)
        secrets = await core.credentials.collect_secrets_async(found)
        http, streamed = self._pool.given, watched is not None and watched.stream
        exchange = core.build_exchange(
            *(found, asked.arguments, body, settings),
            secrets=secrets,
            http=http,
            streamed=streamed,
            url=asked.url,
        )
        received = await self._carry_out(exchange)
        value = self._read_value(found, received, settings, watched)
        if found.listing is None:
            return value

        async def fetch(following: FollowingPage) -> Any:
            return await self._request_page(found, body, options, following)

        origin = core.build_origin(found, asked, received, fetch, asynchronous=True)
        return remember(value, origin)

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
        if exchange.streamed and response.is_success:
            return ReceivedResponse(response, b"", step.attempt)
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
