"""The logic of a binary body, without I/O: received bytes, how to resume, the file on disk."""

from __future__ import annotations

import mimetypes
import os
import re
import unicodedata
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from email.message import Message
from email.utils import collapse_rfc2231_value
from pathlib import Path
from typing import IO, Any

import httpx

from driftline.media import get_essence
from driftline.runtime.call_loop import BrokenExchange, ReceivedResponse
from driftline.runtime.core import Core
from driftline.runtime.endpoint import Endpoint
from driftline.runtime.errors import ApiError
from driftline.runtime.options import CallSettings
from driftline.runtime.transport.body_stream import BodyTooLarge, open_unpacker


class Transfer:
    """The bytes of one response, over several connections if necessary.

    An interrupted body is resumed where it broke off, if the operation is a GET, the body is not
    compressed, and the server sent a strong `ETag` or `Last-Modified`.
    """

    def __init__(
        self,
        core: Core,
        operation: Endpoint,
        settings: CallSettings,
        received: ReceivedResponse,
        max_size: int | None,
    ) -> None:
        self._core, self._operation, self._settings = core, operation, settings
        self._received, self._first_response, self._max_size = received, received, max_size
        self._count = self._failures = 0
        self._unpacker = open_unpacker(received.response)

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the decompressed bytes of a chunk.

        Raises:
            httpx.HTTPError: the chunk cannot be decompressed, or the body is too large.
        """
        for piece in (chunk,) if self._unpacker is None else self._unpacker.unpack(chunk):
            yield self._measure(piece)

    def finish(self) -> bytes:
        """Return the last bytes; raises the errors of `feed`."""
        return b"" if self._unpacker is None else self._measure(self._unpacker.finish())

    def _measure(self, piece: bytes) -> bytes:
        self._count += len(piece)
        if piece:
            self._failures = 0
        if self._max_size is not None and self._count > self._max_size:
            request = self._first_response.response.request
            raise BodyTooLarge(f"more than {self._max_size} bytes", request=request)
        return piece

    def plan_resume(self, error: httpx.HTTPError) -> tuple[float, Mapping[str, str]]:
        """Return the seconds to wait, and the headers that request the rest of the body.

        Raises:
            ApiError: the body cannot be resumed after this error.
        """
        self._failures += 1
        retries, version = self._settings.retries, self._find_version()
        wait = retries.wait_after_failure("GET", keyed=False, attempt=self._failures, error=error)
        is_plain = self._unpacker is None and self._first_response.status == 200
        can_resume = self._operation.method == "GET" and is_plain
        if wait is None or version is None or not can_resume:
            raise self.build_failure(error)
        return wait, {"Range": f"bytes={self._count}-", "If-Range": version}

    def _find_version(self) -> str | None:
        """Return a strong identifier of this version of the body."""
        headers = self._first_response.headers
        tag: str = headers.get("ETag", "")
        if tag.startswith('"'):
            return tag
        return None if tag else headers.get("Last-Modified")

    def resume(self, received: ReceivedResponse) -> None:
        """Continue with the response to the request for the rest.

        Raises:
            ApiError: it is not the rest of the same body.
        """
        self._received = received
        if not self._is_rest(received) or "Content-Encoding" in received.headers:
            request = received.response.request
            message = f"the server did not send the rest from byte {self._count}"
            raise self.build_failure(httpx.RemoteProtocolError(message, request=request))

    def _is_rest(self, received: ReceivedResponse) -> bool:
        """Return whether a response continues this body, in the same version."""
        part = re.fullmatch(
            r"bytes (\d{1,19})-\d+/(\d+|\*)", received.headers.get("Content-Range", "")
        )
        if received.status != 206 or part is None or int(part[1]) != self._count:
            return False
        declared_size = self._first_response.headers.get("Content-Length", part[2])
        tags = {response.headers.get("ETag") for response in (self._first_response, received)} - {
            None
        }
        return len(tags) < 2 and part[2] in {declared_size, "*"}

    def build_failure(self, error: httpx.HTTPError) -> ApiError:
        """Return the error for an interrupted body."""
        broken_exchange = BrokenExchange(error, self._first_response)
        return self._core.errors.build_failure(self._operation, broken_exchange)


_LONGEST = 150
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE
)
_MOST = 4096
"""Characters of a Content-Disposition; a longer one names no file."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


@contextmanager
def open_whole(path: Path) -> Generator[IO[bytes], None, None]:
    """Open a new file that replaces `path` after the block, and is removed if the block fails.

    A symlink at `path` is replaced, not followed.
    """
    temporary_path = path.with_name(f".{path.name[:_LONGEST]}.{os.urandom(8).hex()}.part")
    with os.fdopen(os.open(temporary_path, _NEW | getattr(os, "O_BINARY", 0), 0o666), "wb") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            temporary_path.unlink(missing_ok=True)
            raise
    try:
        temporary_path.replace(path)
    except BaseException:
        temporary_path.unlink(missing_ok=True)
        raise


def parse_filename(disposition: str, content_type: str) -> str:
    """Return a safe file name from Content-Disposition, or one that fits the media type."""
    names = (clean_filename(name) for name in _list_filenames(disposition))
    filename = next(filter(None, names), None)
    return filename or f"download{_guess_extension(get_essence(content_type))}"


def _list_filenames(disposition: str) -> Iterator[str]:
    """Yield the names in a Content-Disposition, first those with a charset."""
    message = Message()
    if disposition and len(disposition) <= _MOST and not {"\n", "\r"} & set(disposition):
        message["Content-Disposition"] = disposition
    try:
        parameters: Any = message.get_params([], "content-disposition")
    except ValueError:  # a part with a number of thousands of digits
        return
    values: list[Any] = [value for key, value in parameters if key.lower() == "filename"]
    for value in sorted(values, key=lambda value: isinstance(value, str)):
        with suppress(ValueError):  # a charset that Python knows, and that decodes no file name
            yield collapse_rfc2231_value(value)


def _guess_extension(media_type: str) -> str:
    mime_types = mimetypes.MimeTypes()  # independent of this machine's MIME files
    main, _, name = media_type.partition("/")
    spellings = (media_type, f"{main}/x-{name}")
    return next(filter(None, map(mime_types.guess_extension, spellings)), "")


def clean_filename(name: str) -> str:
    """Return the last part of a path without characters unsafe for files or terminals.

    "" if nothing is left.
    """
    last = re.split(r"[/\\]", name)[-1]
    cleaned_name = "".join(
        c for c in last if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*'
    )
    cleaned_name = cleaned_name.strip(" .")
    if _RESERVED.fullmatch(cleaned_name):
        cleaned_name = f"_{cleaned_name}"
    stem, dot, extension = cleaned_name.rpartition(".")
    if len(cleaned_name.encode()) <= _LONGEST:
        return cleaned_name
    limit = _LONGEST - len(extension.encode()) - 1 if dot and len(extension) < 20 else _LONGEST
    cut = (
        (stem if dot and len(extension) < 20 else cleaned_name)
        .encode()[:limit]
        .decode(errors="ignore")
    )
    return f"{cut}.{extension}" if limit < _LONGEST else cut
