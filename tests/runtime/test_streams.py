"""Typed streams: server-sent events and JSON lines, one item after the other, sync and async."""

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
from runtime.apis import api_of, async_client_of, client_of
from runtime.transports import Body, FakeClock, Recorder, Reply

SSE, LINES = "text/event-stream", "application/jsonl"


@attrs.frozen(kw_only=True, repr=False, eq=False)
class Word(Model):
    """An item of a transcript."""

    word: str = attrs.field(metadata=required("word"))


@attrs.frozen(kw_only=True, repr=False, eq=False)
class Done(Model):
    """What the last event says."""

    words: int = attrs.field(metadata=required("words"))


def operation(kind: str = SSE, *others: str, **more: Any) -> Endpoint:
    items = more.pop("items", StreamItems(lambda: Word, {"done": lambda: Done}))
    return Endpoint(
        "x.watch",
        more.pop("method", "GET"),
        "/x",
        media_types={"200": (*others, kind)},
        responses={"200": more.pop("json", None)},
        streams={"200": items},
        **more,
    )


def stream_of(*pieces: bytes, media_type: str = SSE, **headers: str) -> httpx.Response:
    return httpx.Response(
        200, stream=Body(*pieces), headers={"Content-Type": media_type, **headers}
    )


class Broken(Body):
    """A body that breaks off after its pieces."""

    def __iter__(self) -> Iterator[bytes]:
        yield from super().__iter__()
        raise httpx.RemoteProtocolError("peer closed connection")


