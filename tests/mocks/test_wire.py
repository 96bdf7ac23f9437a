"""Delayed, partial and broken responses: the same in-process and over the network."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest

from driftline.mock import Mock, MockTransport, Site, run_server
from driftline.mock.server import serve
from driftline.openapi import Spec

BROKEN_CONNECTIONS: dict[str, type[httpx.TransportError]] = {
    "reset=request": httpx.ReadError,
    "reset=before": httpx.ReadError,
    "reset=body": httpx.ReadError,
    "truncate": httpx.RemoteProtocolError,
    "truncate=0": httpx.RemoteProtocolError,
    "truncate=0.99": httpx.RemoteProtocolError,
    "503 truncate latency=2s": httpx.RemoteProtocolError,
    "drip=1s/1000 truncate": httpx.RemoteProtocolError,
}
NEW = {
    "recordingUrl": "https://example.com/a.wav",
    "startedAt": "2026-01-02T03:04:05Z",
    "interfaceType": "PHONE",
    "callDirection": "OUTBOUND",
}


class Naps:
    """A record of the sleeps that a test requests."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    def nap(self, seconds: float) -> None:
        self.taken.append(seconds)

    async def anap(self, seconds: float) -> None:
        self.taken.append(seconds)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def mock(roark: Spec) -> Mock:
    return Mock(roark, rows=5)


@pytest.fixture
def site(mock: Mock, naps: Naps) -> Site:
    return Site({"roark": mock}, sleep=naps.anap)


def build_senders(
    site: Site, mock: Mock, naps: Naps, url: str
) -> list[Callable[..., httpx.Response]]:
    """Return functions that send a request in-process (sync and async) and over the network."""
    headers = {"Authorization": f"Bearer {mock.credentials['bearerToken']}"}
    headers |= {"Accept-Encoding": "identity"}
    transport = MockTransport(site["roark"], sleep=naps.nap, async_sleep=naps.anap)

    def send_synchronously(method: str, path: str, **options: object) -> httpx.Response:
        with httpx.Client(transport=transport, headers=headers, base_url="http://mock") as client:
            return client.request(method, path, **options)  # type: ignore[arg-type]

    def send_asynchronously(method: str, path: str, **options: object) -> httpx.Response:
        async def send() -> httpx.Response:
            base = "http://mock"
            async with httpx.AsyncClient(
                transport=transport, headers=headers, base_url=base
            ) as client:
                return await client.request(method, path, **options)  # type: ignore[arg-type]

        return asyncio.run(send())

    def send_to_server(method: str, path: str, **options: object) -> httpx.Response:
        with httpx.Client(headers=headers, base_url=f"{url}/roark") as client:
            return client.request(method, path, **options)  # type: ignore[arg-type]

    return [send_synchronously, send_asynchronously, send_to_server]


def test_connection_faults_raise_the_same_error_on_each_transport(
    site: Site, mock: Mock, naps: Naps
) -> None:
    """A connection fault raises the same httpx error
    on each transport, and the next request succeeds.
    """
    with run_server(site) as url:
        for send in build_senders(site, mock, naps, url):
            for rule, error in BROKEN_CONNECTIONS.items():
                with site.faults.apply_during(rule), pytest.raises(error):
                    send("GET", "/v1/call")
                assert send("GET", "/v1/call").status_code == 200


def test_a_reset_after_the_response_delivers_it_whole(site: Site, mock: Mock, naps: Naps) -> None:
    """`reset=after` delivers the whole response, and the next request uses another connection."""
    with run_server(site) as url:
        site.faults.set("reset=after")
        for send in build_senders(site, mock, naps, url):
            assert len(send("GET", "/v1/call").json()["data"]) == 5
        headers = {"Authorization": f"Bearer {mock.credentials['bearerToken']}"}
        with httpx.Client(headers=headers) as client:
            for _ in range(3):
                try:
                    response = client.get(f"{url}/roark/v1/call")
                except httpx.TransportError:
                    continue  # the pool had not noticed yet
                assert response.status_code == 200


def test_resets_fail_before_or_after_the_request_is_executed(
    site: Site, mock: Mock, naps: Naps
) -> None:
    """`reset=request` fails before the request is
    executed, `reset=before` and `reset=body` after it.
    """
    with run_server(site) as url:
        for send in build_senders(site, mock, naps, url):
            mock.reset()
            for rule, rows in (("reset=request", 5), ("reset=before", 6), ("reset=body", 7)):
                with site.faults.apply_during(rule), pytest.raises(httpx.ReadError):
                    send("POST", "/v1/call", json=NEW)
                assert send("GET", "/v1/call").json()["pagination"]["total"] == rows


def test_latency_delays_the_response_and_drip_its_chunks(
    site: Site, mock: Mock, naps: Naps
) -> None:
    """Latency delays the response and drip its chunks, and the body is unchanged."""
    with run_server(site) as url:
        for send in build_senders(site, mock, naps, url):
            whole_body = send("GET", "/v1/call").content
            naps.taken.clear()
            with site.faults.apply_during("latency=2s drip=3s/1000"):
                assert send("GET", "/v1/call").content == whole_body
            assert naps.taken == [2.0, *([3.0] * ((len(whole_body) - 1) // 1000))]


class Forever:
    """A sleep that ends only when it is cancelled."""

    def __init__(self) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()

    async def nap(self, _: float) -> None:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()


@pytest.mark.parametrize("rule", ["latency=3600s", "drip=3600s/1"])
def test_a_delayed_response_is_cancelled_on_disconnect(mock: Mock, rule: str) -> None:
    """A delayed response is cancelled when its client disconnects."""
    forever = Forever()
    site = Site({"roark": mock}, sleep=forever.nap)
    site.faults.set(rule)
    with run_server(site) as url:
        host = urlsplit(url)
        with socket.create_connection((host.hostname, host.port)) as client:
            client.sendall(b"GET /roark/v1/call HTTP/1.1\r\nHost: mock\r\n\r\n")
            assert forever.begun.wait(30)
        assert forever.ended.wait(30)
        site.faults.set()
        assert httpx.get(f"{url}/roark/v1/call").status_code == 401


def test_a_waiting_connection_is_closed_after_the_grace_period(
    mock: Mock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """On shutdown a waiting connection is closed after the grace period, and no error is logged."""
    monkeypatch.setattr(serve, "GRACE", 0)
    forever = Forever()
    site = Site({"roark": mock}, sleep=forever.nap)
    site.faults.set("latency=3600s")
    with run_server(site) as url:
        host = urlsplit(url)
        client = socket.create_connection((host.hostname, host.port), timeout=30)
        client.sendall(b"GET /roark/v1/call HTTP/1.1\r\nHost: mock\r\n\r\n")
        assert forever.begun.wait(30)
    with client:
        assert client.recv(1) == b""
    assert all(record.exc_info is None for record in caplog.records)


def test_the_in_process_transport_applies_the_client_timeout(
    site: Site, mock: Mock, naps: Naps
) -> None:
    """The in-process transport raises `ReadTimeout`
    after the client's timeout, not after the latency.
    """
    senders = build_senders(site, mock, naps, "")[:2]
    for rule, expected_naps in {"latency=9s": [2.0], "latency=1s drip=9s": [1.0, 2.0]}.items():
        for send in senders:
            naps.taken.clear()
            with site.faults.apply_during(rule), pytest.raises(httpx.ReadTimeout):
                send("GET", "/v1/call", timeout=2)
            assert naps.taken == expected_naps
