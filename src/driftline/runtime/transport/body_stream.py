"""Response bodies as they arrive: decompressed and counted chunk by chunk, without I/O."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import httpx

_CODINGS = {"gzip": 31, "x-gzip": 31, "deflate": zlib.MAX_WBITS}
# The amount to decompress at once: 64 kB may expand to 64 MB.
_STEP = 256 * 1024
_MOST_HEADERS = 1000


class BodyTooLarge(httpx.RequestError):
    """The body has more bytes than the client accepts."""


class BodyUnpacker:
    """Decompresses one response, chunk by chunk."""

    __slots__ = ("_inflater", "_is_begun", "_may_be_raw", "_request")

    def __init__(self, coding: str, request: httpx.Request) -> None:
        self._request, self._is_begun = request, False
        name = coding.strip().lower()
        if name not in _CODINGS:
            raise self._build_error(f"content coding {name[:40]!r}: expected gzip or deflate")
        self._inflater: Any = zlib.decompressobj(_CODINGS[name])
        # Some servers send "deflate" without the header of zlib.
        self._may_be_raw = name == "deflate"

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the decompressed bytes of a chunk, in pieces of a limited size.

        Raises:
            httpx.DecodingError: the chunk cannot be decompressed.
        """
        while chunk and not self._inflater.eof:
            yield self._inflate(chunk)
            chunk = self._inflater.unconsumed_tail

    def finish(self) -> bytes:
        """Return the last bytes; raises the errors of `unpack`, also for an incomplete body."""
        rest: bytes = self._inflater.flush()
        if self._is_begun and not self._inflater.eof:
            raise self._build_error("the compressed body is truncated")
        return rest

    def _inflate(self, chunk: bytes) -> bytes:
        self._is_begun = True
        may_be_raw, self._may_be_raw = self._may_be_raw, False
        try:
            unpacked: bytes = self._inflater.decompress(chunk, _STEP)
        except zlib.error as error:
            if not may_be_raw:
                raise self._build_error(str(error)) from None
        else:
            return unpacked
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            unpacked = self._inflater.decompress(chunk, _STEP)
        except zlib.error as error:
            raise self._build_error(str(error)) from None
        return unpacked

    def _build_error(self, message: str) -> httpx.DecodingError:
        return httpx.DecodingError(message, request=self._request)


def open_unpacker(response: httpx.Response) -> BodyUnpacker | None:
    """Return the unpacker of a response, or None if it is not compressed.

    Raises:
        httpx.DecodingError: the content coding is one that the client did not request.
        httpx.RemoteProtocolError: the response has too many headers.
    """
    headers = response.headers
    if len(headers) > _MOST_HEADERS:
        message = f"more than {_MOST_HEADERS} headers"
        raise httpx.RemoteProtocolError(message, request=response.request)
    if "Content-Encoding" not in headers:
        return None
    coding = headers["Content-Encoding"]
    if coding.strip().lower() in {"", "identity"}:
        return None
    return BodyUnpacker(coding, response.request)


class BodyReader:
    """Collects the body of one response; `limit` is its maximum decompressed size in bytes."""

    __slots__ = ("_bytes_left", "_limit", "_request", "_unpacker", "chunks")

    def __init__(self, response: httpx.Response, limit: int | None) -> None:
        """Begin with the headers; raises the errors of `open_unpacker`."""
        self._request = response.request
        # Not the declared length: an extra byte is noticed when it arrives.
        self._limit = self._bytes_left = float("inf") if limit is None else limit
        self.chunks: list[bytes] = []
        self._unpacker = open_unpacker(response)

    def feed(self, chunk: bytes) -> None:
        """Add the next chunk.

        Raises:
            httpx.DecodingError: the chunk cannot be decompressed.
            BodyTooLarge: the body exceeds the limit.
        """
        if self._unpacker is None:
            self._add(chunk)
            return
        for piece in self._unpacker.unpack(chunk):
            self._add(piece)

    def finish(self) -> bytes:
        """Return the whole body; raises the errors of `feed`."""
        if self._unpacker is not None:
            self._add(self._unpacker.finish())
        return self.content

    @property
    def content(self) -> bytes:
        """The bytes received so far."""
        return self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)

    def _add(self, chunk: bytes) -> None:
        self._bytes_left -= len(chunk)
        if self._bytes_left < 0:
            raise BodyTooLarge(f"more than {self._limit} bytes", request=self._request)
        if chunk:
            self.chunks.append(chunk)
