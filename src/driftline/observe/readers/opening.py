"""Recognizes the format of a recording by its first bytes, and reads it.

HAR files, VCR cassettes and drift logs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import urlencode

import attrs

from driftline.errors import RecordingError
from driftline.observe.readers.entry import (
    Entry,
    Event,
    Headers,
    Recorded,
    Unread,
    decode_base64,
    decode_body,
    decompress_body,
    is_list,
    is_object,
    split_entry,
    to_text,
)
from driftline.observe.readers.items import iterate_json_items, iterate_yaml_items
from driftline.observe.readers.source import RecordingSource

REMEDY: Final = "Name a HAR file, a VCR cassette (YAML or JSON), or a client's drift log."
_PACKED: Final = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"\x28\xb5\x2f\xfd": "zstd"}
_JSON_LIST: Final = re.compile(rb'"(log|interactions|http_interactions)"\s*:')
_YAML_LIST: Final = re.compile(rb"^[\"']?((?:http_)?interactions)[\"']?\s*:", re.MULTILINE)

Made = Callable[[int, Any], Recorded | Unread]


@attrs.frozen
class Recording:
    """The format of a file, and its entries; iterating them may raise RecordingError."""

    kind: str
    entries: Iterator[Entry]


def read(source: RecordingSource) -> Recording:
    """Open the recording in `source`.

    Raises:
        RecordingError: the file is not a recording.
    """
    head = source.read_head()
    _check(source, head)
    if head.lstrip()[:1] == b"{":
        return _open_json(source, head)
    found = _YAML_LIST.search(head)
    if found is not None:
        path = (found[1].decode(),)
        return Recording(
            "cassette", _number_entries(iterate_yaml_items(source, path), read_interaction)
        )
    raise RecordingError(source.name, "not recorded traffic", REMEDY)


def _check(source: RecordingSource, head: bytes) -> None:
    if not head.strip():
        raise RecordingError(source.name, "empty file", REMEDY)
    for magic, name in _PACKED.items():
        if head.startswith(magic):
            what, remedy = f"compressed with {name}", "Decompress it first, or pipe it in as `-`."
            raise RecordingError(source.name, what, remedy)
    if b"\x00" in head:
        raise RecordingError(source.name, "binary, or not UTF-8", REMEDY)


def _open_json(source: RecordingSource, head: bytes) -> Recording:
    if is_log(head.lstrip().partition(b"\n")[0]):
        return Recording("drift log", log_entries(source))
    found = _JSON_LIST.search(head)
    if found is None:
        what = "JSON, but not a HAR file, a cassette or a drift log"
        raise RecordingError(source.name, what, REMEDY)
    name = found[1].decode()
    if name == "log":
        return Recording(
            "HAR", _number_entries(iterate_json_items(source, ("log", "entries")), read_har_entry)
        )
    return Recording(
        "cassette", _number_entries(iterate_json_items(source, (name,)), read_interaction)
    )


def _number_entries(items: Iterator[Any], made: Made) -> Iterator[Entry]:
    for number, item in enumerate(items, 1):
        yield made(number, item)


def read_interaction(number: int, item: Any) -> Recorded | Unread:
    """Return the exchange of an item of `interactions` or `http_interactions`."""
    found = split_entry(number, item, url="uri", status=_read_status)
    if isinstance(found, Unread):
        return found
    request, response = found.request, found.response
    headers = _read_headers(response.get("headers"))
    # The form of older versions for httpx has `content` in place of `body`.
    body = response.get("body", response.get("content"))
    return Recorded(
        number=number,
        method=to_text(request.get("method")).upper() or "GET",
        url=found.url,
        request_headers=_read_headers(request.get("headers")),
        request_body=_read_body(request.get("body")) or b"",
        status=found.status,
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
        pairs = [(each[0], each[1]) for each in value if is_list(each) and len(each) == 2]
    else:
        return ()
    found = [
        (to_text(name), to_text(each))
        for name, values in pairs
        for each in (values if is_list(values) else [values])
    ]
    return tuple((name, text) for name, text in found if name and not name.startswith(":"))


def _read_body(value: Any) -> bytes | None:
    """Read a body: a missing one is empty, an unreadable one None."""
    if value is None:
        return b""
    if not is_object(value):
        return decode_body(value)
    packed = value.get("base64_string")
    if isinstance(packed, str):
        return decode_base64(packed)
    text = value.get("string")
    return b"" if text is None else decode_body(text)


FIELDS = ("operation", "pointer", "kind")
MAX_LINE = 1_000_000


def is_log(line: bytes) -> bool:
    """Return whether the first line of a file is one of a drift log."""
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return is_object(found) and all(isinstance(found.get(name), str) for name in FIELDS)


def log_entries(source: RecordingSource) -> Iterator[Event | Unread]:
    """Yield each line.

    Raises:
        RecordingError: a line is not JSON, such as the last one of a truncated log.
    """
    for number, line in enumerate(source.iterate_lines(MAX_LINE), 1):
        if not line.strip():
            continue
        try:
            found: Any = json.loads(line)
        except (ValueError, RecursionError):
            what = f"line {number}: invalid JSON, the drift log is incomplete or damaged"
            raise RecordingError(source.name, what, "Correct or delete the line.") from None
        yield _read_event(number, found)


def _read_event(number: int, found: Any) -> Event | Unread:
    texts = (
        {name: found.get(name, "") for name in ("api", *FIELDS, "expected", "got")}
        if (is_object(found))
        else {}
    )
    if not texts or not all(isinstance(text, str) for text in texts.values()):
        return Unread(number, "no drift event")
    if not texts["operation"] or not texts["kind"]:
        return Unread(number, "no drift event")
    return Event(number=number, **texts)


_BODILESS: Final = frozenset({204, 205})
_LONGEST: Final = 86_400.0
"""The longest plausible duration, in seconds."""


def read_har_entry(number: int, item: Any) -> Recorded | Unread:
    """Return the exchange of an item of `log.entries`."""
    found = split_entry(number, item, url="url", status=lambda response: response.get("status"))
    if isinstance(found, Unread):
        return found
    if found.status == 304:
        return Unread(number, "served from a cache", found.url)
    request, headers = found.request, _read_pairs(found.response.get("headers"))
    has_headers = bool(headers)
    content = found.response.get("content")
    content = content if is_object(content) else {}
    kind = to_text(content.get("mimeType"))
    if kind and kind != "x-unknown" and not _has_header(headers, "content-type"):
        headers = (*headers, ("Content-Type", kind))
    return Recorded(
        number=number,
        method=to_text(request.get("method")).upper() or "GET",
        url=found.url,
        request_headers=_request_headers(request),
        request_body=_read_request_body(request.get("postData")),
        status=found.status,
        headers=headers,
        body=decompress_body(_read_content(content, found.status, headers), headers),
        has_headers=has_headers,
        seconds=_read_seconds(item.get("time")),
    )


def _read_pairs(value: Any) -> Headers:
    """Read the headers, without pseudo headers of HTTP/2 (`:path`)."""
    found = (each for each in value if is_object(each)) if is_list(value) else ()
    pairs = ((to_text(each.get("name")), to_text(each.get("value"))) for each in found)
    return tuple((name, text) for name, text in pairs if name and not name.startswith(":"))


def _has_header(headers: Headers, name: str) -> bool:
    return any(key.lower() == name for key, _ in headers)


def _request_headers(request: dict[Any, Any]) -> Headers:
    headers, data = _read_pairs(request.get("headers")), request.get("postData")
    kind = to_text(data.get("mimeType")) if is_object(data) else ""
    if kind and not _has_header(headers, "content-type"):
        return (*headers, ("Content-Type", kind))
    return headers


def _read_request_body(data: Any) -> bytes:
    if not is_object(data):
        return b""
    found = decode_body(data.get("text"), data.get("encoding") or data.get("_encoding"))
    if found or not is_list(data.get("params")):
        return found or b""
    pairs = [
        (to_text(each.get("name")), to_text(each.get("value")))
        for each in data["params"]
        if is_object(each)
    ]
    return urlencode(pairs, errors="replace").encode()


def _read_content(content: dict[Any, Any], status: int, headers: Headers) -> bytes | None:
    """Read the body; None if the recording lacks it.

    A size of 0 says nothing: exporters write it for bodies that they dropped.
    """
    if content.get("text") is not None:
        return decode_body(content["text"], content.get("encoding"))
    lengths = {value.strip() for name, value in headers if name.lower() == "content-length"}
    return b"" if status in _BODILESS or lengths == {"0"} else None


def _read_seconds(value: Any) -> float:
    try:
        seconds = float(value) / 1000
        return seconds if 0 <= seconds < _LONGEST else 0.0
    except (TypeError, ValueError, OverflowError):
        return 0.0
