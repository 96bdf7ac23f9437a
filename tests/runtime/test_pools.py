"""Connection pools: opened on the first call, one for each process and event loop."""

from __future__ import annotations

import asyncio
import gc
import os
import ssl
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from roark_client import AsyncRoark, Roark, errors

from driftline.mock import HttpRequest, HttpResponse, Mock, run_server
from driftline.openapi import load
from runtime.transports import PAGE, Recorder, async_roark, build_roark

ROARK = load(Path(__file__).parents[2] / "specs" / "roark.yaml")


class ServedMock:
    """A mock served over the network, and the client options to reach it."""

    def __init__(self, mock: Mock, url: str, requests: list[HttpRequest]) -> None:
        self.requests = requests
        self.options: dict[str, Any] = {
            "bearer_token": mock.credentials["bearerToken"],
            "base_url": f"{url}/roark",
            "retries": 0,
        }


@pytest.fixture(scope="module")
def mock_server() -> Iterator[ServedMock]:
    """Run a mock that records its requests."""
    mock, requests = Mock(ROARK, rows=3), list[HttpRequest]()

    def handle(request: HttpRequest) -> HttpResponse:
        requests.append(request)
        return mock.handle(request)

    with run_server({"roark": handle}) as url:
        yield ServedMock(mock, url, requests)


class CreationCounter:
    """A record of the instances that a test creates."""

    def __init__(self) -> None:
        self.made: list[Any] = []

    def wrap(self, kind: Any) -> Any:
        def make(*args: Any, **kwargs: Any) -> Any:
            self.made.append(instance := kind(*args, **kwargs))
            return instance

        return make

    def count_created(self, start: Any) -> Any:
        def initialize(instance: Any, *args: Any, **kwargs: Any) -> None:
            self.made.append(instance)
            start(instance, *args, **kwargs)

        return initialize

    def of(self, kind: type[Any]) -> list[Any]:
        return [instance for instance in self.made if isinstance(instance, kind)]


@pytest.fixture
def creations(monkeypatch: pytest.MonkeyPatch) -> CreationCounter:
    """Record the httpx clients and TLS contexts that are created."""
    counter = CreationCounter()
    for kind in (httpx.Client, httpx.AsyncClient):
        monkeypatch.setattr(kind, "__init__", counter.count_created(kind.__init__))
    monkeypatch.setattr(ssl, "create_default_context", counter.wrap(ssl.create_default_context))
    return counter


def test_nothing_is_opened_before_the_first_call(creations: CreationCounter) -> None:
    """Creating, copying and closing a client creates neither a pool nor a TLS context."""
    with build_roark() as client:
        client.with_options(timeout=1.0).call  # noqa: B018
    asyncio.run(async_roark().aclose())
    assert creations.made == []
    client = build_roark(Recorder())
    for _ in range(3):
        client.call.list()
    assert len(creations.made) == 1


def test_each_event_loop_has_its_own_connections(
    mock_server: ServedMock, creations: CreationCounter
) -> None:
    """One client serves several event loops; connections are closed when their loop ends."""
    client = AsyncRoark(**mock_server.options)
    loops: list[Any] = []

    async def run() -> int:
        loops.append(weakref.ref(asyncio.get_running_loop()))
        first, second = await asyncio.gather(client.call.list(), client.call.list())
        return len(first.data) + len(second.data)

    assert [asyncio.run(run()) for _ in range(2)] == [6, 6]
    https = creations.of(httpx.AsyncClient)
    assert len(https) == 2
    assert all(http.is_closed for http in https)
    gc.collect()
    assert [loop() for loop in loops] == [None, None]


def test_a_client_that_is_dropped_closes_its_connections(
    mock_server: ServedMock, creations: CreationCounter
) -> None:
    """A client that is not closed explicitly leaves no open socket and no warning."""

    async def run() -> None:
        await AsyncRoark(**mock_server.options).call.list()

    asyncio.run(run())
    gc.collect()
    assert [http.is_closed for http in creations.of(httpx.AsyncClient)] == [True]


