"""What a server may cost a client: bytes, headers, and time."""

from __future__ import annotations

import asyncio
import gzip
import inspect
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from generate.minimal import (
    client_of as generated_client_of,
    document_of,
    import_generated,
    json_response,
    spec_of,
)

from driftline.runtime import AsyncClient, Client, Endpoint
from driftline.runtime.errors import (
    DeadlineExceeded,
    DecodingError,
    IncompleteResponse,
    ResponseTooLarge,
    TransportError,
)
from runtime.apis import api_of, async_client_of, client_of
from runtime.transports import Body, Recorder

TEXT = Endpoint("x.get", "GET", "/x", media_types={"200": ("text/plain",)}, responses={"200": None})
API = api_of(TEXT)
BIG = b"x" * 5000


def outcomes(*pieces: bytes, headers: dict[str, str] | None = None, **options: Any) -> list[Any]:
    """What both kinds of client make of a body that comes in these pieces."""
    options = {"retries": 2, **options}

    def fresh() -> Recorder:
        return Recorder(httpx.Response(200, stream=Body(*pieces), headers=headers or {}))

    async def run() -> Any:
        async with async_client_of(API, fresh(), **options) as client:
            return await client.request("x.get")

    found: list[Any] = []
    for call in (
        lambda: client_of(API, fresh(), **options).request("x.get"),
        lambda: asyncio.run(run()),
    ):
        try:
            found.append(call())
        except TransportError as error:
            found.append(error)
        except DecodingError as error:
            found.append(error)
    return found


def test_a_body_is_bounded_as_it_comes() -> None:
    """In pieces or as declared; as many bytes as allowed are taken; it is not asked for again."""
    assert outcomes(BIG, max_response_size=5000) == ["x" * 5000] * 2
    assert outcomes(BIG, max_response_size=None) == ["x" * 5000] * 2
    declared = {"Content-Length": "5000"}
    for pieces, headers in (((BIG[:2500], BIG[2500:]), {}), ((BIG,), declared)):
        for error in outcomes(*pieces, headers=headers, max_response_size=4999):
            assert type(error) is ResponseTooLarge
            assert isinstance(error, IncompleteResponse)
            assert "4999 bytes" in str(error)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_packed_body_is_counted_while_it_is_unpacked(layers: int) -> None:
    """A few kilobytes that stand for 256 MB never take more than a little memory."""
    packed = gzip.compress(bytes(256 * 1024 * 1024), 9)
    if layers == 2:
        packed = gzip.compress(packed, mtime=0)
    coding = {"Content-Encoding": ", ".join(["gzip"] * layers)}
    tracemalloc.start()
    try:
        found = outcomes(packed, headers=coding, max_response_size=2_000_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    expected = ResponseTooLarge if layers == 1 else DecodingError
    assert [type(error) for error in found] == [expected] * 2
    assert peak < 10_000_000


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(BIG, mtime=0)),
        ("GZIP", gzip.compress(BIG, mtime=0)),
        ("x-gzip", gzip.compress(BIG, mtime=0)),
        ("deflate", zlib.compress(BIG)),
        ("deflate", raw_deflate(BIG)),
        ("identity", BIG),
    ],
)
def test_what_was_asked_for_is_unpacked(coding: str, packed: bytes) -> None:
    """In pieces of any size; deflate with the header of zlib and without."""
    for size in (len(packed), 7):
        pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
        assert outcomes(*pieces, headers={"Content-Encoding": coding}) == ["x" * 5000] * 2


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("br", b"x"),
        ("gzip, deflate", b"x"),
        ("gzip", b"no gzip at all"),
        ("gzip", gzip.compress(BIG, mtime=0)[:-9]),
        ("gzip", gzip.compress(BIG, mtime=0)[:-12] + b"\0" * 12),
    ],
)
def test_what_cannot_be_unpacked_is_a_decoding_error(coding: str, packed: bytes) -> None:
    """Another coding, more than one, none at all, one that breaks off, a wrong checksum."""
    for error in outcomes(packed, headers={"Content-Encoding": coding}):
        assert type(error) is DecodingError


def test_headers_are_bounded() -> None:
    """By number, whatever sends them."""
    many = {f"X-{number}": "a" for number in range(1001)}
    for error in outcomes(b"a", headers=many, retries=0):
        assert isinstance(error, TransportError)
        assert "1000 headers" in str(error)


@contextmanager
def dripping(head: bytes, drop: bytes) -> Iterator[str]:
    """The URL of a server that sends `head`, and then `drop` for as long as anybody listens."""
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65536)
                    connection.sendall(head)
                    while not stop.wait(0.02):
                        connection.sendall(drop)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


DRIPS = {
    "status line": (b"H", b"T"),
    "header bytes": (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "informational responses": (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "chunks of a body": (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"1\r\na\r\n",
    ),
    "the size of a chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
}


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("drip", DRIPS)
def test_a_deadline_ends_what_drips_for_ever(kind: Any, drip: str) -> None:
    """Wherever in the response; each byte comes long before the timeout of a read."""
    with dripping(*DRIPS[drip]) as url:
        client = kind(API, {}, base_url=url, timeout=60.0, retries=0)

        async def run() -> None:
            answer = client.request("x.get", deadline=0.3)
            if inspect.isawaitable(answer):
                await answer

        with pytest.raises((DeadlineExceeded, TransportError)) as caught:
            asyncio.run(run())
    # A server may also say something that is no HTTP before the time is up.
    assert drip == "status line" or type(caught.value) is DeadlineExceeded


def test_a_document_whose_models_multiply_costs_a_client_nothing(tmp_path: Path) -> None:
    """Thirty models, each with two of the next: those that did not come are not looked for."""
    schemas = {
        f"L{n}": {
            "type": "object",
            "properties": {key: {"$ref": f"#/components/schemas/L{n + 1}"} for key in "ab"},
        }
        for n in range(30)
    }
    schemas["L30"] = {"type": "object", "properties": {}}
    answers = json_response({"$ref": "#/components/schemas/L0"})
    paths = {"/a": {"get": {"operationId": "a.get", "responses": {"200": answers}}}}
    spec = spec_of(document_of(paths, schemas=schemas))
    with import_generated(spec, tmp_path) as (package, _):
        client = generated_client_of(package, spec, lambda _: httpx.Response(200, json={"a": {}}))
        assert client.a.get().a.b is None
