"""Reads the interactions of VCR cassettes."""

from __future__ import annotations

from typing import Any

from driftline.observe.readers.entry import (
    Headers,
    RecordedEntry,
    UnreadEntry,
    decode_base64,
    decode_body,
    decompress_body,
    is_list,
    is_object,
    split_entry,
    to_text,
)


def read_interaction(number: int, item: Any) -> RecordedEntry | UnreadEntry:
    """Return the exchange of an item of `interactions` or `http_interactions`."""
    entry = split_entry(number, item, url="uri", status=_read_status)
    if isinstance(entry, UnreadEntry):
        return entry
    request, response = entry.request, entry.response
    headers = _read_headers(response.get("headers"))
    # The form of older versions for httpx has `content` in place of `body`.
    body = response.get("body", response.get("content"))
    return RecordedEntry(
        number=number,
        method=to_text(request.get("method")).upper() or "GET",
        url=entry.url,
        request_headers=_read_headers(request.get("headers")),
        request_body=_read_body(request.get("body")) or b"",
        status=entry.status,
        headers=headers,
        body=decompress_body(_read_body(body), headers),
    )


def _read_status(response: dict[Any, Any]) -> Any:
    status = response.get("status", response.get("status_code"))
    return status.get("code") if is_object(status) else status


def _read_headers(value: Any) -> Headers:
    """Read headers: names with one or several values, or a list of pairs."""
    if is_object(value):
        pairs = list(value.items())
    elif is_list(value):
        pairs = [(pair[0], pair[1]) for pair in value if is_list(pair) and len(pair) == 2]
    else:
        return ()
    headers = [
        (to_text(name), to_text(header_value))
        for name, values in pairs
        for header_value in (values if is_list(values) else [values])
    ]
    return tuple(
        (name, header_value) for name, header_value in headers if name and not name.startswith(":")
    )


def _read_body(value: Any) -> bytes | None:
    """Read a body: a missing one is empty, an unreadable one None."""
    if value is None:
        return b""
    if not is_object(value):
        return decode_body(value)
    packed = value.get("base64_string")
    if isinstance(packed, str):
        return decode_base64(packed)
    string = value.get("string")
    return b"" if string is None else decode_body(string)
