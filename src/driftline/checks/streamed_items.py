"""Compares the items of a stream with their schemas: a limited number in one response."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from driftline.checks.exchange import Exchange
from driftline.checks.finding import Flaw
from driftline.openapi import ItemSchema, MediaType, Spec, StreamSchema, describe, describe_stream
from driftline.runtime import ParsedEvent, choose_parser

MAX_ITEMS = 100
"""Items of one response that are compared with their schema."""
_END = b"[DONE]"
JudgeValue = Callable[[str, Any], Iterator[Flaw]]


def find_stream_flaws(
    spec: Spec, media: MediaType, exchange: Exchange, judge: JudgeValue
) -> Iterator[Flaw]:
    """Yield the flaws of a stream's items, and of its end.

    `judge` compares a JSON value with the schema at a pointer.
    """
    stream_schema = describe_stream(spec, media)
    parser = choose_parser(exchange.get_header("content-type") or media.name, None)
    records = [*islice(parser.feed(exchange.body), MAX_ITEMS)]
    is_ended = any(record.data == _END for record in records)
    for record in records:
        if record.data == _END:
            break
        yield from _judge_item(media, stream_schema, record, judge)
    rest = None if is_ended or len(records) == MAX_ITEMS else parser.finish()
    if rest is not None and _parse(rest.data) is None:
        yield _build_end_flaw(media, exchange, "the stream ends within an item")
    elif exchange.interruption:
        yield _build_end_flaw(media, exchange, f"the stream broke off: {exchange.interruption}")
    elif rest is not None:
        yield from _judge_item(media, stream_schema, rest, judge)


def _build_end_flaw(media: MediaType, exchange: Exchange, message: str) -> Flaw:
    end = exchange.body[-100:].decode("utf-8", "replace").replace("\0", "")
    return Flaw("response.stream.incomplete", media.pointer, message, "a whole item", describe(end))


def _judge_item(
    media: MediaType, stream_schema: StreamSchema, record: ParsedEvent, judge: JudgeValue
) -> Iterator[Flaw]:
    documented_events = stream_schema.events
    if (
        documented_events
        and record.event not in documented_events
        and stream_schema.data == ItemSchema()
    ):
        yield Flaw(
            "response.event.undocumented",
            media.pointer,
            f"the event `{record.event}` is not documented",
            ", ".join(documented_events),
            describe(record.event),
            where=record.event,
        )
        return
    item = stream_schema.choose(record.event)
    string = record.data.decode("utf-8", "replace")
    value = (string,) if item.is_text else _parse(record.data)
    if value is None:
        is_free = not item.pointer and media.kind == "event_stream"
        if not is_free:  # a string, if no schema says that it is JSON
            message = "an item of the stream is not JSON"
            yield Flaw("response.item.unreadable", media.pointer, message, "JSON", describe(string))
        return
    if item.pointer:
        yield from judge(item.pointer, value[0])


def _parse(data: bytes) -> tuple[Any] | None:
    """Return the JSON value of an item, or None if it is not JSON."""
    try:
        return (json.loads(data),)
    except (ValueError, RecursionError):
        return None
