"""Typed streams: server-sent events and JSON lines, item by item, sync and async."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from typing import Any

import attrs
import httpx
import pytest
from hypothesis import given, strategies as st

from driftline.runtime import (
    Endpoint,
    Fields,
    Model,
    Retries,
    StreamEvent,
    StreamItems,
    WireParameter,
)
from driftline.runtime.decode.fields import required
from driftline.runtime.errors import (
    DecodingError,
    DriftError,
    IncompleteResponse,
    NotFound,
    ResponseTooLarge,
    TransportTimeout,
)
from driftline.runtime.streaming.records import EventParser, LineParser
from runtime.apis import build_api, build_async_client, build_client
from runtime.transports import Body, FakeClock, Recorder, Reply

SSE, LINES = "text/event-stream", "application/jsonl"


@attrs.frozen(kw_only=True, repr=False, eq=False)
class Word(Model):
    """An item of a transcript."""

    word: str = attrs.field(metadata=required("word"))


@attrs.frozen(kw_only=True, repr=False, eq=False)
class DoneEvent(Model):
    """The data of the last event."""

    words: int = attrs.field(metadata=required("words"))


def build_operation(kind: str = SSE, *other_types: str, **fields: Any) -> Endpoint:
    items = fields.pop("items", StreamItems(lambda: Word, {"done": lambda: DoneEvent}))
    return Endpoint(
        "x.watch",
        fields.pop("method", "GET"),
        "/x",
        media_types={"200": (*other_types, kind)},
        responses={"200": fields.pop("json", None)},
        streams={"200": items},
        **fields,
    )


def build_stream(*pieces: bytes, media_type: str = SSE, **headers: str) -> httpx.Response:
    return httpx.Response(
        200, stream=Body(*pieces), headers={"Content-Type": media_type, **headers}
    )


class BrokenBody(Body):
    """A body that breaks off after its pieces."""

    def __iter__(self) -> Iterator[bytes]:
        yield from super().__iter__()
        raise httpx.RemoteProtocolError("peer closed connection")


def break_off(*pieces: bytes, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    def respond(request: httpx.Request) -> httpx.Response:
        headers["Content-Type"] = SSE
        return httpx.Response(200, stream=BrokenBody(*pieces), headers=headers, request=request)

    return respond


@attrs.frozen
class Run:
    """The items, error and requests of a stream."""

    items: list[Any]
    error: Exception | None
    requests: list[httpx.Request]
    clock: FakeClock


def run(kind: str, operation: Endpoint, *replies: Reply, **options: Any) -> Run:
    """Iterate over the stream of an operation with a sync or async client."""
    recorder, items, clock = Recorder(*replies), list[Any](), FakeClock()
    error: Exception | None = None

    def read_sync() -> None:
        with (
            build_client(build_api(operation), recorder, **options) as client,
            client.request("x.watch") as stream,
        ):
            for item in stream:
                items.append(item)

    async def read_async() -> None:
        client = build_async_client(build_api(operation), recorder, **options)
        async with client, await client.request("x.watch") as stream:
            async for item in stream:
                items.append(item)

    try:
        read_sync() if kind == "sync" else asyncio.run(read_async())
    except Exception as raised:
        error = raised
    return Run(items, error, recorder.requests, clock)


for_both_kinds = pytest.mark.parametrize("kind", ["sync", "async"])


@for_both_kinds
def test_each_event_has_typed_data_by_its_name(kind: str) -> None:
    """Each event has typed data, name, ID and retry
    time, whatever the chunks; comments are skipped.
    """
    body = (
        b': hello\n\ndata: {"word": "a"}\nid: 7\nretry: 1500\n\n'
        b'event: done\r\ndata: {"words":\r\ndata: 1}\r\n\r\n'
    )
    for size in (1, 3, len(body)):
        pieces = [body[start : start + size] for start in range(0, len(body), size)]
        result = run(kind, build_operation(), build_stream(*pieces))
        assert result.error is None
        first, second = result.items
        assert (first.data, first.event, first.id, first.retry) == (
            Word(word="a"),
            "message",
            "7",
            1.5,
        )
        assert (second.data, second.event, second.id) == (DoneEvent(words=1), "done", "7")
    assert result.requests[0].headers["Accept"] == SSE


@for_both_kinds
@pytest.mark.parametrize("media_type", [LINES, "application/x-ndjson", "application/json-seq"])
def test_json_lines_are_decoded_as_items(kind: str, media_type: str) -> None:
    """JSON lines are items; blank lines are skipped, and the last line needs no newline."""
    mark = b"\x1e" if media_type.endswith("seq") else b""
    body = mark + b'{"word": "a"}\n' + mark + b'\n{"word": "b"}'
    result = run(kind, build_operation(media_type), build_stream(body, media_type=media_type))
    assert (result.items, result.error) == ([Word(word="a"), Word(word="b")], None)


@for_both_kinds
def test_a_compressed_stream_is_decompressed(kind: str) -> None:
    """A compressed stream yields all its items."""
    compressed_body = gzip.compress(b'data: {"word": "a"}\n\n' * 50)
    reply = build_stream(compressed_body[:30], compressed_body[30:], **{"Content-Encoding": "gzip"})
    result = run(kind, build_operation(), reply)
    assert (len(result.items), result.error) == (50, None)


@for_both_kinds
def test_done_ends_a_stream_of_json(kind: str) -> None:
    """Nothing after `[DONE]` is read, and the connection is released."""
    reply = build_stream(
        b'data: {"word": "a"}\n\ndata: [DONE]\n\ndata: {"word": "b"}\n\n', b"data: 1"
    )
    result = run(kind, build_operation(), reply)
    assert ([item.data.word for item in result.items], result.error) == (["a"], None)
    assert reply.is_closed


@for_both_kinds
def test_data_without_a_schema_is_json_or_text(kind: str) -> None:
    """Data without a schema is JSON if it parses and
    text otherwise; a string schema keeps the text.
    """
    body = b'data: {"a": 1}\n\ndata: hello\n\n'
    untyped_result = run(kind, build_operation(items=StreamItems()), build_stream(body))
    assert [item.data for item in untyped_result.items] == [{"a": 1}, "hello"]
    text_result = run(kind, build_operation(items=StreamItems(lambda: str)), build_stream(body))
    assert [item.data for item in text_result.items] == ['{"a": 1}', "hello"]


@for_both_kinds
@pytest.mark.parametrize("data", [b"{", b"<html>", b"\xff\xfe"])
def test_invalid_data_raises_after_the_earlier_items(kind: str, data: bytes) -> None:
    """Invalid data raises `DecodingError` after the earlier items, and closes the stream."""
    reply = build_stream(b'data: {"word": "a"}\n\ndata: ' + data + b"\n\n")
    result = run(kind, build_operation(), reply)
    assert len(result.items) == 1
    assert isinstance(result.error, DecodingError)
    assert reply.is_closed


@for_both_kinds
def test_an_undocumented_item_is_drift(kind: str) -> None:
    """The item is yielded and its drift reported; a strict client raises `DriftError`."""
    events: list[Any] = []
    result = run(
        kind, build_operation(), build_stream(b'data: {"word": 5}\n\n'), on_drift=events.append
    )
    assert [event.kind for event in events] == ["type.mismatch"]
    assert (result.items[0].data.to_dict(), result.error) == ({"word": 5}, None)
    strict = run(kind, build_operation(), build_stream(b'data: {"word": 5}\n\n'), strict=True)
    assert isinstance(strict.error, DriftError)


@for_both_kinds
def test_an_incomplete_stream_is_an_error(kind: str) -> None:
    """A stream that ends within an item or loses
    its connection raises, and a POST is not resent.
    """
    cut_result = run(kind, build_operation(), build_stream(b'data: {"word": "a"}\n\ndata: {"wo'))
    assert (len(cut_result.items), type(cut_result.error)) == (1, IncompleteResponse)
    lost_result = run(
        kind, build_operation(method="POST"), break_off(b'id: 1\ndata: {"word": "a"}\n\n')
    )
    assert (len(lost_result.items), type(lost_result.error), len(lost_result.requests)) == (
        1,
        IncompleteResponse,
        1,
    )


@for_both_kinds
def test_a_lost_get_stream_is_resumed_after_its_last_event(kind: str) -> None:
    """The client resumes with `Last-Event-ID` after the requested wait; 204 ends the stream."""
    replies = (
        break_off(b'retry: 20\nid: 1\ndata: {"word": "a"}\n\n'),
        build_stream(b'id: 2\ndata: {"word": "b"}\n\n'),
    )
    result = run(kind, build_operation(), *replies)
    assert ([item.id for item in result.items], result.error) == (["1", "2"], None)
    assert [r.headers.get("Last-Event-ID") for r in result.requests] == [None, "1"]
    ended_result = run(kind, build_operation(), replies[0], httpx.Response(204))
    assert (len(ended_result.items), ended_result.error) == (1, None)
    missing_result = run(kind, build_operation(), replies[0], httpx.Response(404))
    assert isinstance(missing_result.error, NotFound)


@for_both_kinds
@pytest.mark.parametrize("identity", ["ä", "a\x0bb"])
def test_an_event_id_that_is_invalid_in_a_header_prevents_resuming(
    kind: str, identity: str
) -> None:
    """A lost stream with such an ID raises `IncompleteResponse` and is not resumed."""
    lost_stream = break_off(f'id: {identity}\ndata: {{"word": "a"}}\n\n'.encode())
    result = run(
        kind, build_operation(), lost_stream, build_stream(b'id: 2\ndata: {"word": "b"}\n\n')
    )
    assert ([item.id for item in result.items], len(result.requests)) == ([identity], 1)
    assert isinstance(result.error, IncompleteResponse)


@for_both_kinds
def test_retries_bound_attempts_without_an_event(kind: str) -> None:
    """`retries` bounds the consecutive attempts that yield no event."""
    lost_stream = break_off(b"")
    result = run(kind, build_operation(), break_off(b'id: 1\ndata: {"word": "a"}\n\n'), lost_stream)
    assert isinstance(result.error, IncompleteResponse)
    assert len(result.requests) == 3


class Dripping(Body):
    """An endless body of comments, each of which takes one second."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock

    def __iter__(self) -> Iterator[bytes]:
        for _ in count():
            self.clock.time += 1
            yield b": still there\n\n"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


