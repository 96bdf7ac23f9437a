"""Bodies that are looked after while they come."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx

__all__ = ["Checked"]


class Checked(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body for which `check` is called after every piece, as it came from the network.

    A packed one may come in pieces for ever without a byte of what is in it.
    """

    def __init__(self, body: Any, check: Callable[[], None]) -> None:
        self._body, self._check = body, check

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._body:
            yield piece
            self._check()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._body:
            yield piece
            self._check()

    def close(self) -> None:
        self._body.close()

    async def aclose(self) -> None:
        await self._body.aclose()
