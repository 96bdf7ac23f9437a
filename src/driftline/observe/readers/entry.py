"""The entries of a recording: exchanges, drift events, and unreadable entries."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable
from typing import Any, TypeGuard

import attrs

MAX_BODY = 20_000_000
"""Maximum decompressed bytes of a body; a longer one counts as not recorded."""

Headers = tuple[tuple[str, str], ...]


@attrs.frozen(kw_only=True)
class RecordedEntry:
    """A recorded request and response; `number` is the number of the entry in its file.

    `body` is None if it was not recorded or cannot be read; `has_headers` is False if the headers
    of the response were not recorded.
    """

    number: int
    method: str
    url: str
    request_headers: Headers
    request_body: bytes
    status: int
    headers: Headers
    body: bytes | None
    has_headers: bool = True
    seconds: float = 0.0


@attrs.frozen(kw_only=True)
class Event:
    """A line of a client's drift log."""

    number: int
    api: str
    operation: str
    pointer: str
    kind: str
    expected: str
    got: str


@attrs.frozen
class UnreadEntry:
    """An entry without an exchange, and the reason, such as a missing response.

    `url` is "" without a request.
    """

    number: int
    reason: str
    url: str = ""


Entry = RecordedEntry | Event | UnreadEntry


@attrs.frozen
class RawEntry:
    """Request and response of an entry, as they are in the file."""

    request: dict[Any, Any]
    response: dict[Any, Any]
    url: str
    status: int


def split_entry(
    number: int, item: Any, *, url: str, status: Callable[[dict[Any, Any]], Any]
) -> RawEntry | UnreadEntry:
    """Split an entry into request, with the key `url`, and response, with the key `status`."""
    request, response = (item.get("request"), item.get("response")) if is_object(item) else (0, 0)
    address = to_text(request.get(url)) if is_object(request) else ""
    if not is_object(request) or not address:
        return UnreadEntry(number, "no request")
    code = _read_status(status(response)) if is_object(response) else 0
    if not is_object(response) or not code:
        return UnreadEntry(number, "no response", address)
    if code < 200:
        return UnreadEntry(number, "another protocol", address)
    return RawEntry(request, response, address, code)


def _read_status(value: Any) -> int:
    """Return the status, or 0 if the request was blocked or canceled, or had no response."""
    string = to_text(value)
    return int(string) if re.fullmatch("[1-9][0-9]{2}", string) else 0


def is_object(value: Any) -> TypeGuard[dict[Any, Any]]:
    """Return whether a value is a mapping."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Return whether a value is a list."""
    return isinstance(value, list)


def to_text(value: Any) -> str:
    """Return a string or number as a string; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | bytes):
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def decode_base64(string: str) -> bytes | None:
    """Return the bytes; None if it is not base64."""
    try:
        return base64.b64decode(re.sub(r"\s+", "", string), validate=True)
    except (binascii.Error, ValueError):
        return None


def decode_body(value: Any, encoding: Any = None) -> bytes | None:
    """Return a recorded body: a string, bytes, or a string in base64."""
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        return None
    if isinstance(encoding, str) and encoding.lower() == "base64":
        return decode_base64(value)
    return value.encode("utf-8", "replace")


def decompress_body(body: bytes | None, headers: Headers) -> bytes | None:
    """Return the decompressed body; most recordings contain decompressed bodies."""
    packings = [value.lower() for name, value in headers if name.lower() == "content-encoding"]
    if body is None or not packings or not body:
        return body
    if body.startswith(b"\x1f\x8b"):
        return _inflate(body, zlib.MAX_WBITS | 16)
    if "deflate" in packings[0] and body[0] & 0x0F == 8:
        return _inflate(body, zlib.MAX_WBITS)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return None  # still packed, in a way that the standard library does not know
    return body


def _inflate(body: bytes, bits: int) -> bytes | None:
    machine = zlib.decompressobj(bits)
    try:
        content = machine.decompress(body, MAX_BODY)
    except zlib.error:
        return None
    return content if machine.eof else None
