"""One request over the wire, and its whole answer: bounded in time and in size.

Raised here:

    Unsendable    HTTP has no way to say the request, such as a line break in a header
    Lost          the connection ended before there was a whole answer
    TargetError   no answer, or one that is too large
"""

from __future__ import annotations

import zlib
from typing import Final

import attrs
import httpcore
import httpx

from driftline import __version__
from driftline.checks.outgoing import Outgoing
from driftline.errors import TargetError
from driftline.mock import MockTransport
from driftline.openapi.reserved import is_reserved_header, is_token
from driftline.suite.http.deadline import FAILURES, DeadlineTransport
from driftline.suite.http.target import Target

__all__ = [
    "MAX_BODY",
    "RUN_HEADER",
    "TIMEOUT",
    "ConnectionLost",
    "Sender",
    "SentResponse",
    "Unsendable",
]

TIMEOUT = 30.0
MAX_BODY = 5_000_000
"""Bytes, unpacked: the largest answer that is read; a listing's largest page is far smaller."""
RUN_HEADER: Final = "X-Driftline-Run"
"""The header that every request to a live server has: the ID of the run, as in its report."""

_LOST = (
    *(httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError),
    *(httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError),
)


class Unsendable(Exception):
    """A request that HTTP cannot carry."""


class ConnectionLost(Exception):
    """The connection ended before there was a whole answer."""


@attrs.frozen
class SentResponse:
    """An answer, its body unpacked."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Sender:
    """The connections to one server."""

    def __init__(self, target: Target, *, timeout: float = TIMEOUT, run: str = "") -> None:
        self._target = target
        if target.handle:
            self._client = httpx.Client(transport=MockTransport(target.handle), trust_env=False)
            return
        headers = {"User-Agent": f"driftline/{__version__}", "Accept-Encoding": "gzip, deflate"}
        if run:
            headers[RUN_HEADER] = run
        self._client = httpx.Client(
            transport=DeadlineTransport(timeout), headers=headers, trust_env=False
        )

    def close(self) -> None:
        """Gives the connections back."""
        self._client.close()

    def exchange(self, request: Outgoing) -> SentResponse:
        """Sends the request once. A redirect is an answer like any other, and not followed."""
        try:
            with self._client.stream(
                request.method,
                self._target.base_url + request.target,
                headers=_list_headers(request),
                content=request.body or None,
            ) as answer:
                body = self._read_body(request, answer)
        except (
            httpx.InvalidURL,
            httpx.LocalProtocolError,
            httpcore.LocalProtocolError,
            UnicodeError,
        ) as error:
            raise Unsendable(self._target.scrub(_describe_error(error))) from None
        except _LOST as error:
            raise ConnectionLost(self._describe_failure(request, error)) from None
        except (httpx.HTTPError, *FAILURES) as error:
            remedy = "Check the URL, and that the server is running."
            what = self._describe_failure(request, error)
            raise TargetError(self._target.base_url, what, remedy) from None
        return SentResponse(answer.status_code, tuple(answer.headers.multi_items()), body)

    def _describe_failure(self, request: Outgoing, error: Exception) -> str:
        what = f"no response to {request.method} {request.path}: {_describe_error(error)}"
        return self._target.scrub(what)

    def _read_body(self, request: Outgoing, response: httpx.Response) -> bytes:
        if response.is_stream_consumed:  # the mock's
            return self._read_bounded(request, response.read())
        raw = bytearray()
        for chunk in response.iter_raw():
            raw += chunk
            if len(raw) > MAX_BODY:
                break
        coding = response.headers.get("content-encoding", "").strip().lower()
        whole = len(raw) <= MAX_BODY
        return self._read_bounded(request, _decompress(bytes(raw), coding) if whole else bytes(raw))

    def _read_bounded(self, request: Outgoing, body: bytes) -> bytes:
        if len(body) > MAX_BODY:
            what = (
                f"the response to {request.method} {request.path} is larger than {MAX_BODY:,} bytes"
            )
            raise TargetError(self._target.base_url, what, "Check that the URL belongs to the API.")
        return body


def _list_headers(request: Outgoing) -> list[tuple[str, str]]:
    """Return the headers but for those that frame or route: HTTP and this class set them."""
    return [
        (name, value)
        for name, value in request.headers
        if not (is_token(name) and is_reserved_header(name))
    ]


def _decompress(raw: bytes, coding: str) -> bytes:
    """The content of a packed body, as far as just over `MAX_BODY`; as it came, if it is broken.

    What is broken is then found to be no JSON, as any client would find it.
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
