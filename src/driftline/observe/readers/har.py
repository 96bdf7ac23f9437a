"""Reads the entries of HAR files."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from driftline.observe.readers.entry import (
    Headers,
    RecordedEntry,
    UnreadEntry,
    decode_body,
    decompress_body,
    is_list,
    is_object,
    split_entry,
    to_text,
)
from driftline.observe.readers.source import Attachments

_BODILESS: Final = frozenset({204, 205})
_LONGEST: Final = 86_400.0
"""The longest plausible duration, in seconds."""


def read_har_entry(
    number: int, item: Any, *, read_attachment: Attachments
) -> RecordedEntry | UnreadEntry:
    """Return the exchange of an item of `log.entries`."""
    entry = split_entry(number, item, url="url", status=lambda response: response.get("status"))
    if isinstance(entry, UnreadEntry):
        return entry
    if entry.status == 304:
        return UnreadEntry(number, "served from a cache", entry.url)
    if _is_local(item, entry.response):
        return UnreadEntry(number, "made by the browser, not the server", entry.url)
    request, headers = entry.request, _read_pairs(entry.response.get("headers"))
    has_headers = bool(headers)
    content = entry.response.get("content")
    content = _read_attached(content if is_object(content) else {}, read_attachment)
    kind = to_text(content.get("mimeType"))
    if kind and kind != "x-unknown" and not _has_header(headers, "content-type"):
        headers = (*headers, ("Content-Type", kind))
    return RecordedEntry(
        number=number,
        method=to_text(request.get("method")).upper() or "GET",
        url=entry.url,
        request_headers=_request_headers(request),
        request_body=_read_request_body(request.get("postData"), read_attachment),
        status=entry.status,
        headers=headers,
        body=decompress_body(_read_content(content, entry.status, headers), headers),
        has_headers=has_headers,
        seconds=_read_seconds(item.get("time")),
    )


def _is_local(item: dict[Any, Any], response: dict[Any, Any]) -> bool:
    """Return whether a service worker or the browser itself made the response.

    A worker's own request to the server is an entry of its own.
    """
    is_sent = item.get("serverIPAddress") or response.get("_transferSize") != 0
    return not is_sent or response.get("_fetchedViaServiceWorker") is True


def _read_attached(data: dict[Any, Any], read_attachment: Attachments) -> dict[Any, Any]:
    """Return the data with the text of its attachment, if it has one."""
    name = to_text(data.get("_file"))
    return {**data, "text": read_attachment(name), "encoding": None} if name else data


def _read_pairs(value: Any) -> Headers:
    """Read the headers, without pseudo headers of HTTP/2 (`:path`)."""
    items = (item for item in value if is_object(item)) if is_list(value) else ()
    pairs = ((to_text(item.get("name")), to_text(item.get("value"))) for item in items)
    return tuple(
        (name, header_value) for name, header_value in pairs if name and not name.startswith(":")
    )


def _has_header(headers: Headers, name: str) -> bool:
    return any(key.lower() == name for key, _ in headers)


def _request_headers(request: dict[Any, Any]) -> Headers:
    headers, data = _read_pairs(request.get("headers")), request.get("postData")
    kind = to_text(data.get("mimeType")) if is_object(data) else ""
    if kind and not _has_header(headers, "content-type"):
        return (*headers, ("Content-Type", kind))
    return headers


def _read_request_body(data: Any, read_attachment: Attachments) -> bytes:
    if not is_object(data):
        return b""
    data = _read_attached(data, read_attachment)
    body = decode_body(data.get("text"), data.get("encoding") or data.get("_encoding"))
    if body or not is_list(data.get("params")):
        return body or b""
    pairs = [
        (to_text(parameter.get("name")), to_text(parameter.get("value")))
        for parameter in data["params"]
        if is_object(parameter)
    ]
    return urlencode(pairs, errors="replace").encode()


def _read_content(content: dict[Any, Any], status: int, headers: Headers) -> bytes | None:
    """Read the body; None if the recording lacks it.

    A size of 0 or an empty text says nothing: exporters write it for bodies that they dropped.
    """
    lengths = {value.strip() for name, value in headers if name.lower() == "content-length"}
    string = content.get("text")
    if string or (string is not None and lengths <= {"0"}):
        return decode_body(string, content.get("encoding"))
    return b"" if status in _BODILESS or lengths == {"0"} else None


def _read_seconds(value: Any) -> float:
    try:
        seconds = float(value) / 1000
        return seconds if 0 <= seconds < _LONGEST else 0.0
    except (TypeError, ValueError, OverflowError):
        return 0.0
