"""Limits on what a server can cost a client: bytes, headers and time."""

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
    build_json_response,
    import_generated,
    make_client as generated_client_of,
    make_document,
    make_spec,
)

from driftline.runtime import AsyncClient, Client, Endpoint
from driftline.runtime.errors import (
    DeadlineExceeded,
    DecodingError,
    IncompleteResponse,
    ResponseTooLarge,
    TransportError,
)
from runtime.apis import build_api, build_async_client, build_client
from runtime.transports import Body, Recorder

TEXT_OPERATION = Endpoint(
    "x.get", "GET", "/x", media_types={"200": ("text/plain",)}, responses={"200": None}
)
API = build_api(TEXT_OPERATION)
BIG = b"x" * 5000


def get_outcomes(
    *pieces: bytes, headers: dict[str, str] | None = None, **options: Any
) -> list[Any]:
    """Return the results or errors of a sync and an async client for a body in these pieces."""
    options = {"retries": 2, **options}

    def build_recorder() -> Recorder:
        return Recorder(httpx.Response(200, stream=Body(*pieces), headers=headers or {}))

    async def run() -> Any:
        async with build_async_client(API, build_recorder(), **options) as client:
            return await client.request("x.get")

    outcomes: list[Any] = []
    for call in (
        lambda: build_client(API, build_recorder(), **options).request("x.get"),
        lambda: asyncio.run(run()),
    ):
        try:
            outcomes.append(call())
        except TransportError as error:
            outcomes.append(error)
        except DecodingError as error:
            outcomes.append(error)
    return outcomes


def test_max_response_size_bounds_received_and_declared_size() -> None:
    """`max_response_size` bounds the received and the
    declared size; an oversized response is not retried.
    """
    assert get_outcomes(BIG, max_response_size=5000) == ["x" * 5000] * 2
    assert get_outcomes(BIG, max_response_size=None) == ["x" * 5000] * 2
    content_length = {"Content-Length": "5000"}
    for pieces, headers in (((BIG[:2500], BIG[2500:]), {}), ((BIG,), content_length)):
        for error in get_outcomes(*pieces, headers=headers, max_response_size=4999):
            assert type(error) is ResponseTooLarge
            assert isinstance(error, IncompleteResponse)
            assert "4999 bytes" in str(error)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_compressed_body_is_bounded_while_decompressed(layers: int) -> None:
    """A few kilobytes that decompress to 256 MB use little memory, even if compressed twice."""
    compressed_body = gzip.compress(bytes(256 * 1024 * 1024), 9)
    if layers == 2:
        compressed_body = gzip.compress(compressed_body, mtime=0)
    coding = {"Content-Encoding": ", ".join(["gzip"] * layers)}
    tracemalloc.start()
    try:
        outcomes = get_outcomes(compressed_body, headers=coding, max_response_size=2_000_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    expected = ResponseTooLarge if layers == 1 else DecodingError
    assert [type(error) for error in outcomes] == [expected] * 2
    assert peak < 10_000_000


def compress_raw(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "compressed_body"),
    [
        ("gzip", gzip.compress(BIG, mtime=0)),
        ("GZIP", gzip.compress(BIG, mtime=0)),
        ("x-gzip", gzip.compress(BIG, mtime=0)),
        ("deflate", zlib.compress(BIG)),
        ("deflate", compress_raw(BIG)),
        ("identity", BIG),
    ],
)
def test_supported_encodings_are_decompressed(coding: str, compressed_body: bytes) -> None:
    """Supported encodings are decompressed from pieces
    of any size; deflate with or without a zlib header.
    """
    for size in (len(compressed_body), 7):
        pieces = [
            compressed_body[start : start + size] for start in range(0, len(compressed_body), size)
        ]
        assert get_outcomes(*pieces, headers={"Content-Encoding": coding}) == ["x" * 5000] * 2


@pytest.mark.parametrize(
    ("coding", "compressed_body"),
    [
        ("br", b"x"),
        ("gzip, deflate", b"x"),
        ("gzip", b"no gzip at all"),
        ("gzip", gzip.compress(BIG, mtime=0)[:-9]),
        ("gzip", gzip.compress(BIG, mtime=0)[:-12] + b"\0" * 12),
    ],
)
def test_an_invalid_encoding_is_a_decoding_error(coding: str, compressed_body: bytes) -> None:
    """An unsupported, repeated, invalid or truncated
    encoding or a wrong checksum is a `DecodingError`.
    """
    for error in get_outcomes(compressed_body, headers={"Content-Encoding": coding}):
        assert type(error) is DecodingError


def test_headers_are_bounded() -> None:
    """A response with more than 1000 headers raises a `TransportError`."""
    many_headers = {f"X-{number}": "a" for number in range(1001)}
    for error in get_outcomes(b"a", headers=many_headers, retries=0):
        assert isinstance(error, TransportError)
        assert "1000 headers" in str(error)


@contextmanager
def serve_drips(head: bytes, drop: bytes) -> Iterator[str]:
    """Run a server that sends `head` and then repeats
    `drop` until the client leaves; yield its URL.
    """
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
def test_a_deadline_ends_an_endless_slow_response(kind: Any, drip: str) -> None:
    """The deadline ends the call in any part of the response, though each byte arrives in time."""
    with serve_drips(*DRIPS[drip]) as url:
        client = kind(API, {}, base_url=url, timeout=60.0, retries=0)

        async def run() -> None:
            result = client.request("x.get", deadline=0.3)
            if inspect.isawaitable(result):
                await result

        with pytest.raises((DeadlineExceeded, TransportError)) as caught:
            asyncio.run(run())
    # A server may also say something that is no HTTP before the time is up.
    assert drip == "status line" or type(caught.value) is DeadlineExceeded


def test_decoding_visits_only_models_of_the_response(tmp_path: Path) -> None:
    """With thirty models that each reference the next one
    twice, decoding visits only what the response contains.
    """
    schemas = {
        f"L{n}": {
            "type": "object",
            "properties": {key: {"$ref": f"#/components/schemas/L{n + 1}"} for key in "ab"},
        }
        for n in range(30)
    }
    schemas["L30"] = {"type": "object", "properties": {}}
    response = build_json_response({"$ref": "#/components/schemas/L0"})
    paths = {"/a": {"get": {"operationId": "a.get", "responses": {"200": response}}}}
    spec = make_spec(make_document(paths, schemas=schemas))
    with import_generated(spec, tmp_path) as (package, _):
        client = generated_client_of(package, spec, lambda _: httpx.Response(200, json={"a": {}}))
        assert client.a.get().a.b is None