def break_off(*pieces: bytes, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    def respond(request: httpx.Request) -> httpx.Response:
        headers["Content-Type"] = SSE
        return httpx.Response(200, stream=Broken(*pieces), headers=headers, request=request)

    return respond


@attrs.frozen
class Run:
    """What came of a stream, how it ended, and what was sent."""

    items: list[Any]
    error: Exception | None
    requests: list[httpx.Request]
    clock: FakeClock


def run(kind: str, described: Endpoint, *replies: Reply, **options: Any) -> Run:
    """Iterate over the stream of an operation with either kind of client."""
    sent, items, clock = Recorder(*replies), list[Any](), FakeClock()
    error: Exception | None = None

    def read() -> None:
        with (
            client_of(api_of(described), sent, **options) as client,
            client.request("x.watch") as stream,
        ):
            for item in stream:
                items.append(item)

    async def read_async() -> None:
        client = async_client_of(api_of(described), sent, **options)
        async with client, await client.request("x.watch") as stream:
            async for item in stream:
                items.append(item)

    try:
        read() if kind == "sync" else asyncio.run(read_async())
    except Exception as caught:
        error = caught
    return Run(items, error, sent.requests, clock)


both = pytest.mark.parametrize("kind", ["sync", "async"])


@both
def test_events_are_typed_by_their_names(kind: str) -> None:
    """Data, name, id and wait of each event, whatever the pieces they come in; comments are not."""
    text = (
        b': hello\n\ndata: {"word": "a"}\nid: 7\nretry: 1500\n\n'
        b'event: done\r\ndata: {"words":\r\ndata: 1}\r\n\r\n'
    )
    for size in (1, 3, len(text)):
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        done = run(kind, operation(), stream_of(*pieces))
        assert done.error is None
        first, second = done.items
        assert (first.data, first.event, first.id, first.retry) == (
            Word(word="a"),
            "message",
            "7",
            1.5,
        )
        assert (second.data, second.event, second.id) == (Done(words=1), "done", "7")
    assert done.requests[0].headers["Accept"] == SSE


@both
@pytest.mark.parametrize("media_type", [LINES, "application/x-ndjson", "application/json-seq"])
def test_json_lines_are_items(kind: str, media_type: str) -> None:
    """Blank lines are left out, and the last line needs no end."""
    mark = b"\x1e" if media_type.endswith("seq") else b""
    body = mark + b'{"word": "a"}\n' + mark + b'\n{"word": "b"}'
    done = run(kind, operation(media_type), stream_of(body, media_type=media_type))
    assert (done.items, done.error) == ([Word(word="a"), Word(word="b")], None)


@both
def test_a_packed_stream_is_unpacked(kind: str) -> None:
    """Each item comes as soon as its bytes can be unpacked."""
    packed = gzip.compress(b'data: {"word": "a"}\n\n' * 50)
    reply = stream_of(packed[:30], packed[30:], **{"Content-Encoding": "gzip"})
    done = run(kind, operation(), reply)
    assert (len(done.items), done.error) == (50, None)


@both
def test_the_end_mark_ends_a_stream_of_json(kind: str) -> None:
    """Nothing after it is read, and the connection is given back."""
    reply = stream_of(b'data: {"word": "a"}\n\ndata: [DONE]\n\ndata: {"word": "b"}\n\n', b"data: 1")
    done = run(kind, operation(), reply)
    assert ([each.data.word for each in done.items], done.error) == (["a"], None)
    assert reply.is_closed


@both
def test_data_without_a_schema_is_json_or_text(kind: str) -> None:
    """And of a string it is the text as it came."""
    body = b'data: {"a": 1}\n\ndata: hello\n\n'
    anything = run(kind, operation(items=StreamItems()), stream_of(body))
    assert [each.data for each in anything.items] == [{"a": 1}, "hello"]
    text = run(kind, operation(items=StreamItems(lambda: str)), stream_of(body))
    assert [each.data for each in text.items] == ['{"a": 1}', "hello"]


@both
@pytest.mark.parametrize("data", [b"{", b"<html>", b"\xff\xfe"])
def test_garbage_is_a_typed_error_after_the_items_before_it(kind: str, data: bytes) -> None:
    """The error quotes the event, and the stream is over."""
    reply = stream_of(b'data: {"word": "a"}\n\ndata: ' + data + b"\n\n")
    done = run(kind, operation(), reply)
    assert len(done.items) == 1
    assert isinstance(done.error, DecodingError)
    assert reply.is_closed


@both
def test_an_item_that_is_not_as_documented_is_drift(kind: str) -> None:
    """It is given all the same; a strict client raises."""
    events: list[Any] = []
    done = run(kind, operation(), stream_of(b'data: {"word": 5}\n\n'), on_drift=events.append)
    assert [event.kind for event in events] == ["type.mismatch"]
    assert (done.items[0].data.to_dict(), done.error) == ({"word": 5}, None)
    strict = run(kind, operation(), stream_of(b'data: {"word": 5}\n\n'), strict=True)
    assert isinstance(strict.error, DriftError)


@both
def test_a_stream_that_stops_half_way_is_an_error(kind: str) -> None:
    """Within an item, or by a lost connection; of a POST nothing is sent again."""
    within = run(kind, operation(), stream_of(b'data: {"word": "a"}\n\ndata: {"wo'))
    assert (len(within.items), type(within.error)) == (1, IncompleteResponse)
    lost = run(kind, operation(method="POST"), break_off(b'id: 1\ndata: {"word": "a"}\n\n'))
    assert (len(lost.items), type(lost.error), len(lost.requests)) == (1, IncompleteResponse, 1)


@both
def test_a_lost_stream_of_a_get_goes_on_after_its_last_event(kind: str) -> None:
    """By Last-Event-ID, after the wait that the server asked for; 204 says that nothing follows."""
    replies = (
        break_off(b'retry: 20\nid: 1\ndata: {"word": "a"}\n\n'),
        stream_of(b'id: 2\ndata: {"word": "b"}\n\n'),
    )
    done = run(kind, operation(), *replies)
    assert ([each.id for each in done.items], done.error) == (["1", "2"], None)
    assert [r.headers.get("Last-Event-ID") for r in done.requests] == [None, "1"]
    over = run(kind, operation(), replies[0], httpx.Response(204))
    assert (len(over.items), over.error) == (1, None)
    gone = run(kind, operation(), replies[0], httpx.Response(404))
    assert isinstance(gone.error, NotFound)


@both
@pytest.mark.parametrize("identity", ["ä", "a\x0bb"])
def test_an_id_that_no_header_can_carry_ends_a_lost_stream(kind: str, identity: str) -> None:
    """The server chose it, so that the stream broke off, and no argument is wrong."""
    lost = break_off(f'id: {identity}\ndata: {{"word": "a"}}\n\n'.encode())
    done = run(kind, operation(), lost, stream_of(b'id: 2\ndata: {"word": "b"}\n\n'))
    assert ([each.id for each in done.items], len(done.requests)) == ([identity], 1)
    assert isinstance(done.error, IncompleteResponse)


@both
def test_a_stream_without_progress_is_not_requested_for_ever(kind: str) -> None:
    """`retries` bounds the attempts in a row that bring no event."""
    lost = break_off(b"")
    done = run(kind, operation(), break_off(b'id: 1\ndata: {"word": "a"}\n\n'), lost)
    assert isinstance(done.error, IncompleteResponse)
    assert len(done.requests) == 3


class Dripping(Body):
    """Comments for ever; each costs a second."""

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


@both
def test_comments_do_not_put_off_the_deadline_of_an_event(kind: str) -> None:
    """A server that sends everything but an event is a timeout; time of the reader's own is not."""
    clock = FakeClock()
    reply = httpx.Response(200, stream=Dripping(clock), headers={"Content-Type": SSE})
    done = run(kind, operation(), reply, retries=Retries(clock=clock), event_timeout=30)
    assert isinstance(done.error, TransportTimeout)
    assert "no event within 30 seconds" in str(done.error)

    sent = Recorder(stream_of(*[b'data: {"word": "a"}\n\n'] * 3))
    with client_of(api_of(operation()), sent, retries=Retries(clock=clock)) as client:
        for _ in client.request("x.watch", event_timeout=30):
            clock.time += 100


@both
@pytest.mark.parametrize("media_type", [SSE, LINES])
def test_a_line_without_an_end_is_bounded(kind: str, media_type: str) -> None:
    """By `max_response_size`, which a stream as a whole may pass."""
    pieces = [b'data: {"word": "a"}\n\n' if media_type == SSE else b'{"word": "a"}\n'] * 50
    long = stream_of(*pieces, *[b"x" * 100] * 50, media_type=media_type)
    done = run(kind, operation(media_type), long, max_response_size=500)
    assert (len(done.items), type(done.error)) == (50, ResponseTooLarge)


@both
@pytest.mark.parametrize("media_type", ["text/html", "application/json"])
def test_what_is_not_a_stream_is_an_error_at_once(kind: str, media_type: str) -> None:
    """Before anything is read of it."""
    reply = stream_of(b"<h1>", media_type=media_type)
    done = run(kind, operation(), reply)
    assert isinstance(done.error, DecodingError)
    assert reply.is_closed
    status = run(kind, operation(), httpx.Response(404, json={"message": "no"}))
    assert isinstance(status.error, NotFound)


def test_a_stream_is_closed_when_it_is_left() -> None:
    """At the end of the block, or by `close`; then it has no item."""
    reply = stream_of(*[b'data: {"word": "a"}\n\n'] * 100)
    with client_of(api_of(operation()), Recorder(reply)) as client:
        with client.request("x.watch") as stream:
            assert next(stream).data.word == "a"
        assert reply.is_closed
        assert list(stream) == []
        assert stream.status == 200


def test_an_operation_with_both_kinds_gives_json_or_a_stream() -> None:
    """The plain call does not accept a stream, and does not read one; `open_stream` asks for it."""
    described = operation(SSE, "application/json", json=lambda: Word, method="POST")
    replies = [httpx.Response(200, json={"word": "a"}), stream_of(b'data: {"word": "b"}\n\n')]
    sent = Recorder(*replies, stream_of(b": endless"))
    with client_of(api_of(described), sent) as client:
        assert client.request("x.watch").word == "a"
        assert [event.data.word for event in client.open_stream("x.watch")] == ["b"]
        with pytest.raises(DecodingError, match="a stream"):
            client.request("x.watch")
    accepts = [request.headers["Accept"] for request in sent.requests]
    assert accepts == ["application/json", SSE, "application/json"]


def test_the_flag_that_asks_for_a_stream_is_sent() -> None:
    """As a field, beside a whole body, or in the query."""
    body = operation(
        SSE, "application/json", method="POST", stream_flag="stream", media_type="application/json"
    )
    sent = Recorder(lambda _: stream_of(b"data: {}\n\n"))
    with client_of(api_of(body), sent) as client:
        list(client.open_stream("x.watch", body=Fields(text="a")))
        assert json.loads(sent.last.content) == {"text": "a", "stream": True}
        list(client.open_stream("x.watch", body={"text": "a"}))
        assert json.loads(sent.last.content) == {"text": "a", "stream": True}
    query = operation(
        SSE,
        "application/json",
        parameters=(WireParameter("stream", "query"),),
        stream_flag="stream",
    )
    with client_of(api_of(query), sent) as client:
        list(client.open_stream("x.watch"))
        assert sent.last.url.query == b"stream=true"


def test_raw_has_the_stream_and_the_bytes_are_there_for_who_wants_them() -> None:
    """`client.raw` gives the headers beside the stream, `client.stream` the body as it comes."""
    sent = Recorder(lambda _: stream_of(b'data: {"word": "a"}\n\n'))
    with client_of(api_of(operation()), sent) as client:
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
def test_what_was_written_is_parsed_in_pieces_of_any_size(
    events: list[tuple[list[str], str, str]], end: str, size: int
) -> None:
    """Every text, name and id, by whatever line ends, wherever the pieces break."""
    body = b"\xef\xbb\xbf" + b"".join(write_event(*event, end) for event in events)
    parser = EventParser(None, REQUEST)
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    found = [record for piece in pieces for record in parser.feed(piece)]
    assert [(r.data.decode(), r.event, r.id) for r in found] == [
        ("\n".join(data), name or "message", identity) for data, name, identity in events
    ]
    assert parser.finish() is None


@given(st.binary(max_size=200), st.integers(1, 9))
def test_pieces_do_not_matter_for_any_bytes(body: bytes, size: int) -> None:
    """The records of a body are those of the body in one piece, for both forms."""
    for make in (
        lambda: EventParser(None, REQUEST),
        lambda: LineParser(None, REQUEST, b"\n"),
    ):
        whole, split = make(), make()
        expected = [*whole.feed(body), whole.finish()]
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        assert [*(r for piece in pieces for r in split.feed(piece)), split.finish()] == expected


def test_an_event_compares_by_its_values() -> None:
    """So that tests of client code can name the events they expect."""
    assert StreamEvent("a", id="1") == StreamEvent("a", "message", "1")
