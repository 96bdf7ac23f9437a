"""Bodies of responses while they come: unpacked and counted chunk by chunk, without I/O."""

from __future__ import annotations

import zlib
from typing import Any

import httpx

__all__ = ["BodyReader", "BodyTooLarge"]

_CODINGS = {"gzip": 31, "x-gzip": 31, "deflate": zlib.MAX_WBITS}
# What is unpacked at once: 64 kB of a packed body may stand for 64 MB.
_STEP = 256 * 1024
_MOST_HEADERS = 1000


class BodyTooLarge(httpx.RequestError):
    """A body of more bytes than the client takes."""


class BodyReader:
    """Gathers the body of one response; `limit` bounds its bytes once it is unpacked."""

    __slots__ = ("_is_begun", "_left", "_limit", "_request", "_unpacker", "chunks")

    def __init__(self, response: httpx.Response, limit: int | None) -> None:
        """Begin with the headers.

        Raises:
            httpx.DecodingError: it is packed in another way than the client asked for.
            httpx.RemoteProtocolError: it has too many headers.
        """
        self._request = response.request
        self._limit = self._left = float("inf") if limit is None else limit
        self._is_begun = False
        self.chunks: list[bytes] = []
        headers = response.headers
        if len(headers) > _MOST_HEADERS:
            what = f"more than {_MOST_HEADERS} headers"
            raise httpx.RemoteProtocolError(what, request=self._request)
        # Not what it says of its own length: a byte too many is noticed when it comes.
        is_packed = "Content-Encoding" in headers
        self._unpacker: Any = (
            self._choose_unpacker(headers["Content-Encoding"]) if is_packed else None
        )

    def feed(self, chunk: bytes) -> None:
        """Take the next chunk.

        Raises:
            httpx.DecodingError: it cannot be unpacked.
            BodyTooLarge: there are more bytes than the limit.
        """
        if self._unpacker is None:
            self._left -= len(chunk)
            if self._left < 0:
                raise self._build_size_error()
            self.chunks.append(chunk)
            return
        while chunk and not self._unpacker.eof:
            self._add(self._unpack(chunk))
            chunk = self._unpacker.unconsumed_tail

    def finish(self) -> bytes:
        """Return the whole body; raises what `feed` does."""
        if self._unpacker is not None:
            self._add(self._unpacker.flush())
            if self._is_begun and not self._unpacker.eof:
                raise self._build_decoding_error("the packed body breaks off")
        return self.content

    @property
    def content(self) -> bytes:
        """The bytes that have come so far."""
        return self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)

    def _add(self, chunk: bytes) -> None:
        self._left -= len(chunk)
        if self._left < 0:
            raise self._build_size_error()
        if chunk:
            self.chunks.append(chunk)

    def _choose_unpacker(self, coding: str) -> Any:
        name = coding.strip().lower()
        if name in {"", "identity"}:
            return None
        if name not in _CODINGS:
            raise self._build_decoding_error(
                f"content coding {name[:40]!r}: expected gzip or deflate"
            )
        return zlib.decompressobj(_CODINGS[name])

    def _unpack(self, chunk: bytes) -> bytes:
        is_begun, self._is_begun = self._is_begun, True
        try:
            unpacked: bytes = self._unpacker.decompress(chunk, _STEP)
        except zlib.error as error:
            if is_begun:
                raise self._build_decoding_error(str(error)) from None
        else:
            return unpacked
        # Some servers send "deflate" without the header of zlib.
        self._unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            unpacked = self._unpacker.decompress(chunk, _STEP)
        except zlib.error as error:
            raise self._build_decoding_error(str(error)) from None
        return unpacked

    def _build_decoding_error(self, what: str) -> httpx.DecodingError:
        return httpx.DecodingError(what, request=self._request)

    def _build_size_error(self) -> BodyTooLarge:
        return BodyTooLarge(f"more than {self._limit} bytes", request=self._request)
