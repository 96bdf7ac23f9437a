"""Streams of the mock: items that a schema allows, as events or lines, and faults in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs

from driftline.media import get_essence
from driftline.mock.http.messages import HttpRequest, HttpResponse, encode_json
from driftline.openapi import (
    ItemSchema,
    MediaType,
    Operation,
    Spec,
    describe_stream,
    find_stream,
    find_stream_flag,
    is_object,
)

_COUNT = 3
"""Items of a stream whose events have no names."""
_SEPARATOR = "\x1e"
_SSE = "text/event-stream"
WRONG: Final = {"driftline": "wrong"}
"""The data of an item that no schema of an object allows."""
MakeValue = Callable[[str, int], Any]


@attrs.frozen
class StreamItem:
    """One item: its encoded data, and the name of the event, "" for none."""

    data: str
    event: str = ""


def list_items(spec: Spec, media: MediaType, make: MakeValue, index: int) -> list[StreamItem]:
    """Return the items of a stream: one for each documented event name, or three."""
    stream = describe_stream(spec, media)
    schemas = list(stream.events.items()) or [("", stream.data)] * _COUNT
    return [
        StreamItem(_write_data(item, make, index + turn), name)
        for turn, (name, item) in enumerate(schemas)
    ]


def _write_data(item: ItemSchema, make: MakeValue, index: int) -> str:
    if not item.pointer:
        return encode_json({})
    value = make(item.pointer, index)
    return value if item.is_text and isinstance(value, str) else encode_json(value)


def build_stream(
    response: HttpResponse, name: str, items: Sequence[StreamItem], request: HttpRequest
) -> HttpResponse:
    """Return a response with these items, or those after `Last-Event-ID` if it is set."""
    last = request.get_header("Last-Event-ID") or ""
    skip_count = int(last) if re.fullmatch(r"[0-9]{1,9}", last, re.ASCII) else 0
    essence = get_essence(name)
    if essence != _SSE:
        skip_count = 0
    parts = [
        _write_item(item, number, essence).encode("utf-8", "replace")
        for number, item in enumerate(items, 1)
        if number > skip_count
    ]
    return mark_items(response.replace_headers(("Content-Type", name), body=b"".join(parts)))


def mark_items(response: HttpResponse) -> HttpResponse:
    """Return a stream with the offsets of its items, and without a declared length."""
    headers = tuple(pair for pair in response.headers if pair[0].lower() != "content-length")
    from driftline.runtime import find_item_ends  # noqa: PLC0415 - loads httpx

    ends = find_item_ends(response.get_header("Content-Type") or "", response.body)
    return attrs.evolve(response, headers=headers, item_ends=ends)


def _write_item(item: StreamItem, number: int, essence: str) -> str:
    if essence != _SSE:
        start = _SEPARATOR if essence == "application/json-seq" else ""
        return f"{start}{item.data}\n"
    fields = [f"event: {item.event}"] if item.event else []
    fields += [f"id: {number}"]
    fields += [f"data: {line}" for line in re.split(r"\r\n|\r|\n", item.data)]
    return "\n".join([*fields, "", ""])


def corrupt_stream(response: HttpResponse, fault: str) -> HttpResponse:
    """Return a stream with a fault in its middle item; other responses unchanged.

    `garbage` is data that is not JSON, `wrong` an undocumented event or line, and `cut` ends the
    stream within the item.
    """
    ends = response.item_ends
    if not ends:
        return response
    at = len(ends) // 2
    start, end = (0, *ends)[at], ends[at]
    if fault == "cut":
        return _replace_body(response, response.body[: (start + end) // 2], ends[:at])
    is_event = get_essence(response.get_header("Content-Type") or "") == _SSE
    data = encode_json(WRONG).encode() if fault == "wrong" else b"{]\xff"
    event_line = re.search(rb"(?m)^event: .*\n", response.body[start:end])
    name = b"event: driftline.wrong\n" if fault == "wrong" else event_line[0] if event_line else b""
    item = name + b"data: " + data + b"\n\n" if is_event else data + b"\n"
    shift = len(item) - (end - start)
    body = response.body[:start] + item + response.body[end:]
    return _replace_body(
        response, body, (*ends[:at], *(item_end + shift for item_end in ends[at:]))
    )


def _replace_body(response: HttpResponse, body: bytes, ends: Sequence[int]) -> HttpResponse:
    return attrs.evolve(response, body=body, item_ends=tuple(ends))


def choose_form(
    spec: Spec, operation: Operation, media: MediaType, arguments: Any, body: Any
) -> MediaType:
    """Return the media type of a success: a stream if a flag in the request asks for it."""
    flag = find_stream_flag(spec, operation)
    inputs = (arguments, body) if flag else ()
    if any(is_object(value) and value.get(flag or "") is True for value in inputs):
        return find_stream(operation.success) or media
    return media
