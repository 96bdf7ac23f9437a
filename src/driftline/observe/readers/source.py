"""A file that is read once, from beginning to end; its first bytes can be read in advance."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from typing import IO

from driftline.errors import RecordingError

HEAD = 65_536
"""How many bytes are read to recognize the format."""


Attachments = Callable[[str], bytes | None]
"""Returns the content of a file that was written beside a recording, or None."""


class RecordingSource:
    """Wraps `file`; calls `on_progress` with the number of bytes read so far."""

    def __init__(
        self,
        name: str,
        file: IO[bytes],
        on_progress: Callable[[int], None],
        attachments: Attachments,
    ) -> None:
        self.name = name
        self.read_attachment = attachments
        self._file = file
        self._on_progress = on_progress
        self._byte_count = 0
        self._lookahead = b""
        self._is_begun = False
        self._decoder: codecs.IncrementalDecoder | None = None

    def read_head(self) -> bytes:
        """Return the first bytes, without a byte order mark; they are read again later."""
        while len(self._lookahead) < HEAD and (chunk := self._take(HEAD)):
            self._lookahead += chunk
        self._lookahead = self._lookahead.removeprefix(b"\xef\xbb\xbf")
        return self._lookahead

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes; b"" at the end."""
        size = HEAD if size < 0 else size
        if not size:
            return b""
        if not self._lookahead:
            self._lookahead = self._take(size)
        chunk, self._lookahead = self._lookahead[:size], self._lookahead[size:]
        return chunk

    def iterate_lines(self, longest: int) -> Iterator[bytes]:
        """Yield each line without its end.

        Raises:
            RecordingError: a line is longer than `longest`.
        """
        rest = b""
        while chunk := self.read(HEAD):
            *lines, rest = (rest + chunk).split(b"\n")
            yield from lines
            if len(rest) > longest:
                message = f"a line is longer than {longest:,} bytes"
                raise RecordingError(self.name, message, "Check that it is a drift log.")
        if rest:
            yield rest

    def _take(self, size: int) -> bytes:
        """Return the next bytes, converted to UTF-8; b"" at the end."""
        chunk = self._read_raw(size)
        if not self._is_begun:
            self._is_begun = True
            self._decoder = _choose_decoder(chunk)
        if self._decoder is None:
            return chunk
        string = self._decoder.decode(chunk, final=not chunk)
        while chunk and not string:
            chunk = self._read_raw(size)
            string = self._decoder.decode(chunk, final=not chunk)
        return string.encode("utf-8", "replace")

    def _read_raw(self, size: int) -> bytes:
        try:
            chunk = self._file.read(size)
        except OSError as error:
            message = f"could not be read: {error.strerror or type(error).__name__}"
            raise RecordingError(
                self.name, message, "Check the file, and run the command again."
            ) from None
        self._byte_count += len(chunk)
        self._on_progress(self._byte_count)
        return chunk


def _choose_decoder(beginning: bytes) -> codecs.IncrementalDecoder | None:
    """Return a decoder for UTF-16, which PowerShell writes; None for other encodings."""
    if beginning.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return None
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return codecs.getincrementaldecoder("utf-16")("replace")
    return codecs.getincrementaldecoder("utf-16-le")("replace") if beginning[:2] == b"{\0" else None
