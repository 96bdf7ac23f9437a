"""Bodies of responses while they come: unpacked and counted chunk by chunk, without I/O."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import httpx

_CODINGS = {"gzip": 31, "x-gzip": 31, "deflate": zlib.MAX_WBITS}
# What is unpacked at once: 64 kB of a packed body may stand for 64 MB.
_STEP = 256 * 1024
_MOST_HEADERS = 1000


class BodyTooLarge(httpx.RequestError):
    """A body of more bytes than the client takes."""


class BodyUnpacker:
    """Undoes the content coding of one response, piece by piece."""

    __slots__ = ("_inflater", "_is_begun", "_request")

    def __init__(self, coding: str, request: httpx.Request) -> None:
        self._request, self._is_begun = request, False
        name = coding.strip().lower()
        if name not in _CODINGS:
            raise self._build_error(f"content coding {name[:40]!r}: expected gzip or deflate")
        self._inflater: Any = zlib.decompressobj(_CODINGS[name])

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what a chunk stands for, in pieces of a bounded size.

        Raises:
            httpx.DecodingError: it cannot be unpacked.
        """
        while chunk and not self._inflater.eof:
            yield self._inflate(chunk)
            chunk = self._inflater.unconsumed_tail

    def finish(self) -> bytes:
        """Return the last bytes; raises what `unpack` does, also for a body that breaks off."""
        rest: bytes = self._inflater.flush()
        if self._is_begun and not self._inflater.eof:
            raise self._build_error("the packed body breaks off")
        return rest

    def _inflate(self, chunk: bytes) -> bytes:
        is_begun, self._is_begun = self._is_begun, True
        try:
            unpacked: bytes = self._inflater.decompress(chunk, _STEP)
        except zlib.error as error:
            if is_begun:
                raise self._build_error(str(error)) from None
        else:
            return unpacked
        # Some servers send "deflate" without the header of zlib.
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            unpacked = self._inflater.decompress(chunk, _STEP)
        except zlib.error as error:
            raise self._build_error(str(error)) from None
        return unpacked

    def _build_error(self, what: str) -> httpx.DecodingError:
        return httpx.DecodingError(what, request=self._request)


def open_unpacker(response: httpx.Response) -> BodyUnpacker | None:
    """Return what unpacks the body of a response, or None if it is not packed.

    Raises:
        httpx.DecodingError: it is packed in another way than the client requested.
        httpx.RemoteProtocolError: it has too many headers.
    """
    headers = response.headers
    if len(headers) > _MOST_HEADERS:
        what = f"more than {_MOST_HEADERS} headers"
        raise httpx.RemoteProtocolError(what, request=response.request)
    if "Content-Encoding" not in headers:
        return None
    coding = headers["Content-Encoding"]
    if coding.strip().lower() in {"", "identity"}:
        return None
    return BodyUnpacker(coding, response.request)


class BodyReader:
    """Gathers the body of one response; `limit` bounds its bytes once it is unpacked."""

    __slots__ = ("_left", "_limit", "_request", "_unpacker", "chunks")

    def __init__(self, response: httpx.Response, limit: int | None) -> None:
        """Begin with the headers; raises what `open_unpacker` does."""
        self._request = response.request
        # Not what it says of its own length: a byte too many is noticed when it comes.
        self._limit = self._left = float("inf") if limit is None else limit
        self.chunks: list[bytes] = []
        self._unpacker = open_unpacker(response)

    def feed(self, chunk: bytes) -> None:
        """Take the next chunk.

        Raises:
            httpx.DecodingError: it cannot be unpacked.
            BodyTooLarge: there are more bytes than the limit.
        """
        if self._unpacker is None:
            self._add(chunk)
            return
        for piece in self._unpacker.unpack(chunk):
            self._add(piece)

    def finish(self) -> bytes:
        """Return the whole body; raises what `feed` does."""
        if self._unpacker is not None:
            self._add(self._unpacker.finish())
        return self.content

    @property
    def content(self) -> bytes:
        """The bytes that have come so far."""
        return self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)

    def _add(self, chunk: bytes) -> None:
        self._left -= len(chunk)
        if self._left < 0:
            raise BodyTooLarge(f"more than {self._limit} bytes", request=self._request)
        if chunk:
            self.chunks.append(chunk)
