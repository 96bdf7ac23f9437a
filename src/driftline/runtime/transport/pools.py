"""The connections of a client, opened at first use.

A pool belongs to the process that opened it, and an async pool to its event loop: after a fork or
in another loop, the next call opens a new one.
"""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import AsyncGenerator, Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import attrs
import httpx

from driftline.faces import suggest_extra
from driftline.runtime.errors import ConfigurationError


class Closing:
    """A context manager that calls `close`."""

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class AsyncClosing:
    """An asynchronous context manager that calls `aclose`."""

    async def aclose(self) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


Http = TypeVar("Http")


class Pool:
    """One httpx.Client per process, or the one that you passed."""

    def __init__(self, make: Callable[[], httpx.Client], http_client: httpx.Client | None) -> None:
        self._build = make
        self.http_client: httpx.Client | None = http_client
        self._client_by_process: dict[int, httpx.Client] = {}
        self._closed = False

    def get(self) -> httpx.Client:
        """Return the client to send with.

        Raises:
            ConfigurationError: it was closed, or cannot be created.
        """
        if self._closed:
            raise ConfigurationError("the client is closed")
        if self.http_client is not None:
            return self.http_client
        process = os.getpid()
        client = self._client_by_process.get(process)
        if client is None:
            # Without a lock, which a fork could leave locked: if two threads race, one client is
            # discarded.
            new_client = _build_http(self._build)
            client = self._client_by_process.setdefault(process, new_client)
            if client is not new_client:
                new_client.close()
        return client

    def close(self) -> None:
        """Close the connections of this process."""
        self._closed = True
        client = self._client_by_process.pop(os.getpid(), None)
        if client is not None:
            client.close()


class AsyncPool:
    """One httpx.AsyncClient per event loop and process, or the one that you passed.

    It is closed with the client, or when its loop ends.
    """

    def __init__(
        self, make: Callable[[], httpx.AsyncClient], http_client: httpx.AsyncClient | None
    ) -> None:
        self._build = make
        self.http_client: httpx.AsyncClient | None = http_client
        # The clients of the process before a fork are kept alive, so that nothing closes them here.
        self._pools_by_process: dict[int, _ByLoop] = {}
        self._closed = False

    async def get(self) -> httpx.AsyncClient:
        """Return the client to send with; raises the errors of `Pool.get`."""
        if self._closed:
            raise ConfigurationError("the client is closed")
        if self.http_client is not None:
            return self.http_client
        by_loop, loop = self._get_current(), _get_loop()
        open_pool = by_loop.get(loop)
        if open_pool is None:
            http = _build_http(self._build)
            open_pool = by_loop[loop] = _OpenPool(http, _hold_until_closed(http, by_loop, loop))
            await anext(open_pool.lifetime)
        return open_pool.http

    async def aclose(self) -> None:
        """Close the connections of this loop; those of other loops end with them."""
        self._closed = True
        open_pool = self._get_current().get(_get_loop())
        if open_pool is not None:
            await open_pool.lifetime.aclose()

    def _get_current(self) -> _ByLoop:
        return self._pools_by_process.setdefault(os.getpid(), _ByLoop())


@attrs.frozen(eq=False)
class _OpenPool:
    """An httpx client with the function that closes it."""

    http: httpx.AsyncClient
    lifetime: AsyncGenerator[None, None]


_ByLoop = weakref.WeakKeyDictionary[Any, _OpenPool]


async def _hold_until_closed(
    http: httpx.AsyncClient, by_loop: _ByLoop, loop: Any
) -> AsyncGenerator[None, None]:
    """Close the connections at the end of the event loop, as one of its async generators."""
    try:
        yield
    finally:
        by_loop.pop(loop, None)
        await http.aclose()


class _NoLoop:
    """Stands for the event loop of a library other than asyncio and trio."""


_NO_LOOP = _NoLoop()


def _get_loop() -> Any:
    # A running loop of theirs implies that they are imported; they need not be imported here.
    asyncio: Any = sys.modules.get("asyncio")
    trio: Any = sys.modules.get("trio")
    try:
        return asyncio.get_running_loop() if asyncio else _NO_LOOP
    except RuntimeError:
        return trio.lowlevel.current_trio_token() if trio else _NO_LOOP


def _build_http(make: Callable[[], Http]) -> Http:
    """Return an httpx client; errors in its options become ConfigurationError."""
    try:
        return make()
    except ImportError as error:
        extras = {"h2": "http2", "httpx_aiohttp": "aiohttp"}
        extra = next((extras[name] for name in extras if name in str(error)), None)
        hint = suggest_extra(extra) if extra else str(error)
        raise ConfigurationError(f"a package is missing: {hint}") from None
    except (ValueError, TypeError, AttributeError, OSError, httpx.InvalidURL) as error:
        raise ConfigurationError(f"could not set up connections: {error}") from None
