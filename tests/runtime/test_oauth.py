"""OAuth 2 tokens: obtained once, cached, renewed before expiry and after a 401, and never shown."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import anyio
import httpx
import pytest

from driftline.runtime import (
    AccessToken,
    ClientCredentials,
    Endpoint,
    PasswordGrant,
    RefreshToken,
    Retries,
    TokenGrant,
)
from driftline.runtime.endpoint import Credential
from driftline.runtime.errors import ConfigurationError, TokenError, Unauthorized
from runtime.apis import BASE, build_api, build_async_client, build_client
from runtime.transports import FakeClock

TOKENS = "https://auth.example.com/token"
URLS = {"clientCredentials": TOKENS, "password": TOKENS}
GET = Endpoint("row.get", "GET", "/row", security=(("oauth",),), responses={"200": None})
POST = Endpoint(
    *("row.add", "POST", "/row"),
    security=(("oauth",),),
    responses={"200": None},
    media_type="application/octet-stream",
)
SECRET = "s3cret/with+signs"
APP = ClientCredentials("app", SECRET)


class Server:
    """An API that accepts only the newest token, and its token endpoint."""

    def __init__(self, **fields: Any) -> None:
        self.more = fields
        self.forms: list[dict[str, str]] = []
        self.requests: list[httpx.Request] = []
        self.taken_back: set[str] = set()
        self.rejects: Callable[[dict[str, str]], Any] = lambda _: None
        self.lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/.well-known/openid-configuration":
            return httpx.Response(200, json=self.more["discovery"])
        if not request.url.path.endswith("token"):
            self.requests.append(request)
            token = request.headers["Authorization"].removeprefix("Bearer ")
            is_authorized = token == f"token-{len(self.forms)}" and token not in self.taken_back
            return httpx.Response(200 if is_authorized else 401, json={})
        with self.lock:
            form = {k: v[0] for k, v in parse_qs(request.content.decode()).items()}
            form["at"], form["auth"] = str(request.url), request.headers.get("Authorization", "")
            rejection = self.rejects(form)
            if rejection is not None:
                return httpx.Response(400, json=rejection)
            self.forms.append(form)
            fields = {"access_token": f"token-{len(self.forms)}", "token_type": "Bearer"}
            return httpx.Response(200, json={**fields, "expires_in": 3600, **self.more})

    async def answer(self, request: httpx.Request) -> httpx.Response:
        await anyio.lowlevel.checkpoint()
        return self(request)


def build_oauth_api(urls: Any = None, **fields: Any) -> Any:
    urls = URLS if urls is None else urls
    token = Credential("oauth", "token", "bearer", "Authorization", "SHOP_TOKEN", urls)
    return build_api(GET, POST, credentials=(token,), **fields)


def build_oauth_client(
    server: Server, grant: Any = APP, clock: Any = None, **api_fields: Any
) -> Any:
    options = {"retries": Retries(clock=clock or FakeClock())}
    if "base_url" in api_fields:
        options["base_url"] = api_fields.pop("base_url")
    credentials = {} if grant is None else {"oauth": grant}
    return build_client(
        build_oauth_api(**api_fields), httpx.MockTransport(server), credentials, **options
    )


def test_one_token_serves_many_calls() -> None:
    """The client ID and secret are sent only to the
    token endpoint, encoded as RFC 6749 requires.
    """
    server = Server()
    shop = build_oauth_client(server, ClientCredentials("my app", SECRET, scope="read write"))
    for _ in range(3):
        shop.request("row.get")
    (form,) = server.forms
    assert (form["grant_type"], form["scope"], form["at"]) == (
        *("client_credentials", "read write"),
        TOKENS,
    )
    kind, _, encoded_credentials = form["auth"].partition(" ")
    assert (kind, base64.b64decode(encoded_credentials)) == (
        "Basic",
        b"my+app:s3cret%2Fwith%2Bsigns",
    )
    assert {request.headers["Authorization"] for request in server.requests} == {"Bearer token-1"}


def test_client_auth_body_sends_the_secret_in_the_body() -> None:
    """`client_auth="body"` sends the client ID and secret in the body instead of a header."""
    server = Server()
    build_oauth_client(server, ClientCredentials("app", SECRET, client_auth="body")).request(
        "row.get"
    )
    (form,) = server.forms
    assert (form["client_id"], form["client_secret"], form["auth"]) == ("app", SECRET, "")


def test_a_token_is_renewed_before_it_expires() -> None:
    """The client renews a token half a minute before it expires."""
    server, clock = Server(), FakeClock()
    shop = build_oauth_client(server, clock=clock)
    shop.request("row.get")
    clock.pass_time(3560)
    shop.request("row.get")
    assert len(server.forms) == 1
    clock.pass_time(15)
    shop.request("row.get")
    assert len(server.forms) == 2


def test_a_revoked_token_is_renewed_once() -> None:
    """After a 401 the client renews the token and retries once; a second 401 is raised."""
    server = Server()
    shop = build_oauth_client(server)
    shop.request("row.get")
    server.taken_back.add("token-1")
    shop.request("row.get")
    assert (len(server.forms), len(server.requests)) == (2, 3)
    server.taken_back |= {f"token-{n}" for n in range(9)}
    with pytest.raises(Unauthorized):
        shop.request("row.get")
    assert (len(server.forms), len(server.requests)) == (3, 5)


def test_a_consumed_body_is_not_retried_after_a_401() -> None:
    """With a body that can be read only once, the client raises the 401 instead of retrying."""
    server = Server()
    shop = build_oauth_client(server, RefreshToken("r", access_token="old"))

    def generate_chunks() -> Iterator[bytes]:
        yield b"ab"

    with pytest.raises(Unauthorized):
        shop.request("row.add", body=generate_chunks())
    assert len(server.requests) == 1


def test_many_threads_request_one_token() -> None:
    """Concurrent threads request one token at the start and one after a shared 401."""
    server = Server()
    shop = build_oauth_client(server)
    barrier = threading.Barrier(8)

    def send_request() -> None:
        barrier.wait()
        shop.request("row.get")

    for expected in (1, 2):
        threads = [threading.Thread(target=send_request) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.forms) == expected
        server.taken_back.add("token-1")


def test_many_tasks_request_one_token() -> None:
    """Concurrent tasks request one token, in one event loop and in the next."""
    server = Server()
    shop = build_async_client(build_oauth_api(), httpx.MockTransport(server.answer), {"oauth": APP})

    async def send_request() -> None:
        await asyncio.gather(*(shop.request("row.get") for _ in range(20)))

    asyncio.run(send_request())
    assert len(server.forms) == 1
    server.taken_back.add("token-1")
    asyncio.run(send_request())
    assert len(server.forms) == 2


def test_passed_tokens_are_used_and_renewed() -> None:
    """The access token is used until it expires, then the latest refresh token renews it."""
    clock = FakeClock()
    server, received_tokens = Server(refresh_token="next"), list[AccessToken]()
    server.forms.append({})
    own_token = RefreshToken(
        *("first",),
        access_token="token-1",
        expires_at=clock.date() + 100,
        client_id="app",
        on_token=received_tokens.append,
    )
    shop = build_oauth_client(server, own_token, clock)
    shop.request("row.get")
    assert len(server.forms) == 1
    for expected in ("first", "next"):
        clock.pass_time(3600)
        shop.request("row.get")
        assert server.forms[-1]["grant_type"] == "refresh_token"
        assert server.forms[-1]["refresh_token"] == expected
        assert server.forms[-1]["client_id"] == "app"
    assert [token.refresh_token for token in received_tokens] == ["next", "next"]


def test_the_password_is_sent_only_for_the_first_token() -> None:
    """The password is sent for the first token and again only if the refresh token is rejected."""
    clock, server = FakeClock(), Server(refresh_token="again")
    shop = build_oauth_client(server, PasswordGrant("me", SECRET), clock)
    for is_rejected in (False, False, True):
        if is_rejected:
            server.rejects = lambda form: (
                {"error": "invalid_grant"} if form["grant_type"] == "refresh_token" else None
            )
        shop.request("row.get")
        clock.pass_time(4000)
    assert [form["grant_type"] for form in server.forms] == [
        "password",
        "refresh_token",
        "password",
    ]
    assert server.forms[0]["password"] == SECRET


@pytest.mark.parametrize("grant", [APP, PasswordGrant("me", SECRET), RefreshToken(SECRET)])
def test_no_secret_is_shown(grant: TokenGrant) -> None:
    """No secret appears in a `repr` or in the error of a token endpoint that echoes the request."""
    assert SECRET not in repr(grant)
    server = Server()
    server.rejects = lambda form: {
        "error": "invalid_client",
        "error_description": f"{json.dumps(form)} {SECRET}",
    }
    with pytest.raises(TokenError, match="invalid_client") as caught:
        build_oauth_client(server, grant).request("row.get")
    encoded_secret = base64.b64encode(b"app:s3cret%2Fwith%2Bsigns").decode()
    for secret_form in (SECRET, encoded_secret):
        assert secret_form not in str(caught.value)
    assert server.requests == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"access_token": 7}', b"[" * 10**5])
def test_a_response_without_a_token_is_an_error(body: bytes) -> None:
    """An invalid token response raises `TokenError`, and the API gets no request."""
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, content=body)

    shop = build_client(build_oauth_api(), httpx.MockTransport(respond), {"oauth": APP})
    with pytest.raises(TokenError):
        shop.request("row.get")
    assert [str(request.url) for request in requests] == [TOKENS]


WELL_KNOWN = "https://auth.example.com/.well-known/openid-configuration"


def test_the_token_endpoint_comes_from_openid_discovery() -> None:
    """The token endpoint comes from OpenID discovery,
    and only from the documented host over HTTPS.
    """
    server = Server(discovery={"token_endpoint": "https://auth.example.com/v2/token"})
    shop = build_oauth_client(server, urls={"discovery": WELL_KNOWN})
    shop.request("row.get")
    assert server.forms[0]["at"] == "https://auth.example.com/v2/token"
    for token_endpoint in (
        "https://elsewhere.example.com/token",
        "http://auth.example.com/token",
        7,
        None,
    ):
        server = Server(discovery={"token_endpoint": token_endpoint})
        with pytest.raises(TokenError):
            build_oauth_client(server, urls={"discovery": WELL_KNOWN}).request("row.get")
        assert server.forms == []


@pytest.mark.parametrize(
    ("documented_url", "expected"),
    [
        (f"{BASE}/oauth/token", "http://127.0.0.1:80/shop/oauth/token"),
        ("https://api.example.com/token", "http://127.0.0.1:80/token"),
        ("/v1/token", "http://127.0.0.1:80/shop/token"),
        (TOKENS, TOKENS),
    ],
)
def test_the_token_url_moves_with_the_base_url(documented_url: str, expected: str) -> None:
    """A token URL on the API's own host follows `base_url`; one on another host is kept."""
    server = Server()
    urls = {"clientCredentials": documented_url}
    build_oauth_client(server, urls=urls, base_url="http://127.0.0.1:80/shop").request("row.get")
    assert httpx.URL(server.forms[0]["at"]) == httpx.URL(expected)
    own_credentials = ClientCredentials("app", SECRET, token_url="https://own.example.com/token")
    build_oauth_client(server, own_credentials, urls=urls).request("row.get")
    assert server.forms[-1]["at"] == "https://own.example.com/token"


