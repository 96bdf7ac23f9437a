"""From the bytes of a stream to typed events: 100,000 of them, without a network."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial

import attrs
import httpx

from bench.figures import Comparison, Target, compare
from bench.rounds import interleave, measure_cpu
from driftline.runtime import Api, Client, Endpoint, Model, StreamItems
from driftline.runtime.decode.fields import required

COUNT = 100_000
CHUNK = 64 * 1024
ITEM = {"word": "hello, this is a line", "at": 12.5, "speaker": "AGENT", "confidence": 0.98}
SSE, LINES = "text/event-stream", "application/jsonl"


@attrs.frozen(kw_only=True, repr=False, eq=False)
class Turn(Model):
    """An item of the stream."""

    word: str = attrs.field(metadata=required("word"))
    at: float = attrs.field(metadata=required("at"))
    speaker: str = attrs.field(metadata=required("speaker"))
    confidence: float = attrs.field(metadata=required("confidence"))


class _Chunks(httpx.SyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        return (self._body[at : at + CHUNK] for at in range(0, len(self._body), CHUNK))


def build_body(media_type: str, count: int) -> bytes:
    """Return `count` items as events or lines."""
    line = json.dumps(ITEM).encode()
    return (b"data: %b\n\n" % line if media_type == SSE else line + b"\n") * count


def read_stream(media_type: str, body: bytes) -> int:
    """Read a stream with a client, and return the number of its items."""

    def respond(_: httpx.Request) -> httpx.Response:
        headers = {"Content-Type": media_type}
        return httpx.Response(200, headers=headers, stream=_Chunks(body))

    watch = Endpoint(
        "x.watch",
        "GET",
        "/x",
        media_types={"200": (media_type,)},
        responses={"200": None},
        streams={"200": StreamItems(lambda: Turn)},
    )
    api = Api("x", "1", "https://api.example.com", None, (), {"x.watch": watch})
    with Client(api, {}, transport=httpx.MockTransport(respond)) as client:
        return sum(1 for _ in client.open_stream("x.watch"))


def _load_each(lines: list[bytes]) -> None:
    deque(map(json.loads, lines), 0)


def measure(rounds: int) -> list[Comparison]:
    """Compare both kinds of streams with `json.loads` of each item."""
    lines = [json.dumps(ITEM).encode()] * COUNT
    actions: dict[str, Callable[[], object]] = {"json.loads of each": lambda: _load_each(lines)}
    for name, media_type in (("typed events", SSE), ("typed JSON lines", LINES)):
        actions[name] = partial(read_stream, media_type, build_body(media_type, COUNT))
    rounds_by_name = interleave(
        {name: partial(measure_cpu, act, 1) for name, act in actions.items()}, rounds
    )
    return [
        compare(
            rounds_by_name,
            name,
            "json.loads of each",
            Target("at most", 1.5),
            measurement="streams",
            subject=f"{COUNT:,} items",
            unit="CPU s",
        )
        for name in ("typed events", "typed JSON lines")
    ]
