"""HTTP messages as plain values."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import attrs
import msgspec

from driftline.media import from_json, to_json

Headers = tuple[tuple[str, str], ...]
MAX_BODY = 32 * 1024 * 1024
"""The longest body of a request that is read."""


@attrs.frozen(slots=False)
class HttpRequest:
    """A request. `path` is percent-encoded and has no query; `query` is undecoded.

    `root` is the path prefix under which the API is served.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""
    root: str = ""
    scheme: str = "http"

    def get_header(self, name: str) -> str | None:
        """Return the first header of that name, ignoring case, or None."""
        return self._headers_by_name.get(name.lower())

    @cached_property
    def _headers_by_name(self) -> Mapping[str, str]:
        return {key.lower(): value for key, value in reversed(self.headers)}

    @property
    def length(self) -> int:
        """The actual or declared length of the body; one that is too long is not read."""
        content_length = self.get_header("Content-Length") or ""
        declared_length = (
            int(content_length) if content_length.isdecimal() and len(content_length) < 20 else 0
        )
        return max(len(self.body), declared_length)


End = Literal["whole", "reset", "close"]


@attrs.frozen
class Delivery:
    """How a response is sent; times in seconds.

    First `delay`, then `share` of the body, `piece` bytes at a time (0: all, or one item of a
    stream) with `pause` between them. `end`: the connection is then kept, reset or closed.
    `is_silent`: nothing is sent at all. `rules` are the texts of the fault rules.
    """

    delay: float = 0.0
    share: float = 1.0
    piece: int = 0
    pause: float = 0.0
    end: End = "whole"
    is_silent: bool = False
    rules: tuple[str, ...] = ()


WHOLE = Delivery()


@attrs.frozen
class HttpResponse:
    """A response. `reason` explains a rejection to a person; only the mock's log has it.

    `live` is called repeatedly for more to send, until the client leaves. `item_ends` are the end
    offsets of a stream's items.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    delivery: Delivery = WHOLE
    reason: str = attrs.field(default="", eq=False)
    live: Callable[[], bytes] | None = None
    item_ends: tuple[int, ...] = ()

    def get_header(self, name: str) -> str | None:
        """Return the first header of that name, ignoring case, or None."""
        lower_name = name.lower()
        for key, value in self.headers:
            if key.lower() == lower_name:
                return value
        return None

    def replace_headers(self, *headers: tuple[str, str], body: bytes | None = None) -> HttpResponse:
        """Return the response with these headers replaced, and this body."""
        if body is not None:
            headers = (*headers, ("Content-Length", str(len(body))))
        names = {name.lower() for name, _ in headers}
        other_headers = [pair for pair in self.headers if pair[0].lower() not in names]
        ends = self.item_ends if body is None else ()
        body = self.body if body is None else body
        pairs = (*other_headers, *headers)
        return HttpResponse(self.status, pairs, body, self.delivery, self.reason, self.live, ends)

    def parse_json(self) -> Any:
        """Return the body parsed as JSON."""
        return json.loads(to_json(self.body, self.get_header("Content-Type") or ""))


def decode_json(text: str) -> Any:
    """Return the value of stored JSON, as `json.loads` does, in a third of the time."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:  # a number out of range, or half of a surrogate pair
        return json.loads(text)


Handle = Callable[[HttpRequest], HttpResponse]
Sleep = Callable[[float], object]
AsyncSleep = Callable[[float], Awaitable[object]]


def split_body(response: HttpResponse) -> Iterator[bytes]:
    """Return the pieces in which a body is sent."""
    body, delivery, ends = response.body, response.delivery, response.item_ends
    sent_bytes = body[: int(len(body) * delivery.share)]
    if ends and delivery.pause and not delivery.piece:
        bounds = [0, *(end for end in ends if end < len(sent_bytes)), len(sent_bytes)]
        return (sent_bytes[start:end] for start, end in pairwise(bounds) if start < end)
    size = delivery.piece or len(sent_bytes) or 1
    return (sent_bytes[start : start + size] for start in range(0, len(sent_bytes), size))


_ENCODER = json.JSONEncoder(ensure_ascii=False)  # json.dumps would make one for each value


def encode_json(value: Any) -> str:
    """Return `value` as JSON; lone surrogates are written as escapes."""
    if type(value) is int:
        return str(value)  # the totals and page numbers of each page
    string = _ENCODER.encode(value)
    try:
        string.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return string


def build_json_response(
    status: int, value: Any, *, media_type: str = "application/json", headers: Headers = ()
) -> HttpResponse:
    """Return a response with `value` as JSON; bytes are JSON already."""
    body = value if isinstance(value, bytes) else encode_json(value).encode()
    body = from_json(body, media_type)
    sizes = (("Content-Type", media_type), ("Content-Length", str(len(body))))
    return HttpResponse(status, (*sizes, *headers), body)


@attrs.frozen
class Rejection(Exception):
    """The spec does not allow the request; the text is for a person."""

    status: int
    message: str
    headers: Headers = ()

    def __str__(self) -> str:
        return self.message
