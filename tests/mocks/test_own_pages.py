"""Cross-site requests: a foreign web page can neither control the mock nor read it."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from driftline.mock import HttpRequest, Mock, Site, run_server
from driftline.mock.admin.own_pages import OwnAddress
from driftline.openapi import Spec, load

PATHS = ["/_driftline/requests", "/_driftline/apis", "/_driftline/console/index.html", "/"]
EVERYWHERE = "0.0.0.0"  # noqa: S104 (nothing listens here)
NAVIGATION = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"}


@pytest.fixture
def url(pets: Spec) -> Any:
    with run_server(Site({"pet-store": Mock(pets, rows=1)})) as server_url:
        yield server_url


@pytest.mark.parametrize("path", PATHS)
def test_loopback_hosts_are_accepted(url: str, path: str) -> None:
    """Loopback names and addresses with the right port are accepted as `Host`."""
    port = httpx.URL(url).port
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"LOCALHOST:{port}", f"[::1]:{port}"):
        headers = {"Host": host, "Accept": "text/html"}
        assert httpx.get(url + path, headers=headers).status_code == 200, host


@pytest.mark.parametrize("path", PATHS)
def test_foreign_hosts_are_rejected(url: str, path: str) -> None:
    """A foreign `Host`, a lookalike or another port is rejected, which prevents DNS rebinding."""
    port = httpx.URL(url).port
    for host in (
        f"localhost.evil.example:{port}",
        f"evil.example:{port}",
        f"127.0.0.1.evil.example:{port}",
        f"user@localhost:{port}",
        f"localhost@evil.example:{port}",
        *(f"{name}:{port}" for name in ("127.1", "2130706433", "0x7f.1", "[::]")),
        "localhost:1",
        "localhost",
        "[::1",
    ):
        headers = {"Host": host, "Accept": "text/html"}
        assert httpx.get(url + path, headers=headers).status_code in {400, 403}, host


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-origin-as-far-as-i-know"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://user@localhost"},
        {"Origin": "file://"},
        {"Origin": "null"},
    ],
)
def test_pages_of_other_sites_are_rejected(url: str, path: str, headers: dict[str, str]) -> None:
    """Cross-site requests are rejected with 403, including reads."""
    response = httpx.get(url + path, headers={"Accept": "text/html", **headers})
    assert response.status_code == 403
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["Host", "Origin", "Sec-Fetch-Site"])
def test_a_repeated_header_is_rejected(url: str, path: str, name: str) -> None:
    """A repeated `Host`, `Origin` or `Sec-Fetch-Site`
    is rejected, as proxies may read another one.
    """
    own_host = httpx.URL(url).netloc.decode()
    first, second = {
        "Host": (own_host, "evil.example"),
        "Origin": (url, "http://evil.example"),
        "Sec-Fetch-Site": ("same-origin", "cross-site"),
    }[name]
    for pair in ((first, second), (second, first), (first, first)):
        headers = [("Accept", "text/html"), *((name, value) for value in pair)]
        headers += [("Host", own_host)] if name != "Host" else []
        assert _send_raw(url, path, headers) in {400, 403}, pair


def test_a_request_without_a_host_is_rejected(url: str) -> None:
    """An HTTP/1.0 request without `Host` is rejected."""
    assert _send_raw(url, "/_driftline/requests", [], version="1.0") == 403


def _send_raw(url: str, path: str, headers: list[tuple[str, str]], *, version: str = "1.1") -> int:
    """Send a request byte for byte and return the status."""
    lines = [f"GET {path} HTTP/{version}", *(f"{name}: {value}" for name, value in headers)]
    address = httpx.URL(url)
    with socket.create_connection((address.host, address.port or 80), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        return int(connection.makefile("rb").readline().split()[1])


def test_a_cross_site_form_post_is_rejected(url: str) -> None:
    """A cross-site form post, which needs no preflight, is rejected and changes nothing."""
    headers = {"Origin": "http://evil.example", "Content-Type": "text/plain"}
    response = httpx.post(f"{url}/_driftline/faults", content="503", headers=headers)
    assert response.status_code == 403
    assert httpx.get(f"{url}/_driftline/faults").json()["rules"] == []


def test_a_navigation_from_another_port_opens_the_console(url: str) -> None:
    """A navigation from another port of the same machine opens the console."""
    response = httpx.get(url, headers={"Accept": "text/html", **NAVIGATION})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("host", "requested_host", "is_own"),
    [
        ("mock.test", "mock.test:8080", True),
        ("mock.test", "other.test:8080", False),
        ("192.0.2.7", "192.0.2.7:8080", True),
        ("192.0.2.7", "192.0.2.8:8080", False),
        (EVERYWHERE, "192.0.2.8:18080", True),
        (EVERYWHERE, "mock:8080", True),
        (EVERYWHERE, "evil.example:8080", False),
        (EVERYWHERE, "evil\u3002example:8080", False),
        ("::", "[2001:db8::1]:8080", True),
        ("127.0.0.1", "", False),
    ],
)
def test_the_host_of_the_host_option_is_accepted(
    host: str, requested_host: str, is_own: bool
) -> None:
    """The host of `--host` is accepted; a wildcard accepts any address or plain name."""
    assert OwnAddress(host, 8080).has(requested_host) is is_own


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", "<script>fetch('/_driftline/apis')</script>"),
        ("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("application/xhtml+xml", "<html xmlns='http://www.w3.org/1999/xhtml'/>"),
        ("application/xml", "<a/>"),
        ("text/html; charset=utf-8", "<script>1</script>"),
        ("Text/HTML", "<script>1</script>"),
        ("application/rss+xml", "<rss/>"),
        ("application/pdf", "%PDF-1.7"),
        ("unknown/unknown", "<script>1</script>"),
        ("application/octet-stream", "<script>1</script>"),
        ("text/plain", "hello"),
    ],
)
def test_a_response_that_a_browser_renders_is_sandboxed(
    tmp_path: Path, kind: str, body: str
) -> None:
    """A response that a browser may render is sandboxed; plain text is not."""
    content = {kind: {"schema": {"type": "string"}, "example": body}}
    responses = {"200": {"description": "ok", "content": content}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.example.com"}],
        "paths": {"/page": {"get": {"operationId": "page.get", "responses": responses}}},
    }
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(document))
    response = Site({"shop": Mock(load(path))}).handle(HttpRequest("GET", "/shop/page"))
    assert response.body.decode() == body
    is_shut = kind != "text/plain"
    assert response.get_header("Content-Security-Policy") == ("sandbox" if is_shut else None)
    assert response.get_header("X-Content-Type-Options") == ("nosniff" if is_shut else None)
