"""The connections under a client: opened when they are first needed, by whoever needs them.

A pool belongs to the process that opened it, and an asynchronous one to its event loop: after a
fork, or in another loop, the next call opens one of its own.
"""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx

from driftline.runtime.errors import ConfigurationError

__all__ = ["AsyncPool", "Pool", "http_options"]

Http = TypeVar("Http")


class Pool:
    """One httpx.Client for each process, or the one that was given."""

    def __init__(self, make: Callable[[], httpx.Client], given: httpx.Client | None) -> None:
        self._make, self.given = make, given
        self._by_process: dict[int, httpx.Client] = {}
        self._closed = False

    def get(self) -> httpx.Client:
        """The client to send with.

        Raises:
            ConfigurationError: it was closed, or cannot be made.
        """
        if self._closed:
            raise ConfigurationError("this client was closed")
        if self.given is not None:
            return self.given
        process = os.getpid()
        found = self._by_process.get(process)
        if found is None:
            # No lock, which a fork could leave locked for ever: of two threads, one is too late.
            made = _built(self._make)
            found = self._by_process.setdefault(process, made)
            if found is not made:
                made.close()
        return found

    def close(self) -> None:
        """Closes the connections of this process."""
        self._closed = True
        found = self._by_process.pop(os.getpid(), None)
        if found is not None:
            found.close()


_ByLoop = weakref.WeakKeyDictionary[Any, httpx.AsyncClient]


class AsyncPool:
    """One httpx.AsyncClient for each event loop of each process, or the one that was given."""

    def __init__(
        self, make: Callable[[], httpx.AsyncClient], given: httpx.AsyncClient | None
    ) -> None:
        self._make, self.given = make, given
        self._process = os.getpid()
        self._by_loop = _ByLoop()
        self._closed = False

    def get(self) -> httpx.AsyncClient:
        """The client to send with; raises what `Pool.get` does."""
        if self._closed:
            raise ConfigurationError("this client was closed")
        if self.given is not None:
            return self.given
        if self._process != os.getpid():
            self._process, self._by_loop = os.getpid(), _ByLoop()
        loop = _loop()
        found = self._by_loop.get(loop)
        if found is None:
            found = self._by_loop[loop] = _built(self._make)
        return found

    async def aclose(self) -> None:
        """Closes the connections of this loop; those of others end with theirs."""
        self._closed = True
        found = self._by_loop.pop(_loop(), None)
        if found is not None:
            await found.aclose()


class _NoLoop:
    """Stands for the loop of a library that is not asyncio."""


_NO_LOOP = _NoLoop()


def _loop() -> Any:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return _NO_LOOP


def _built(make: Callable[[], Http]) -> Http:
    """Makes an httpx client; what is wrong with its options is said in our words."""
    try:
        return make()
    except ImportError as error:
        raise ConfigurationError(f"{error} (see the extras of driftline)") from None
    except (ValueError, TypeError, OSError, httpx.InvalidURL) as error:
        raise ConfigurationError(f"no connections can be opened like this: {error}") from None


def http_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a client's options that httpx takes."""
    names = ("transport", "proxy", "verify", "http2", "limits", "event_hooks")
    return {name: options[name] for name in names if name in options}
