"""Sends one request and reads its response, with limits of time and size.

Raised here:

    Unsendable    HTTP cannot carry the request, such as a line break in a header
    ConnectionLost  the connection ended before the response was complete
    TargetError   no response, or one that is too large
"""

from __future__ import annotations

import zlib
from time import monotonic
from typing import Final

import attrs
import httpcore
import httpx

from driftline import __version__
from driftline.checks import Outgoing
from driftline.errors import TargetError
from driftline.media import STREAM_KINDS, find_body_kind
from driftline.mock import MockTransport
from driftline.openapi import is_reserved_header, is_token
from driftline.runtime import choose_parser, find_item_ends
from driftline.suite.http.deadline import FAILURES, DeadlineTransport
from driftline.suite.http.target import Target

TIMEOUT = 30.0
MAX_BODY = 5_000_000
"""The largest response that is read, in decompressed bytes."""
MAX_ITEMS = 100
"""How many items of a stream are read."""
STREAM_SECONDS = 10.0
"""How many seconds a stream is read."""
RUN_HEADER: Final = "X-Driftline-Run"
"""The header of every request to a live server, with the ID of the run."""

_LOST = (
    *(httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError),
    *(httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError),
)


class Unsendable(Exception):
    """A request that HTTP cannot carry."""


class ConnectionLost(Exception):
    """The connection ended before the response was complete.

    It `was_idle` if it had served an earlier request: a server may close it at any time, as after a
    rejection without reading the body, and has then not read this request.
    """

    def __init__(self, message: str, *, was_idle: bool = False) -> None:
        super().__init__(message)
        self.was_idle = was_idle


@attrs.frozen
class SentResponse:
    """A response with decompressed body. `interruption` says how a stream ended early."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    interruption: str = ""


class Sender:
    """The connections to one server."""

    def __init__(self, target: Target, *, timeout: float = TIMEOUT, run: str = "") -> None:
        self._target = target
        self._transport: DeadlineTransport | None = None
        if target.handle:
            self._client = httpx.Client(transport=MockTransport(target.handle), trust_env=False)
            return
        headers = {"User-Agent": f"driftline/{__version__}", "Accept-Encoding": "gzip, deflate"}
        if run:
            headers[RUN_HEADER] = run
        self._transport = DeadlineTransport(timeout)
        self._client = httpx.Client(transport=self._transport, headers=headers, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def exchange(self, request: Outgoing) -> SentResponse:
        """Send the request once. Redirects are not followed."""
        try:
            with self._client.stream(
                request.method,
                self._target.base_url + request.target,
                headers=_list_headers(request),
                content=request.body or None,
            ) as answer:
                body, broken = self._read_body(request, answer)
        except (
            httpx.InvalidURL,
            httpx.LocalProtocolError,
            httpcore.LocalProtocolError,
            UnicodeError,
        ) as error:
            raise Unsendable(self._target.scrub(_describe_error(error))) from None
        except _LOST as error:
            was_idle = self._transport is not None and not self._transport.has_connected
            message = self._describe_failure(request, error)
            raise ConnectionLost(message, was_idle=was_idle) from None
        except (httpx.HTTPError, *FAILURES) as error:
            hint = "Check the URL, and that the server is running."
            message = self._describe_failure(request, error)
            raise TargetError(self._target.base_url, message, hint) from None
        return SentResponse(answer.status_code, tuple(answer.headers.multi_items()), body, broken)

    def _describe_failure(self, request: Outgoing, error: Exception) -> str:
        message = f"no response to {request.method} {request.path}: {_describe_error(error)}"
        return self._target.scrub(message)

    def _read_body(self, request: Outgoing, response: httpx.Response) -> tuple[bytes, str]:
        """Return the body, and how a stream ended early."""
        content_type = response.headers.get("content-type", "")
        if content_type and find_body_kind(content_type) in STREAM_KINDS:
            return self._read_stream(response, content_type)
        if response.is_stream_consumed:  # the mock's
            return self._read_bounded(request, response.read()), ""
        return self._read_whole(request, response), ""

    def _read_stream(self, response: httpx.Response, content_type: str) -> tuple[bytes, str]:
        """Return the first items of a stream, and how it ended early."""
        parser, count, body = choose_parser(content_type, MAX_BODY), 0, bytearray()
        ends, is_whole = monotonic() + STREAM_SECONDS, True
        try:
            for chunk in response.iter_bytes():
                body += chunk
                count += sum(1 for _ in parser.feed(chunk))
                is_whole = count < MAX_ITEMS and len(body) <= MAX_BODY and monotonic() < ends
                if not is_whole:
                    break
        except (httpx.TimeoutException, httpcore.TimeoutException):
            is_whole = False  # it goes on, and nothing says that it may not
        except (httpx.HTTPError, *FAILURES) as error:
            return bytes(body), self._target.scrub(_describe_error(error))
        if not is_whole:
            del body[max(find_item_ends(content_type, bytes(body)), default=0) :]
        return bytes(body), ""

    def _read_whole(self, request: Outgoing, response: httpx.Response) -> bytes:
        raw = bytearray()
        for chunk in response.iter_raw():
            raw += chunk
            if len(raw) > MAX_BODY:
                break
        coding = response.headers.get("content-encoding", "").strip().lower()
        is_complete = len(raw) <= MAX_BODY
        return self._read_bounded(
            request, _decompress(bytes(raw), coding) if is_complete else bytes(raw)
        )

    def _read_bounded(self, request: Outgoing, body: bytes) -> bytes:
        if len(body) > MAX_BODY:
            message = (
                f"the response to {request.method} {request.path} is larger than {MAX_BODY:,} bytes"
            )
            hint = "Reduce what the operation returns, such as the rows of the test database."
            raise TargetError(self._target.base_url, message, hint)
        return body


def _list_headers(request: Outgoing) -> list[tuple[str, str]]:
    """Return the headers without those of framing and routing, which this class sets."""
    return [
        (name, value)
        for name, value in request.headers
        if not (is_token(name) and is_reserved_header(name))
    ]


def _decompress(raw: bytes, coding: str) -> bytes:
    """Return the decompressed body, up to just over `MAX_BODY`.

    A corrupt body is returned unchanged.

    It is then reported as invalid JSON.
    """
    for bits in {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}.get(coding, ()):
        unpacker = zlib.decompressobj(bits)
        try:
            content = unpacker.decompress(raw, MAX_BODY + 1)
        except zlib.error:
            continue
        if unpacker.eof or len(content) > MAX_BODY:
            return content
    return raw


def _describe_error(error: Exception) -> str:
    return str(error) or type(error).__name__
