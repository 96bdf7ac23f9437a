"""Connection backends: httpx or aiohttp, HTTP/1.1
or HTTP/2, and options that open no connection.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from roark_client import AsyncRoark, Roark, errors

from driftline.mock import Mock, run_server
from driftline.openapi import load
from driftline.runtime import Retries
from runtime.transports import PAGE, TOKEN, FakeClock, Recorder, async_roark, build_roark

ROARK = load(Path(__file__).parents[2] / "specs" / "roark.yaml")
BODY = {
    "recordingUrl": "https://example.com/a.wav",
    "startedAt": "2024-01-15T10:00:00Z",
    "interfaceType": "PHONE",
    "callDirection": "INBOUND",
}


@pytest.fixture(scope="module")
def server_options() -> Iterator[dict[str, Any]]:
    """Return the client options to reach a mock over the network."""
    mock = Mock(ROARK, rows=30)
    with run_server({"roark": mock.handle}) as url:
        yield {"bearer_token": mock.credentials["bearerToken"], "base_url": f"{url}/roark"}


BACKENDS = ["httpx", "aiohttp"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_both_backends_support_every_kind_of_call(
    server_options: dict[str, Any], backend: Any
) -> None:
    """Both backends support listings with pages, creates, errors, raw responses and streams."""

    async def run() -> None:
        async with AsyncRoark(**server_options, backend=backend, retries=0) as client:
            calls = await client.call.list(limit=20, search_text="a&b /ü")
            assert calls.pagination.total == 0
            page = await client.call.list(limit=20)
            assert len([call async for call in page]) == page.pagination.total >= 30
            create_response = await client.request("call.create", body=BODY)
            assert create_response.data.id
            raw = await client.raw(client.call.list, limit=1)
            assert (raw.status, raw.attempts) == (200, 1)
            async with client.stream(client.call.list, limit=1) as response:
                assert await response.aread()
            with pytest.raises(errors.BadRequest) as caught:
                await client.call.list(limit=1000)
            assert caught.value.error is not None

    asyncio.run(run())


@pytest.mark.parametrize("backend", BACKENDS)
def test_more_concurrent_calls_than_connections_complete(
    server_options: dict[str, Any], backend: Any
) -> None:
    """Both backends complete more concurrent calls
    than there are connections, within a deadline.
    """

    async def run() -> list[int]:
        limits = httpx.Limits(max_connections=5)
        async with AsyncRoark(**server_options, backend=backend, limits=limits) as client:
            calls = (client.call.list(limit=number + 1, deadline=60.0) for number in range(20))
            return [len(page.data) for page in await asyncio.gather(*calls)]

    assert asyncio.run(run()) == list(range(1, 21))


@contextmanager
def drop_connections(beginning: bytes) -> Generator[tuple[str, list[bytes]], None, None]:
    """Run a server that sends `beginning` and hangs up; yield its URL and the received requests."""
    received_requests: list[bytes] = []

    def serve() -> None:
        while True:
            connection, _ = listening.accept()
            with connection:
                if not (request := connection.recv(65_536)):
                    return
                received_requests.append(request)
                connection.sendall(beginning)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{address[1]}", received_requests
        finally:
            socket.create_connection(address).close()  # no request: it is the end
            thread.join()


HALF = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"data":'
ENDINGS = [
    (b"", errors.TransportError),
    (b"nonsense\r\n\r\n", errors.TransportError),
    (HALF, errors.IncompleteResponse),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("beginning", "kind"), ENDINGS, ids=["nothing", "nonsense", "half"])
def test_a_request_that_may_have_arrived_is_not_sent_twice(
    backend: Any, beginning: bytes, kind: type[errors.TransportError]
) -> None:
    """A POST whose connection is lost raises a `TransportError` and is not retried."""
    retries = Retries(clock=FakeClock(), attempts=3)

    async def run(url: str) -> None:
        options: Any = {"base_url": url, "backend": backend, "retries": retries}
        async with AsyncRoark(bearer_token=TOKEN, **options) as client:
            with pytest.raises(kind) as caught:
                await client.request("call.create", body=BODY)
            assert not isinstance(caught.value, errors.TransportTimeout)

    with drop_connections(beginning) as (url, received_requests):
        asyncio.run(run(url))
    assert len(received_requests) == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_request_that_was_never_sent_is_retried(backend: Any) -> None:
    """If the connection is rejected, the client retries even a POST."""
    clock = FakeClock()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"

    async def run() -> None:
        options: Any = {"backend": backend, "retries": Retries(clock=clock, attempts=3)}
        async with AsyncRoark(bearer_token=TOKEN, base_url=url, **options) as client:
            with pytest.raises(errors.TransportError):
                await client.request("call.create", body=BODY)

    asyncio.run(run())
    assert len(clock.waits) == 2


def test_http2_falls_back_to_http_1_1(server_options: dict[str, Any]) -> None:
    """With `http2=True`, both clients fall back to HTTP/1.1 if the server speaks nothing else."""
    with Roark(**server_options, http2=True) as client:
        with client.stream(client.call.list, limit=1) as response:
            assert response.http_version == "HTTP/1.1"
        assert len(client.call.list(limit=1).data) == 1

    async def run() -> int:
        async with AsyncRoark(**server_options, http2=True) as async_client:
            return len((await async_client.call.list(limit=1)).data)

    assert asyncio.run(run()) == 1


def call(client: Roark | AsyncRoark) -> None:
    """Make one call with a sync or async client."""
    if isinstance(client, Roark):
        client.call.list()
    else:
        asyncio.run(_call(client))


async def _call(client: AsyncRoark) -> None:
    await client.call.list()


def test_an_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the command that installs the
    extra; a transport of your own needs no extra.
    """
    monkeypatch.setitem(sys.modules, "h2", None)
    monkeypatch.setitem(sys.modules, "httpx_aiohttp", None)
    for client in (build_roark(http2=True), async_roark(http2=True)):
        with pytest.raises(errors.ConfigurationError, match="with the extra 'http2'"):
            call(client)
    with pytest.raises(errors.ConfigurationError, match="with the extra 'aiohttp'"):
        call(async_roark(backend="aiohttp"))
    client = async_roark(Recorder(), backend="aiohttp")
    assert asyncio.run(client.request("call.list")).to_dict() == PAGE


