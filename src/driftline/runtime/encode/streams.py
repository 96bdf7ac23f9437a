"""Bodies that are sent unchanged: bytes, text, paths, files and iterators.

All but bytes and text are streamed, and never held in memory as a whole.
"""

from __future__ import annotations

import io
import os
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import httpx

from driftline.runtime.errors import ArgumentError
from driftline.runtime.json_types import is_bytes, is_mapping, is_path

_CHUNK = 256 * 1024


class BodyStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that is read while it is sent.

    `length` is None if it is not known in advance. `can_resend` is false once the source was
    started and cannot be rewound.
    """

    def __init__(
        self,
        chunks: Callable[[], Iterable[Any]] | None = None,
        async_chunks: Callable[[], AsyncIterable[Any]] | None = None,
        *,
        length: int | None = None,
        is_repeatable: bool = False,
    ) -> None:
        self._chunks, self._async_chunks = chunks, async_chunks
        self._is_repeatable, self._is_started = is_repeatable, False
        self.length = length

    @property
    def can_resend(self) -> bool:
        return self._is_repeatable or not self._is_started

    def __iter__(self) -> Iterator[bytes]:
        if self._chunks is None:
            raise ArgumentError("only the asynchronous client can send an asynchronous iterator")
        self._is_started = True
        for chunk in self._chunks():
            yield _to_bytes(chunk)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._async_chunks is None:
            for chunk in self:
                yield chunk
            return
        self._is_started = True
        async for chunk in self._async_chunks():
            yield _to_bytes(chunk)


class PathReader:
    """A file for httpx that is opened when it is read, and closed at its end."""

    def __init__(self, path: os.PathLike[str]) -> None:
        self._path = Path(path)
        self._size = self._path.stat().st_size
        self._offset = 0
        self._file: IO[bytes] | None = None

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._offset = offset + (self._size if whence == os.SEEK_END else 0)
        if self._file is not None:
            self._file.seek(self._offset)
        return self._offset

    def tell(self) -> int:
        return self._offset

    def read(self, size: int = -1) -> bytes:
        if self._file is None:
            self._file = self._path.open("rb")
            self._file.seek(self._offset)
        chunk = self._file.read(size)
        self._offset += len(chunk)
        if not chunk:
            self._file.close()
            self._file = None
        return chunk


def open_stream(value: Any) -> BodyStream:
    """Return the stream of a path, an open file, or a sync or async iterator.

    Raises:
        ArgumentError: the value is none of these, or the file does not exist.
    """
    if is_path(value):
        return _open_path(Path(value))
    if hasattr(value, "read"):
        return _open_file(value)
    if hasattr(value, "__aiter__"):
        is_repeatable = not isinstance(value, AsyncIterator)
        return BodyStream(None, lambda: value, is_repeatable=is_repeatable)
    if hasattr(value, "__iter__") and not is_mapping(value):
        return BodyStream(lambda: value, is_repeatable=not isinstance(value, Iterator))
    raise ArgumentError(f"{type(value).__name__} cannot be sent as bytes")


def _open_path(path: Path) -> BodyStream:
    try:
        size = path.stat().st_size
        path.open("rb").close()
    except OSError as error:
        raise ArgumentError(f"{str(path)!r} cannot be read: {error.strerror}") from None

    def read_chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            yield from _read_chunks(file)

    return BodyStream(read_chunks, length=size, is_repeatable=True)


def _open_file(file: Any) -> BodyStream:
    """Return the stream of an open file from its current position."""
    try:
        start = file.tell() if file.seekable() else None
        end = None if start is None else file.seek(0, os.SEEK_END)
        if start is not None:
            file.seek(start)
    except (AttributeError, OSError):
        start = end = None
    is_text = isinstance(file, io.TextIOBase)
    length = None if is_text or start is None or end is None else end - start

    def read_chunks() -> Iterator[Any]:
        if start is not None:
            file.seek(start)
        yield from _read_chunks(file)

    return BodyStream(read_chunks, length=length, is_repeatable=start is not None)


def _read_chunks(file: Any) -> Iterator[Any]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _to_bytes(chunk: Any) -> bytes:
    if isinstance(chunk, str):
        return chunk.encode()
    if is_bytes(chunk):
        return bytes(chunk)
    raise ArgumentError(f"the stream returned {type(chunk).__name__} instead of bytes")
