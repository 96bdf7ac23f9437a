"""A document is fetched from a file, a URL or a package; anything else is a one-line error."""

from __future__ import annotations

import gzip
import json
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from add.documents import copy_plain_document
from driftline.add.source.document import read_document
from driftline.add.source.fetch import RawDocument, open_place
from driftline.add.source.web import FetchLimits, WebReader
from driftline.errors import DriftlineError, SpecError, UsageError

DOCUMENT = json.dumps(copy_plain_document()).encode()
Handler = Callable[[httpx.Request], httpx.Response]
SMALL = FetchLimits(bytes=1000)


def fetch_from_web(url: str, handler: Handler, limits: FetchLimits = SMALL) -> RawDocument:
    with (
        httpx.Client(transport=httpx.MockTransport(handler)) as client,
        open_place(url, reader=WebReader(limits, client)) as raw_document,
    ):
        return raw_document


def fetch(source: str, reader: WebReader | None = None) -> RawDocument:
    with open_place(source, reader=reader) as raw_document:
        return raw_document


def build_response(content: bytes, **headers: str) -> httpx.Response:
    response_headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(200, headers=response_headers, stream=httpx.ByteStream(content))


def test_secrets_of_a_url_are_sent_but_not_stored() -> None:
    """User, password and query are sent but not stored; the URL after redirects is stored."""
    requested_urls: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requested_urls.append(str(request.url))
        if request.url.path == "/old":
            return httpx.Response(302, headers={"Location": "/v2/openapi.json"})
        return build_response(DOCUMENT)

    limits = FetchLimits(bytes=len(DOCUMENT))
    raw_document = fetch_from_web("https://me:pw@x.com/old?key=s3cret", handle, limits)
    assert requested_urls[0].endswith("/old?key=s3cret")
    assert raw_document.content == DOCUMENT
    assert (raw_document.origin, raw_document.url) == (
        "https://x.com/old",
        "https://x.com/v2/openapi.json",
    )


def test_a_redirect_to_another_host_gets_no_credentials() -> None:
    """A redirect to another host is followed without the credentials."""
    headers: list[str | None] = []

    def handle(request: httpx.Request) -> httpx.Response:
        headers.append(request.headers.get("Authorization"))
        if request.url.host == "x.com":
            return httpx.Response(302, headers={"Location": "https://y.com/b"})
        return build_response(b"{}")

    assert fetch_from_web("https://me:pw@x.com/a", handle).url == "https://y.com/b"
    assert headers[0] is not None
    assert headers[1] is None


BLANKS = b" " * 2000
REJECTED_SOURCES: dict[str, tuple[str, Handler, str]] = {
    "a status": ("https://x.com/a", lambda _: httpx.Response(404), "x.com/a responded with 404"),
    "no end of redirects": (
        "https://x.com/a",
        lambda _: httpx.Response(302, headers={"Location": "/a"}),
        "more than 5 times",
    ),
    "a redirect to a file": (
        "http://x.com/a",
        lambda _: httpx.Response(302, headers={"Location": "file:///etc/passwd"}),
        "redirects to file://",
    ),
    "a redirect to plain http": (
        "https://x.com/a",
        lambda _: httpx.Response(302, headers={"Location": "http://x.com/b"}),
        "redirects to http://",
    ),
    "too much": ("https://x.com/a", lambda _: build_response(BLANKS), "larger than 0 MB"),
    "too large after decompression": (
        "https://x.com/a",
        lambda _: build_response(gzip.compress(BLANKS), content_encoding="gzip"),
        "larger than 0 MB",
    ),
    "packed twice": (
        "https://x.com/a",
        lambda _: build_response(
            gzip.compress(gzip.compress(b"{}")), content_encoding="gzip, gzip"
        ),
        "unsupported Content-Encoding",
    ),
    "another encoding": (
        "https://x.com/a",
        lambda _: build_response(b"{}", content_encoding="br"),
        "unsupported Content-Encoding",
    ),
    "no gzip": (
        "https://x.com/a",
        lambda _: build_response(b"{}", content_encoding="gzip"),
        "not valid gzip",
    ),
    "half a gzip": (
        "https://x.com/a",
        lambda _: build_response(gzip.compress(b"{}")[:-9], content_encoding="gzip"),
        "incomplete gzip stream",
    ),
    "many headers": (
        "https://x.com/a",
        lambda _: build_response(b"{}", **{f"x{number}": "" for number in range(200)}),
        "headers of https://x.com/a are too large",
    ),
    "large headers": (
        "https://x.com/a",
        lambda _: build_response(b"{}", x="x" * 70_000),
        "headers of https://x.com/a are too large",
    ),
    "another scheme": ("ftp://x.com/a", lambda _: build_response(b""), "unsupported scheme 'ftp'"),
    "no host": ("https:///a", lambda _: build_response(b""), "no host"),
    "no URL": ("https://x.com:port/a", lambda _: build_response(b""), "invalid URL"),
}


