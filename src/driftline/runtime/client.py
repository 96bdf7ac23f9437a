"""The clients under the generated ones: two thin shells that do the I/O for one core."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar, Unpack

import anyio
import attrs
import httpx

from driftline.runtime.bodies import Checked
from driftline.runtime.core import Core
from driftline.runtime.errors import ConfigurationError
from driftline.runtime.exchange import Answer, Broken, Exchange, Outcome, Send, Wait
from driftline.runtime.operation import Api, Operation
from driftline.runtime.options import (
    AsyncClientOptions,
    AsyncSecret,
    CallOptions,
    ClientOptions,
    Overrides,
    Secret,
    Settings,
)
from driftline.runtime.pages import Origin, remember
from driftline.runtime.pools import AsyncPool, Pool, http_options
from driftline.runtime.raw import RawAnswer, watch, watching
from driftline.runtime.seeing import log_as_asked, seen
from driftline.runtime.values import ABSENT

__all__ = ["AsyncClient", "Client"]

P = ParamSpec("P")
T = TypeVar("T")
_OVERRIDES = frozenset(Overrides.__annotations__)
_OPTIONS = ClientOptions.__required_keys__ | ClientOptions.__optional_keys__
_ASYNC_OPTIONS = AsyncClientOptions.__required_keys__ | AsyncClientOptions.__optional_keys__


class _Shell:
    """What both kinds of client have in common."""

    _core: Core

    def _prepare(
        self,
        api: Api,
        credentials: Mapping[str, AsyncSecret | None],
        options: Mapping[str, Any],
        known: frozenset[str],
    ) -> None:
        log_as_asked()
        unknown = ", ".join(sorted(options.keys() - known))
        if unknown:
            raise ConfigurationError(f"{type(self).__name__} has no option {unknown}")
        chosen = {name: value for name, value in options.items() if name in _OVERRIDES}
        settings = Settings().override(chosen)
        self._core = Core.make(api, credentials, options.get("base_url"), settings)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._core.base_url)!r})"

    def with_options(self, **options: Unpack[Overrides]) -> Self:
        """A copy with other options, on the same connections; this client stays as it is."""
        other = object.__new__(type(self))
        # The resources, which know their client, are made anew.
        other.__dict__.update({n: v for n, v in self.__dict__.items() if n.startswith("_")})
        settings = self._core.settings.override(options)
        other._core = attrs.evolve(self._core, settings=settings)
        return other

    def _value(self, operation: Operation, answer: Answer, settings: Settings) -> Any:
        """What was read from the answer; nothing if somebody wants to read it himself."""
        watched = watch()
        if watched is not None:
            watched.answer = answer
            if watched.stream and answer.response.is_success:
                return None
        return self._core.read(operation, answer, settings)


class Client(_Shell):
    """The base of generated clients. Use as a context manager, or call `close`.

    Threads may share one. Connections are opened by the first call, and anew after a fork.
    """

    def __init__(
        self,
        api: Api,
        credentials: Mapping[str, Secret | None],
        **options: Unpack[ClientOptions],
    ) -> None:
        self._prepare(api, credentials, options, _OPTIONS)
        chosen = http_options(options)
        self._pool = Pool(lambda: httpx.Client(**chosen), options.get("http_client"))

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

    def raw(self, method: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> RawAnswer[T]:
        """Calls a method of this client, and gives the HTTP answer with what was read from it.

        For example `client.raw(client.call.list, limit=3).headers`.
        """
        with watching() as watched:
            value = method(*args, **kwargs)
        return watched.raw(value)

    @contextmanager
    def stream(
        self, method: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs
    ) -> Generator[httpx.Response, None, None]:
        """Calls a method of this client, and gives the answer with its body still to be read.

        A status that is no success is raised, as ever. For example
        `with client.stream(client.call.list) as response: for chunk in response.iter_bytes(): …`
        """
        with watching(stream=True) as watched:
            method(*args, **kwargs)
        response = watched.response()
        try:
            yield response
        finally:
            response.close()

    def request(
        self,
        operation: Operation | str,
        *,
        arguments: Mapping[str, Any] | None = None,
        body: Any = ABSENT,
        **options: Unpack[CallOptions],
    ) -> Any:
        """Calls an operation, or the one of this ID, with arguments by their wire names.

        The typed methods do just this. Raises what `driftline.runtime.errors` lists.
        """
        core, given = self._core, arguments or {}
        found, settings = core.operation(operation), core.settings.override(options)
        secrets = core.credentials.secrets(found)
        http = self._pool.given
        exchange = core.exchange(found, given, body, settings, secrets=secrets, http=http)
        page = self._value(found, self._carry_out(exchange), settings)

        def fetch(following: Mapping[str, Any]) -> Any:
            return self.request(found, arguments=following, body=body, **options)

        redact = core.credentials.redact
        remember(page, Origin(fetch, found, given, asynchronous=False, redact=redact))
        return page

    def _carry_out(self, exchange: Exchange) -> Answer:
        steps = exchange.steps()
        reply: Outcome | None = None
        try:
            while True:
                step = steps.send(reply)
                if isinstance(step, Wait):
                    exchange.retries.clock.sleep(step.seconds)
                    reply = None
                    continue
                with seen(exchange, step) as tell:
                    reply = self._send(exchange, step)
                    tell(reply)
        except StopIteration as done:
            answer: Answer = done.value
            return answer

    def _send(self, exchange: Exchange, step: Send) -> Outcome:
        http = self._pool.get()
        try:
            response = http.send(step.request, stream=True, follow_redirects=False)
        except httpx.HTTPError as error:
            return Broken(error)
        except (httpx.InvalidURL, UnicodeError) as error:
            return _misdirected(step, error)
        except RuntimeError as error:  # it was closed
            raise ConfigurationError(str(error)) from None
        if _is_streamed(response):
            return Answer(response, b"")
        if step.ends is not None:
            response.stream = Checked(response.stream, lambda: exchange.check(step))
        chunks: list[bytes] = []
        try:
            for chunk in response.iter_bytes():
                chunks.append(chunk)
        except httpx.HTTPError as error:
            return Broken(error, Answer(response, b"".join(chunks)))
        finally:
            response.close()
        return Answer(response, b"".join(chunks))


class AsyncClient(_Shell):
    """The base of generated asynchronous clients. Use with `async with`, or call `aclose`.

    Connections are opened by the first call in an event loop, and anew after a fork.
    """

    def __init__(
        self,
        api: Api,
        credentials: Mapping[str, AsyncSecret | None],
        **options: Unpack[AsyncClientOptions],
    ) -> None:
        self._prepare(api, credentials, options, _ASYNC_OPTIONS)
        chosen, backend = http_options(options), options.get("backend", "httpx")
        self._pool = AsyncPool(lambda: _async_http(backend, chosen), options.get("http_client"))

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
    ) -> RawAnswer[T]:
        """Calls a method of this client, and gives the HTTP answer with what was read from it."""
        with watching() as watched:
            value = await method(*args, **kwargs)
        return watched.raw(value)

    @asynccontextmanager
    async def stream(
        self, method: Callable[P, Awaitable[Any]], /, *args: P.args, **kwargs: P.kwargs
    ) -> AsyncGenerator[httpx.Response, None]:
        """Calls a method of this client, and gives the answer with its body still to be read.

        A status that is no success is raised, as ever.
        """
        with watching(stream=True) as watched:
            await method(*args, **kwargs)
        response = watched.response()
        try:
            yield response
        finally:
            await response.aclose()

    async def request(
        self,
        operation: Operation | str,
        *,
        arguments: Mapping[str, Any] | None = None,
        body: Any = ABSENT,
        **options: Unpack[CallOptions],
    ) -> Any:
        """Calls an operation, or the one of this ID, with arguments by their wire names.

        The typed methods do just this. Raises what `driftline.runtime.errors` lists.
        """
        core, given = self._core, arguments or {}
        found, settings = core.operation(operation), core.settings.override(options)
        secrets = await core.credentials.async_secrets(found)
        http = self._pool.given
        exchange = core.exchange(found, given, body, settings, secrets=secrets, http=http)
        page = self._value(found, await self._carry_out(exchange), settings)

        async def fetch(following: Mapping[str, Any]) -> Any:
            return await self.request(found, arguments=following, body=body, **options)

        redact = core.credentials.redact
        remember(page, Origin(fetch, found, given, asynchronous=True, redact=redact))
        return page

    async def _carry_out(self, exchange: Exchange) -> Answer:
        steps = exchange.steps()
        reply: Outcome | None = None
        try:
            while True:
                step = steps.send(reply)
                if isinstance(step, Wait):
                    await exchange.retries.clock.async_sleep(step.seconds)
                    reply = None
                    continue
                with seen(exchange, step) as tell:
                    reply = await self._send_in_time(exchange, step)
                    tell(reply)
        except StopIteration as done:
            answer: Answer = done.value
            return answer

    async def _send_in_time(self, exchange: Exchange, step: Send) -> Outcome:
        if step.ends is None:
            return await self._send(exchange, step)
        with anyio.move_on_after(step.ends - exchange.retries.clock.now()):
            return await self._send(exchange, step)
        return Broken(httpx.ReadTimeout("cut off at the deadline", request=step.request))

    async def _send(self, exchange: Exchange, step: Send) -> Outcome:
        http = self._pool.get()
        try:
            response = await http.send(step.request, stream=True, follow_redirects=False)
        except httpx.HTTPError as error:
            return Broken(error)
        except (httpx.InvalidURL, UnicodeError) as error:
            return _misdirected(step, error)
        except RuntimeError as error:  # it was closed, or belongs to another event loop
            raise ConfigurationError(str(error)) from None
        if _is_streamed(response):
            return Answer(response, b"")
        if step.ends is not None:
            response.stream = Checked(response.stream, lambda: exchange.check(step))
        chunks: list[bytes] = []
        try:
            async for chunk in response.aiter_bytes():
                chunks.append(chunk)
        except httpx.HTTPError as error:
            return Broken(error, Answer(response, b"".join(chunks)))
        finally:
            await response.aclose()
        return Answer(response, b"".join(chunks))


def _is_streamed(response: httpx.Response) -> bool:
    watched = watch()
    return watched is not None and watched.stream and response.is_success


def _misdirected(step: Send, error: Exception) -> Broken:
    """What httpx makes of a redirect to what is no URL: it looks there, followed or not."""
    what = f"redirected to what is no URL: {error}"
    return Broken(httpx.RemoteProtocolError(what, request=step.request))


def _async_http(backend: str, options: Mapping[str, Any]) -> httpx.AsyncClient:
    if backend == "aiohttp" and "transport" not in options:
        aiohttp: Any = import_module("httpx_aiohttp")  # an extra
        http: httpx.AsyncClient = aiohttp.HttpxAiohttpClient(**options)
        return http
    return httpx.AsyncClient(**options)
