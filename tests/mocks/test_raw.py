"""The mock server with arbitrary bytes: it responds or closes, and keeps serving."""

from __future__ import annotations

import contextlib
import http.client
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from examples import count_examples
from hypothesis import HealthCheck, given, settings, strategies as st

from driftline.mock import Mock, Site, run_server
from driftline.mock.http.messages import MAX_BODY
from driftline.openapi import load

MEDIA = load(Path(__file__).parent / "specs" / "media.yaml")
PLAIN_REQUEST = (
    b"POST /media/files HTTP/1.1\r\nHost: mock\r\nContent-Type: text/plain\r\n"
    b"Accept: */*\r\nPrefer: code=201\r\nContent-Length: 5\r\n\r\n12345"
)
CHUNKED_REQUEST = (
    b"POST /media/files HTTP/1.1\r\nHost: mock\r\nContent-Type: text/plain\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n3\r\n123\r\n2\r\n45\r\n0\r\n\r\n"
)
HEAD = b"GET /media/reports/x HTTP/1.1\r\nHost: mock\r\n"

READY = b"GET /_driftline/ready HTTP/1.1\r\nHost: mock\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with run_server(Site({"media": Mock(MEDIA)})) as url:
        yield url


def send_bytes(url: str, data: bytes) -> bytes:
    """Return the bytes the server sends until it closes the connection."""
    host = urlsplit(url)
    with socket.create_connection((host.hostname, host.port), timeout=30) as client:
        response_bytes = b""
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            while chunk := client.recv(65536):
                response_bytes += chunk
        except TimeoutError:
            raise
        except OSError:
            """The server closed the connection before the client sent everything."""
        return response_bytes


@st.composite
def mutate_request(draw: st.DrawFn) -> bytes:
    """Draw a request with some bytes changed, removed or inserted."""
    data = draw(st.sampled_from([PLAIN_REQUEST, CHUNKED_REQUEST, HEAD + b"\r\n"]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 8)))
        data = data[:start] + draw(st.binary(max_size=8)) + data[end:]
    return data


@given(st.binary(max_size=200) | mutate_request())
@settings(
    max_examples=count_examples(300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_server_survives_any_bytes(
    url: str, caplog: pytest.LogCaptureFixture, data: bytes
) -> None:
    """Any bytes get an HTTP response below 500 or none, and the next client is served."""
    response_bytes = send_bytes(url, data)
    assert not response_bytes or response_bytes.startswith(b"HTTP/1.1 ")
    assert b"HTTP/1.1 5" not in response_bytes
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    own_host = urlsplit(url).netloc.encode()
    assert send_bytes(url, READY.replace(b"Host: mock", b"Host: " + own_host)).startswith(
        b"HTTP/1.1 200"
    )


RARE_REQUESTS: dict[bytes, bytes] = {
    PLAIN_REQUEST: b"201",
    CHUNKED_REQUEST: b"201",
    HEAD + b"\r\n": b"200",
    HEAD + b"X: \xff\xfe\r\n\r\n": b"200",
    HEAD + b"Prefer: code=404, example=gone\r\n\r\n": b"404",
    b"GET http://mock/media/reports/x HTTP/1.1\r\nHost: mock\r\n\r\n": b"200",
    b"GET HTTPS://mock:80/media/reports/x?a=b HTTP/1.1\r\nHost: mock\r\n\r\n": b"200",
    b"OPTIONS * HTTP/1.1\r\nHost: mock\r\n\r\n": b"204",
    b"GET / HTTP/1.0\r\n\r\n": b"404",
    b"GET /media/reports/%zz%00%ff HTTP/1.1\r\nHost: mock\r\n\r\n": b"200",
    b"BREW /media/files HTTP/1.1\r\nHost: mock\r\n\r\n": b"405",
    PLAIN_REQUEST.replace(b": 5", b": %d" % (MAX_BODY + 1)): b"413",
    PLAIN_REQUEST.replace(b": 5", b": " + b"9" * 19): b"413",
    PLAIN_REQUEST.replace(b": 5", b": " + b"9" * 30): b"400",
    PLAIN_REQUEST.replace(b": 5", b": x"): b"400",
    PLAIN_REQUEST + PLAIN_REQUEST: b"201",
}


@pytest.mark.parametrize(("data", "status"), RARE_REQUESTS.items(), ids=range(len(RARE_REQUESTS)))
def test_rare_requests_get_the_correct_status(url: str, data: bytes, status: bytes) -> None:
    """Absolute URLs, `*`, odd bytes, excessive sizes
    and pipelined requests get the right status.
    """
    response_bytes = send_bytes(url, data)
    assert response_bytes.startswith(b"HTTP/1.1 " + status)
    assert response_bytes.count(b"HTTP/1.1 ") == (2 if data == PLAIN_REQUEST + PLAIN_REQUEST else 1)


def test_unknown_methods_get_a_405_on_a_kept_connection(url: str) -> None:
    """Unknown methods get a 405, and the connection stays usable."""
    host = urlsplit(url)
    client = http.client.HTTPConnection(host.hostname or "", host.port, timeout=30)
    with contextlib.closing(client):
        statuses: list[int] = []
        for method in ("GET", "BREW", "GET", "M-BREW"):
            client.request(method, "/media/reports/x")
            response = client.getresponse()
            response.read()
            statuses.append(response.status)
    assert statuses == [200, 405, 200, 405]


def test_endless_headers_are_not_buffered(url: str) -> None:
    """Endless headers get a 400 or a closed connection instead of being buffered."""
    response_bytes = send_bytes(url, HEAD + b"X: y\r\n" * 500_000)
    assert not response_bytes or response_bytes.startswith(b"HTTP/1.1 400")


def test_invalid_characters_in_response_headers_are_replaced() -> None:
    """Line breaks and characters beyond Latin-1 in a response header are replaced."""
    from driftline.mock import HttpResponse

    with run_server(
        {"odd": lambda _: HttpResponse(200, (("X-Odd", "a\r\nB: ü 日\x00"),), b"")}
    ) as url:
        response = httpx.get(f"{url}/odd/")
        assert (response.status_code, response.headers["X-Odd"]) == (200, "a  B: ü ?")


def test_a_body_that_is_too_long_is_rejected_before_it_is_read(url: str) -> None:
    """A body that exceeds the limit gets a 413 before it is read, and the connection closes."""
    response_bytes = send_bytes(
        url, CHUNKED_REQUEST.replace(b"3\r\n123", b"%x\r\n" % (2 * MAX_BODY) + bytes(MAX_BODY + 9))
    )
    assert response_bytes.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in response_bytes.lower()