def test_an_unknown_backend_is_rejected() -> None:
    """Constructing a client with an unknown backend
    raises an error that lists the valid backends.
    """
    with pytest.raises(errors.ConfigurationError, match="'curl': expected one of httpx, aiohttp"):
        async_roark(backend="curl")
    with pytest.raises(errors.ConfigurationError, match="unknown option of Roark: backend"):
        build_roark(backend="aiohttp")


WRONG_OPTIONS: list[dict[str, Any]] = [
    {"proxy": "nonsense://127.0.0.1"},
    {"proxy": "http://127.0.0.1:port"},
    {"proxy": 5},
    {"limits": 5},
    {"event_hooks": 5},
]


@pytest.mark.parametrize("option", WRONG_OPTIONS, ids=[str(option) for option in WRONG_OPTIONS])
@pytest.mark.parametrize("make", [build_roark, async_roark])
def test_invalid_connection_options_raise_configuration_error(
    make: Any, option: dict[str, Any]
) -> None:
    """Invalid connection options raise `ConfigurationError`
    on the first call, not an httpx exception.
    """
    client = make(base_url="https://127.0.0.1:1", retries=0, **option)
    with pytest.raises(errors.ConfigurationError):
        call(client)


@pytest.mark.parametrize("verify", [5, None, "/etc/ca.pem"])
@pytest.mark.parametrize("make", [build_roark, async_roark])
def test_an_invalid_verify_is_rejected(make: Any, verify: Any) -> None:
    """An invalid `verify` fails on construction, and the error explains how to pass a CA file."""
    with pytest.raises(errors.ConfigurationError, match=r"verify=.*create_default_context"):
        make(verify=verify)


def test_a_missing_certificate_file_raises_configuration_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A missing file in `SSL_CERT_FILE` raises `ConfigurationError` on the first call."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    for client in (build_roark(), async_roark(), async_roark(backend="aiohttp")):
        with pytest.raises(errors.ConfigurationError, match="could not set up connections"):
            call(client)
