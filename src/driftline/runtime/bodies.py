"""Bodies while they come: piece by piece, and looked after where time is short."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast

import httpx

__all__ = ["Checked", "async_pieces", "pieces"]


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


def pieces(response: httpx.Response) -> Iterator[bytes]:
    """The body, unpacked. One that is not packed comes straight from the connection."""
    if "Content-Encoding" in response.headers:
        return response.iter_bytes()
    return iter(cast("httpx.SyncByteStream", response.stream))


def async_pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """The same for an asynchronous answer."""
    if "Content-Encoding" in response.headers:
        return response.aiter_bytes()
    return aiter(cast("httpx.AsyncByteStream", response.stream))
