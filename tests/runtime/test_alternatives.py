"""Security requirements: alternatives, schemes used together, and where each credential is sent."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from ci.receivers import make_certificate

from driftline.runtime import Api, Client, Credential, Endpoint, WireParameter
from driftline.runtime.errors import ClientError, ConfigurationError, TransportError
from runtime.apis import build_api, build_async_client, build_client
from runtime.transports import Recorder

CREDENTIALS = (
    Credential("sign", "sign", "http", "Authorization"),
    Credential("oauth2", "oauth2", "bearer", "Authorization"),
    Credential("oauth2c", "oauth2c", "bearer", "Authorization"),
    Credential("basic", "basic", "basic", "Authorization"),
    Credential("key", "key", "query", "api_key", env="SHOP_KEY"),
    Credential("head", "head", "header", "X-Key"),
    Credential("session", "session", "cookie", "SID"),
    Credential("tls", "", "mutualTLS", ""),
)


def build_shop(*security: tuple[str, ...], **fields: Any) -> Api:
    return build_api(
        Endpoint("x.get", "GET", "/x", security=security, **fields), credentials=CREDENTIALS
    )


def send_with(security: list[tuple[str, ...]], **secrets: Any) -> httpx.Request:
    """Return the request that a client with these credentials sends."""
    recorder = Recorder(httpx.Response(204))
    with build_client(build_shop(*security), recorder, secrets) as client:
        client.request("x.get")
    return recorder.last


@pytest.mark.parametrize(
    "secrets", [{"oauth2": "a"}, {"oauth2c": "a"}, {"oauth2": "a", "oauth2c": "b"}]
)
def test_two_schemes_of_one_header_need_one_value(secrets: dict[str, str]) -> None:
    """The client sends one `Authorization` header:
    the scheme that the document lists first wins.
    """
    request = send_with([("oauth2", "oauth2c")], **secrets)
    assert request.headers.get_list("Authorization") == ["Bearer a"]


def test_every_location_of_an_alternative_is_filled() -> None:
    """The client fills the header, query and cookie,
    each with the first scheme that has a value.
    """
    request = send_with(
        [("basic", "oauth2", "key", "head", "session")],
        oauth2="t",
        key="k&,",
        head="h",
        session="s",
    )
    assert request.headers["Authorization"] == "Bearer t"
    assert request.headers["X-Key"] == "h"
    assert request.headers["Cookie"] == "SID=s"
    assert request.url.query == b"api_key=k%26%2C"


def test_a_key_in_the_query_keeps_the_other_parameters() -> None:
    """Adding an API key to the query keeps the unescaped commas of the other parameters."""
    recorder = Recorder(httpx.Response(204))
    api = build_shop(("key",), parameters=(WireParameter("ids", "query", explode=False),))
    with build_client(api, recorder, {"key": "k"}) as client:
        client.request("x.get", arguments={"ids": ["a,b", "c"]})
    assert recorder.last.url.query == b"ids=a%2Cb,c&api_key=k"


ORDERS: list[tuple[list[tuple[str, ...]], dict[str, str], dict[str, str]]] = [
    ([("key",), ()], {}, {}),
    ([("head",), ()], {"head": "h"}, {"X-Key": "h"}),
    ([(), ("head",)], {"head": "h"}, {"X-Key": "h"}),
    ([("tls",), ("head",)], {"head": "h"}, {"X-Key": "h"}),
    ([("tls",)], {}, {}),
    ([("tls", "head")], {"head": "h"}, {"X-Key": "h"}),
    ([("head", "key"), ("oauth2",)], {"head": "h", "oauth2": "t"}, {"Authorization": "Bearer t"}),
]


@pytest.mark.parametrize(("security", "secrets", "headers"), ORDERS)
def test_the_first_alternative_that_is_complete_is_used(
    security: list[tuple[str, ...]], secrets: dict[str, str], headers: dict[str, str]
) -> None:
    """The client uses the first complete alternative; the empty one has the lowest priority, and
    mutual TLS needs no argument and sends no header.
    """
    headers_sent = send_with(security, **secrets).headers
    assert {n: headers_sent[n] for n in ("Authorization", "X-Key") if n in headers_sent} == headers


def test_a_missing_credential_names_every_alternative() -> None:
    """The error names the option and environment variable of every scheme of every alternative."""
    security = [("session",), ("oauth2", "oauth2c", "head"), ("key", "sign")]
    with pytest.raises(ConfigurationError) as caught:
        send_with(security, head="h")
    assert str(caught.value) == (
        "x.get needs a credential: pass session=…; or oauth2=… or oauth2c=…; "
        "or key=… (or set SHOP_KEY) and sign=…"
    )


def test_another_http_scheme_is_sent_unchanged() -> None:
    """The client sends the value as the whole header, not as a bearer token."""
    request = send_with([("sign",)], sign="Digest user=a, response=b")
    assert request.headers["Authorization"] == "Digest user=a, response=b"


def compute_signature(request: httpx.Request) -> str:
    return "HMAC " + hashlib.sha256(request.method.encode() + request.content).hexdigest()


def test_a_function_signs_the_request_of_each_attempt() -> None:
    """Sync and async clients call the function for
    each attempt with the final request and its query.
    """
    api = build_api(
        Endpoint("x.put", "PUT", "/x", security=(("sign", "key"),), media_type="text/plain"),
        credentials=CREDENTIALS,
    )
    urls: list[str] = []

    def sign(request: httpx.Request) -> str:
        urls.append(str(request.url))
        return compute_signature(request)

    recorder = Recorder(httpx.Response(503), httpx.Response(204))
    with build_client(api, recorder, {"sign": sign, "key": "k"}) as client:
        client.request("x.put", body="a")

    async def run() -> None:
        async with build_async_client(api, recorder, {"sign": sign, "key": "k"}) as client:
            await client.request("x.put", body="a")

    asyncio.run(run())
    assert [r.headers["Authorization"] for r in recorder.requests] == [
        compute_signature(recorder.last)
    ] * 3
    assert urls == ["https://api.example.com/v1/x?api_key=k"] * 3


def test_a_signature_is_redacted_and_its_failure_is_wrapped() -> None:
    """Errors redact the signature with or without its scheme; an invalid signature or a failing
    signer raises `ConfigurationError`.
    """
    echo = httpx.Response(401, text="HMAC abcdef123456 is wrong, abcdef123456")
    api = build_shop(("sign",))
    for signature in ("HMAC abcdef123456", lambda _: "HMAC abcdef123456"):
        with pytest.raises(ClientError) as caught:
            build_client(api, Recorder(echo), {"sign": signature}).request("x.get")
        assert "abcdef123456" not in str(caught.value)
    for broken_signer in (lambda _: "", lambda _: 5, lambda: "no argument"):
        with pytest.raises(ConfigurationError, match="credential sign"):
            build_client(api, Recorder(echo), {"sign": broken_signer}).request("x.get")


@pytest.mark.parametrize("cert", ["no/such.pem", ("no.pem", "no.key")])
def test_an_unreadable_certificate_fails_on_construction(cert: Any) -> None:
    """An unreadable certificate, or `cert` combined with an SSL context, fails on construction."""
    with pytest.raises(ConfigurationError, match="certificate"):
        Client(build_shop(("tls",)), {}, cert=cert)
    with pytest.raises(ConfigurationError, match="load_cert_chain"):
        Client(build_shop(("tls",)), {}, cert=cert, verify=ssl.create_default_context())


@pytest.mark.parametrize("option", ["cert", "verify"])
def test_a_client_certificate_is_presented(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client presents its certificate to a server that requires one; without it the call fails
    and the server gets no request.
    """
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.create_default_context()
    context.load_cert_chain(certificate)
    options: dict[str, Any] = {"cert": {"cert": certificate}, "verify": {"verify": context}}[option]
    with serve_mutual_tls(certificate) as (url, paths):
        with Client(build_shop(("tls",)), {}, base_url=url, **options) as client:
            client.request("x.get")
        assert len(paths) == 1
        with (
            Client(build_shop(("tls",)), {}, base_url=url, retries=0) as client,
            pytest.raises(TransportError),
        ):
            client.request("x.get")
    assert len(paths) == 1


@contextmanager
def serve_mutual_tls(certificate: Path) -> Iterator[tuple[str, list[str]]]:
    """Run a server that requires this certificate from
    its clients; yield its URL and received paths.
    """
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called
            """Suppress the log output."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Ignore the failed handshake of a client
            without a certificate, which the test expects.
            """

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificate))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(certificate)
    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"https://localhost:{server.server_address[1]}", paths
        finally:
            server.shutdown()
            thread.join()


def test_mutual_tls_is_rejected_as_a_credential() -> None:
    """Mutual TLS belongs to the connection: passing it
    as a credential raises an error that names `cert=`.
    """
    options: dict[str, Any] = {"tls": "client.pem"}
    with pytest.raises(ConfigurationError, match=r"(?s)unknown option of Client: tls.*pass cert="):
        Client(build_shop(("tls",)), {}, **options)
