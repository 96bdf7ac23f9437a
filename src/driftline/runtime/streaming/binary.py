"""Binary responses: read at once, in chunks, or saved to a file."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import httpx

from driftline.runtime.call_loop import ReceivedResponse
from driftline.runtime.core import Core
from driftline.runtime.endpoint import Endpoint
from driftline.runtime.errors import ArgumentError
from driftline.runtime.options import CallSettings
from driftline.runtime.streaming.streams import ReceivedHead
from driftline.runtime.streaming.transfer import Transfer, open_whole, parse_filename
from driftline.runtime.transport.http_client import unwrap_transport_error
from driftline.runtime.transport.pools import AsyncClosing, Closing

_PIECE = 1024 * 1024
"""Bytes that an asynchronous client hands to a thread at once to be written."""


class _BinaryBody(ReceivedHead):
    """The metadata of a binary body before it is read."""

    def __init__(
        self,
        core: Core,
        operation: Endpoint,
        settings: CallSettings,
        received: ReceivedResponse,
        connect: Callable[[Mapping[str, str]], Any],
    ) -> None:
        self._connect = connect
        self._received, self._operation, self._settings = received, operation, settings
        self._latest_response = received
        self._start_transfer: Callable[[int | None], Transfer] = lambda max_size: Transfer(
            core, operation, settings, received, max_size
        )
        self._content: bytes | None = None if received.is_open else received.content
        self._is_begun = False

    @property
    def content_type(self) -> str:
        """The media type of the response; "" without one."""
        content_type: str = self.headers.get("Content-Type", "")
        return content_type

    @property
    def filename(self) -> str:
        """The filename in Content-Disposition, without a folder; `download` without one."""
        return parse_filename(self.headers.get("Content-Disposition", ""), self.content_type)

    @property
    def size(self) -> int | None:
        """The declared size in bytes; None without one."""
        if self._content is not None:
            return len(self._content)
        content_length = self.headers.get("Content-Length", "")
        is_plain = (
            "Content-Encoding" not in self.headers
            and content_length.isdecimal()
            and len(content_length) < 20
        )
        return int(content_length) if is_plain else None

    def _open(self, max_size: int | None) -> Transfer:
        if self._is_begun:
            raise ArgumentError(f"{self._operation.id}: the body has already been read")
        self._is_begun = True
        return self._start_transfer(max_size)

    def _choose_path(self, path: str | os.PathLike[str]) -> Path:
        target = Path(path)
        return target / self.filename if target.is_dir() else target


class BinaryResponse(Closing, _BinaryBody):
    """A binary response whose body is read on demand.

    Read it, save it, or use it as a context manager: it holds a connection until then.
    """

    def read(self) -> bytes:
        """Return the whole body, at most `max_response_size` bytes; repeatable."""
        if self._content is None:
            self._content = b"".join(self._receive(self._settings.max_response_size))
        return self._content

    def iter_bytes(self) -> Generator[bytes, None, None]:
        """Yield the body in chunks as they arrive. The total size is not limited."""
        return self._receive(None)

    def save(self, path: str | os.PathLike[str], *, max_size: int | None = None) -> Path:
        """Write the body to a file, completely or not at all, and return its path.

        In a folder, the server's filename is used. An existing file or symlink is replaced. Memory
        holds one chunk at a time.

        Raises:
            ResponseTooLarge: the body has more than `max_size` bytes.
            OSError: the file cannot be written.
        """
        target = self._choose_path(path)
        with open_whole(target) as file, closing(self._receive(max_size)) as pieces:
            file.writelines(pieces)
        return target

    def close(self) -> None:
        """Release the connection without reading the rest."""
        self._latest_response.response.close()

    def _receive(self, max_size: int | None) -> Generator[bytes, None, None]:
        if self._content is not None:
            yield self._content
            return
        transfer = self._open(max_size)
        try:
            while True:
                try:
                    stream: Any = self._latest_response.response.stream
                    for chunk in stream:
                        yield from transfer.feed(chunk)
                    yield transfer.finish()
                    return
                except httpx.HTTPError as error:
                    failure = error
                wait, headers = transfer.plan_resume(failure)
                self.close()
                self._settings.retries.clock.sleep(wait)
                self._latest_response = self._connect(headers)
                transfer.resume(self._latest_response)
        finally:
            self.close()


class AsyncBinaryResponse(AsyncClosing, _BinaryBody):
    """A binary response whose body is read on demand; see `BinaryResponse`."""

    async def read(self) -> bytes:
        """Return the whole body, at most `max_response_size` bytes; repeatable."""
        if self._content is None:
            max_size = self._settings.max_response_size
            self._content = b"".join([piece async for piece in self._receive(max_size)])
        return self._content

    def iter_bytes(self) -> AsyncGenerator[bytes, None]:
        """Yield the body in chunks as they arrive. The total size is not limited."""
        return self._receive(None)

    async def save(self, path: str | os.PathLike[str], *, max_size: int | None = None) -> Path:
        """Write the body to a file, completely or not at all; see `BinaryResponse.save`."""
        import anyio.to_thread  # noqa: PLC0415 - takes its time to import

        target, buffer = self._choose_path(path), bytearray()
        with open_whole(target) as file:
            async with aclosing(self._receive(max_size)) as pieces:
                async for piece in pieces:
                    buffer += piece
                    if len(buffer) >= _PIECE:
                        await anyio.to_thread.run_sync(file.write, bytes(buffer))
                        buffer.clear()
            file.write(buffer)
        return target

    async def aclose(self) -> None:
        """Release the connection without reading the rest."""
        await self._latest_response.response.aclose()

    async def _receive(self, max_size: int | None) -> AsyncGenerator[bytes, None]:
        if self._content is not None:
            yield self._content
            return
        transfer = self._open(max_size)
        try:
            while True:
                try:
                    stream: Any = self._latest_response.response.stream
                    async for chunk in stream:
                        for piece in transfer.feed(chunk):
                            yield piece
                    yield transfer.finish()
                    return
                except Exception as error:
                    failure = unwrap_transport_error(error)
                wait, headers = transfer.plan_resume(failure)
                await self.aclose()
                await self._settings.retries.clock.async_sleep(wait)
                self._latest_response = await self._connect(headers)
                transfer.resume(self._latest_response)
        finally:
            await self.aclose()