def run_in_child(work: Any) -> bytes:
    """Return the bytes that `work` returns in a forked process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, work())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        result = pipe.read()
    os.waitpid(child, 0)
    return result


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_process_uses_its_own_connections(mock_server: ServedMock) -> None:
    """A child process uses its own connections, and those of the parent keep working."""
    client = Roark(**mock_server.options)
    client.call.list()
    parent_http = client._pool.get()

    def call_in_child() -> bytes:
        number = len(client.call.list().data)
        is_own = client._pool.get() is not parent_http and not parent_http.is_closed
        client.close()
        return f"{number} {is_own} {parent_http.is_closed}".encode()

    assert run_in_child(call_in_child) == b"3 True False"
    assert len(client.call.list().data) == 3
    assert client._pool.get() is parent_http
    client.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_process_can_use_the_async_client(mock_server: ServedMock) -> None:
    """A forked process can use the async client in an event loop of its own."""
    client = AsyncRoark(**mock_server.options)

    async def run() -> int:
        return len((await client.call.list()).data)

    assert asyncio.run(run()) == 3
    assert run_in_child(lambda: str(asyncio.run(run())).encode()) == b"3"
    assert asyncio.run(run()) == 3


def test_many_threads_share_one_pool(mock_server: ServedMock, creations: CreationCounter) -> None:
    """Threads that make the first call at the same
    time share one pool; surplus pools are closed.
    """
    client, barrier = Roark(**mock_server.options), threading.Barrier(8, timeout=30)
    row_counts: list[int] = []

    def call_often() -> None:
        barrier.wait()
        row_counts.extend(len(client.call.list(limit=2).data) for _ in range(5))

    threads = [threading.Thread(target=call_often) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    https = creations.of(httpx.Client)
    assert row_counts == [2] * 40
    assert [http for http in https if not http.is_closed] == [client._pool.get()]
    client.close()
    assert all(http.is_closed for http in https)


def test_connections_are_reused(mock_server: ServedMock) -> None:
    """A second call reuses the connection of the first, also from a copy of the client."""
    sockets: list[int] = []

    def note_socket(response: httpx.Response) -> None:
        sockets.append(response.extensions["network_stream"].get_extra_info("socket").fileno())

    with Roark(**mock_server.options, event_hooks={"response": [note_socket]}) as client:
        client.call.list()
        client.with_options(timeout=9.0).call.list()
    assert sockets[0] == sockets[1]


def test_each_trio_run_has_its_own_pool() -> None:
    """Each trio run has its own connection pool."""
    trio: Any = pytest.importorskip("trio")
    recorder = Recorder(httpx.Response(503), httpx.Response(200, json=PAGE))
    client = async_roark(recorder)
    pools: list[httpx.AsyncClient] = []

    async def run() -> None:
        calls = await client.call.list(deadline=30.0)
        assert calls.to_dict() == PAGE
        pools.append(await client._pool.get())

    trio.run(run)
    trio.run(run)
    assert pools[0] is not pools[1]
    assert all(http.is_closed for http in pools)


def test_trio_opens_connections(mock_server: ServedMock) -> None:
    """The async client opens real connections in consecutive trio runs."""
    trio: Any = pytest.importorskip("trio")
    client = AsyncRoark(**mock_server.options)

    async def run() -> int:
        return len((await client.call.list()).data)

    assert [trio.run(run), trio.run(run)] == [3, 3]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_closed_client_raises_before_opening_a_connection(
    asynchronous: bool, creations: CreationCounter
) -> None:
    """A call on a closed client raises an error, even
    without an earlier call; closing twice is allowed.
    """
    client, async_client = build_roark(), async_roark()

    async def run() -> None:
        await async_client.aclose()
        await async_client.aclose()
        await async_client.call.list()

    if asynchronous:
        with pytest.raises(errors.ConfigurationError, match="closed"):
            asyncio.run(run())
    else:
        client.close()
        client.close()
        with pytest.raises(errors.ConfigurationError, match="closed"):
            client.call.list()
    assert creations.made == []