@for_both_kinds
def test_comments_do_not_extend_the_event_timeout(kind: str) -> None:
    """Comments do not extend `event_timeout`; the time your code takes per item does not count."""
    clock = FakeClock()
    reply = httpx.Response(200, stream=Dripping(clock), headers={"Content-Type": SSE})
    result = run(kind, build_operation(), reply, retries=Retries(clock=clock), event_timeout=30)
    assert isinstance(result.error, TransportTimeout)
    assert "no event within 30 seconds" in str(result.error)

    recorder = Recorder(build_stream(*[b'data: {"word": "a"}\n\n'] * 3))
    with build_client(
        build_api(build_operation()), recorder, retries=Retries(clock=clock)
    ) as client:
        for _ in client.request("x.watch", event_timeout=30):
            clock.time += 100


@for_both_kinds
@pytest.mark.parametrize("media_type", [SSE, LINES])
def test_a_line_without_an_end_is_bounded(kind: str, media_type: str) -> None:
    """`max_response_size` bounds a single line, not the stream as a whole."""
    pieces = [b'data: {"word": "a"}\n\n' if media_type == SSE else b'{"word": "a"}\n'] * 50
    long = build_stream(*pieces, *[b"x" * 100] * 50, media_type=media_type)
    result = run(kind, build_operation(media_type), long, max_response_size=500)
    assert (len(result.items), type(result.error)) == (50, ResponseTooLarge)