@pytest.mark.parametrize(
    ("variables", "grant_type"),
    [
        ({"SHOP_CLIENT_ID": "app", "SHOP_CLIENT_SECRET": "s"}, "client_credentials"),
        ({"SHOP_USERNAME": "me", "SHOP_PASSWORD": "p"}, "password"),
        ({"SHOP_REFRESH_TOKEN": "r", "SHOP_CLIENT_ID": "app"}, "refresh_token"),
    ],
)
def test_grants_come_from_the_environment(
    variables: dict[str, str], grant_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Grants are read from environment variables
    with the token variable's prefix, if documented.
    """
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    server = Server()
    build_oauth_client(server, None).request("row.get")
    assert server.forms[0]["grant_type"] == grant_type
    with pytest.raises(ConfigurationError, match=r"row\.get needs a credential"):
        build_oauth_client(server, None, urls={}).request("row.get")


def test_a_missing_token_url_is_an_error() -> None:
    """Without a documented token URL the error suggests `token_url`."""
    with pytest.raises(ConfigurationError, match="pass token_url"):
        build_oauth_client(Server(), urls={}).request("row.get")


def test_a_credential_of_another_type_is_rejected_at_once() -> None:
    """The error names the credential and the accepted types, but not the value."""
    with pytest.raises(ConfigurationError, match="is a bytes: pass a string") as error:
        build_oauth_client(Server(), b"secret-of-bytes")
    assert "secret-of-bytes" not in str(error.value)