@pytest.mark.parametrize("case", REJECTED_SOURCES.values(), ids=REJECTED_SOURCES)
def test_a_download_that_is_not_a_document_is_rejected(case: tuple[str, Handler, str]) -> None:
    """A rejected download has a message and a hint without the query of the URL."""
    url, handler, message = case
    with pytest.raises(UsageError) as caught:
        fetch_from_web(f"{url}?key=s3cret", handler)
    assert message in caught.value.message
    assert caught.value.hint
    assert "s3cret" not in str(caught.value)


def test_a_compressed_document_is_decompressed() -> None:
    """The client requests gzip and decompresses the response."""
    accepted_encodings: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        accepted_encodings.append(request.headers["Accept-Encoding"])
        return build_response(gzip.compress(DOCUMENT), content_encoding="gzip")

    assert fetch_from_web("https://x.com/a", handle, FetchLimits()).content == DOCUMENT
    assert accepted_encodings == ["gzip"]


def test_a_server_that_does_not_respond_is_named() -> None:
    """The error names the server that did not respond, and the reason."""

    def handle(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(UsageError, match=r"could not fetch https://x\.com/a: refused"):
        fetch_from_web("https://x.com/a", handle)


def drip(listener: socket.socket, stop: threading.Event, head: bytes) -> None:
    """Send `head`, then single bytes while the peer reads."""
    with suppress(OSError):
        while not stop.is_set():
            peer, _ = listener.accept()
            with peer, suppress(OSError):
                peer.recv(9999)
                peer.sendall(head)
                while not stop.wait(0.01):
                    peer.sendall(b"a")


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n",
        b"HTTP/1.1 1",
    ],
    ids=["a header", "a body", "a status line"],
)
def test_a_slow_server_times_out(head: bytes) -> None:
    """A server that sends bytes slowly times out after the limit, which is a minute for `add`."""
    assert FetchLimits().seconds == 60
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(target=drip, args=(listener, stop, head), daemon=True)
        thread.start()
        with (
            WebReader.open(FetchLimits(seconds=0.3)) as reader,
            pytest.raises(UsageError, match=r"could not fetch http://127\.0\.0\.1:\d+/x"),
        ):
            fetch(f"http://127.0.0.1:{port}/x", reader=reader)
        stop.set()
    thread.join(5)


def test_a_file_of_a_package_is_read_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of a package is read without importing the package, and only within its folder."""
    (tmp_path / "shop_sdk").mkdir()
    (tmp_path / "shop_sdk" / "__init__.py").write_text("raise RuntimeError\n")
    (tmp_path / "shop_sdk" / "api.json").write_bytes(DOCUMENT)
    (tmp_path / "secret.json").write_bytes(DOCUMENT)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert fetch("package:shop_sdk/api.json").content == DOCUMENT
    assert "shop_sdk" not in sys.modules
    for name in ("shop_sdk/../secret.json", "shop_sdk/no.json", "no_such/api.json", "shop_sdk"):
        with pytest.raises(UsageError):
            fetch(f"package:{name}")


NONE: dict[str, tuple[bytes, str, int]] = {
    "a page": (b"\n<!DOCTYPE html><html>", "a web page (HTML)", 0),
    "OpenAPI 4": (b'{"openapi": "4.0.0", "paths": {"/": {}}}', "4.0.0", 1),
    "AsyncAPI": (b"asyncapi: 2.0.0\n", "AsyncAPI", 1),
    "an overlay": (b"overlay: 1.0.0\n", "an overlay", 0),
    "a list": (b"[1]", "not an OpenAPI document", 1),
    "broken JSON": (b'{"openapi": "3.1.0",\n "info"', "not JSON", 2),
    "a bomb": (b"a: &a [x,x]\nb: &b [" + b"*a," * 50 + b"]\n", "not an OpenAPI document", 1),
}


@pytest.mark.parametrize("case", NONE.values(), ids=NONE)
def test_other_kinds_of_documents_are_named(case: tuple[bytes, str, int]) -> None:
    """Other kinds of documents are reported by name, with a line and a hint."""
    content, expected_message, line = case
    with pytest.raises(SpecError) as caught:
        read_document(RawDocument(content, "https://x.com/api"))
    (problem,) = caught.value.problems
    assert expected_message in problem.message
    assert (str(problem.location.file), problem.location.line) == ("x.com/api", line)
    assert problem.hint


def test_yaml_is_1_2_and_a_byte_order_mark_is_ignored() -> None:
    """`no` is a string, and a byte order mark is ignored."""
    content = "\ufeffopenapi: 3.1.0\ninfo: {title: no, version: 12:30}\npaths: {/a: {}}\n"
    fetched_document = read_document(RawDocument(content.encode(), "api.yaml"))
    assert fetched_document.suffix == ".yaml"
    assert fetched_document.source.data["info"] == {"title": "no", "version": "12:30"}


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """A missing file and a folder are errors."""
    for path in (tmp_path, tmp_path / "x.json"):
        with pytest.raises(DriftlineError):
            fetch(str(path))


def test_many_html_comments_are_rejected_in_linear_time(tmp_path: Path) -> None:
    """A document that begins with many HTML comments is rejected without exponential time."""
    path = tmp_path / "document"
    path.write_text("<!---->" * 1_000 + "x")
    with open_place(str(path)) as raw_document, pytest.raises(SpecError):
        read_document(raw_document)