@for_both_kinds
@pytest.mark.parametrize("media_type", ["text/html", "application/json"])
def test_a_response_that_is_not_a_stream_raises_at_once(kind: str, media_type: str) -> None:
    """Another media type or an error status raises before an item is read."""
    reply = build_stream(b"<h1>", media_type=media_type)
    result = run(kind, build_operation(), reply)
    assert isinstance(result.error, DecodingError)
    assert reply.is_closed
    status = run(kind, build_operation(), httpx.Response(404, json={"message": "no"}))
    assert isinstance(status.error, NotFound)


def test_a_stream_is_closed_when_it_is_left() -> None:
    """Leaving the block closes the stream, which then yields no item."""
    reply = build_stream(*[b'data: {"word": "a"}\n\n'] * 100)
    with build_client(build_api(build_operation()), Recorder(reply)) as client:
        with client.request("x.watch") as stream:
            assert next(stream).data.word == "a"
        assert reply.is_closed
        assert list(stream) == []
        assert stream.status == 200


def test_an_operation_with_both_returns_json_or_a_stream() -> None:
    """A plain call requests JSON and rejects a stream; `open_stream` requests a stream."""
    operation = build_operation(SSE, "application/json", json=lambda: Word, method="POST")
    replies = [httpx.Response(200, json={"word": "a"}), build_stream(b'data: {"word": "b"}\n\n')]
    recorder = Recorder(*replies, build_stream(b": endless"))
    with build_client(build_api(operation), recorder) as client:
        assert client.request("x.watch").word == "a"
        assert [event.data.word for event in client.open_stream("x.watch")] == ["b"]
        with pytest.raises(DecodingError, match="a stream"):
            client.request("x.watch")
    accepts = [request.headers["Accept"] for request in recorder.requests]
    assert accepts == ["application/json", SSE, "application/json"]


def test_open_stream_sends_the_stream_flag() -> None:
    """`open_stream` sets the flag in the body fields, in a whole body, or in the query."""
    body = build_operation(
        SSE, "application/json", method="POST", stream_flag="stream", media_type="application/json"
    )
    recorder = Recorder(lambda _: build_stream(b"data: {}\n\n"))
    with build_client(build_api(body), recorder) as client:
        list(client.open_stream("x.watch", body=Fields(text="a")))
        assert json.loads(recorder.last.content) == {"text": "a", "stream": True}
        list(client.open_stream("x.watch", body={"text": "a"}))
        assert json.loads(recorder.last.content) == {"text": "a", "stream": True}
    query = build_operation(
        SSE,
        "application/json",
        parameters=(WireParameter("stream", "query"),),
        stream_flag="stream",
    )
    with build_client(build_api(query), recorder) as client:
        list(client.open_stream("x.watch"))
        assert recorder.last.url.query == b"stream=true"


def test_raw_returns_the_stream_with_its_headers() -> None:
    """`client.raw` returns the headers with the stream, and `client.stream` the raw bytes."""
    recorder = Recorder(lambda _: build_stream(b'data: {"word": "a"}\n\n'))
    with build_client(build_api(build_operation()), recorder) as client:
        raw = client.raw(client.request, "x.watch")
        assert raw.headers["Content-Type"] == SSE
        assert [event.data.word for event in raw.value] == ["a"]
        with client.stream(client.request, "x.watch") as response:
            assert b"".join(response.iter_bytes()) == b'data: {"word": "a"}\n\n'


REQUEST = httpx.Request("GET", "http://x")
LINE = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=8)


def write_event(data: list[str], name: str, identity: str, end: str) -> bytes:
    lines = [f"data: {line}" for line in data]
    lines += [f"event: {name}"] if name else []
    return end.join([*lines, f"id: {identity}", "", ""]).encode()


@given(
    st.lists(st.tuples(st.lists(LINE, min_size=1, max_size=3), LINE, LINE), max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(1, 9),
)
def test_events_are_parsed_from_chunks_of_any_size(
    events: list[tuple[list[str], str, str]], end: str, size: int
) -> None:
    """Every text, name and ID is parsed with any line ending and any chunk size."""
    body = b"\xef\xbb\xbf" + b"".join(write_event(*event, end) for event in events)
    parser = EventParser(None, REQUEST)
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    records = [record for piece in pieces for record in parser.feed(piece)]
    assert [(r.data.decode(), r.event, r.id) for r in records] == [
        ("\n".join(data), name or "message", identity) for data, name, identity in events
    ]
    assert parser.finish() is None


@given(st.binary(max_size=200), st.integers(1, 9))
def test_both_parsers_agree_on_any_bytes_in_any_chunks(body: bytes, size: int) -> None:
    """Both parsers return the same records for any bytes, however they are split."""
    for make in (
        lambda: EventParser(None, REQUEST),
        lambda: LineParser(None, REQUEST, b"\n"),
    ):
        whole_parser, split = make(), make()
        expected = [*whole_parser.feed(body), whole_parser.finish()]
        pieces = [body[start : start + size] for start in range(0, len(body), size)]
        assert [*(r for piece in pieces for r in split.feed(piece)), split.finish()] == expected


def test_an_event_compares_by_its_values() -> None:
    """Events with equal values are equal, so that tests of client code can compare them."""
    assert StreamEvent("a", id="1") == StreamEvent("a", "message", "1")
