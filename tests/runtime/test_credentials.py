"""Credentials: obtained before each call, sent once, and never shown."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from roark_client import AsyncRoark, Roark, errors

from driftline.runtime import Api, Client, Credential, Endpoint
from runtime.transports import PAGE, TOKEN, Recorder, async_roark, build_roark, respond_with_page

SECRETS = ["first_5c1e", "second_88ab", "third_0d4f"]


def rotate_secrets() -> Callable[[], str]:
    """Return a function that returns another secret on each call."""
    secrets: Iterator[str] = iter(SECRETS)
    return lambda: next(secrets)


def build_bearer(secret: str) -> str:
    return f"Bearer {secret}"


def test_a_credential_function_is_called_once_per_call() -> None:
    """The client calls the function once per call, not on construction or for each attempt."""
    calls: list[int] = []

    def get_token() -> str:
        calls.append(1)
        return SECRETS[len(calls) - 1]

    recorder = Recorder(httpx.Response(503), respond_with_page)
    client = build_roark(recorder, bearer_token=get_token)
    assert calls == []
    client.call.list()
    client.call.list()
    headers = [request.headers["Authorization"] for request in recorder.requests]
    assert headers == [build_bearer(SECRETS[0]), build_bearer(SECRETS[0]), build_bearer(SECRETS[1])]


def test_the_async_client_awaits_a_credential_function() -> None:
    """The async client accepts a sync or an async function as a credential."""
    recorder = Recorder()

    async def get_token() -> str:
        return SECRETS[0]

    async def run() -> None:
        for token_source in (get_token, rotate_secrets()):
            async with async_roark(recorder, bearer_token=token_source) as client:
                await client.call.list()

    asyncio.run(run())
    assert [r.headers["Authorization"] for r in recorder.requests] == [build_bearer(SECRETS[0])] * 2


def test_the_sync_client_rejects_an_async_credential_function() -> None:
    """The error names the credential and suggests the
    async client; nothing is sent or left unawaited.
    """
    recorder = Recorder()

    async def get_token() -> str:
        return SECRETS[0]

    with pytest.raises(errors.ConfigurationError, match=r"bearerToken.*async client"):
        build_roark(recorder, bearer_token=get_token).call.list()
    assert recorder.requests == []


def fail_to_get_token() -> str:
    raise LookupError(f"no such secret: {TOKEN}")


async def fail_to_await_token() -> str:
    return fail_to_get_token()


async def await_none() -> None:
    return None


USELESS: list[Any] = [fail_to_get_token, lambda: "", lambda: None, lambda: 5, lambda: b"bytes"]


@pytest.mark.parametrize("token_source", USELESS)
def test_a_failed_credential_function_raises_configuration_error(token_source: Any) -> None:
    """A credential function that fails or returns no string raises `ConfigurationError` in both
    clients; the cause is kept and nothing is sent.
    """
    recorder = Recorder()
    with pytest.raises(errors.ConfigurationError, match="credential bearerToken") as caught:
        build_roark(recorder, bearer_token=token_source).call.list()
    assert TOKEN not in str(caught.value)
    assert (token_source is fail_to_get_token) == isinstance(caught.value.__cause__, LookupError)
    with pytest.raises(errors.ConfigurationError, match="credential bearerToken"):
        asyncio.run(async_roark(recorder, bearer_token=token_source).call.list())
    assert recorder.requests == []


@pytest.mark.parametrize("token_source", [fail_to_await_token, await_none])
def test_a_failed_async_function_raises_configuration_error(token_source: Any) -> None:
    """In the async client, an async credential function that fails or returns `None` raises
    `ConfigurationError`, and nothing is sent.
    """
    recorder = Recorder()
    with pytest.raises(errors.ConfigurationError, match="credential bearerToken"):
        asyncio.run(async_roark(recorder, bearer_token=token_source).call.list())
    assert recorder.requests == []


def test_rotated_credentials_are_redacted_old_and_new() -> None:
    """Errors redact every secret that the client has ever sent, not only the latest."""
    echo = httpx.Response(401, json={"message": "no: " + " ".join(SECRETS[:2])})
    client = build_roark(Recorder(echo), bearer_token=rotate_secrets(), retries=0)
    with pytest.raises(errors.Unauthorized):
        client.call.list()
    with pytest.raises(errors.Unauthorized) as caught:
        client.call.list()
    shown_error = f"{caught.value}{caught.value!r}{caught.value.message}{caught.value.excerpt}"
    assert "no: *** ***" in shown_error
    assert not any(secret in shown_error for secret in SECRETS)


def list_spellings(secret: str) -> dict[str, str]:
    """Return the encodings in which a server may echo a secret."""
    return {
        "as it is": secret,
        "base64": base64.b64encode(secret.encode()).decode(),
        "percent": quote(secret, safe=""),
        "json": json.dumps(secret)[1:-1],
    }


ODD_SECRET = 'us"er:p/a+ss=\\'


@pytest.mark.parametrize("spelling", list_spellings(ODD_SECRET))
def test_a_credential_is_redacted_in_every_encoding(spelling: str) -> None:
    """Errors redact a credential in plain, base64, percent-encoded and JSON-escaped form."""
    spelled_secret = list_spellings(ODD_SECRET)[spelling]
    client = build_roark(
        Recorder(httpx.Response(418, text=f"you sent {spelled_secret}!")), bearer_token=ODD_SECRET
    )
    with pytest.raises(errors.ClientError) as caught:
        client.call.list()
    assert caught.value.excerpt == "you sent ***!"
    assert spelled_secret not in repr(caught.value)


def test_an_authorization_header_replaces_the_credential() -> None:
    """An `Authorization` header of your own, in any
    case, replaces the credential of a call or client.
    """
    recorder = Recorder()
    build_roark(recorder).call.list(extra_headers={"authorization": "Basic eA=="})
    build_roark(recorder, headers={"AUTHORIZATION": "Basic eQ=="}).call.list()
    build_roark(recorder).call.list()
    headers = [request.headers.get_list("Authorization") for request in recorder.requests]
    assert headers == [["Basic eA=="], ["Basic eQ=="], [build_bearer(TOKEN)]]


def test_no_repr_or_str_shows_a_secret() -> None:
    """Neither `repr` nor `str` of a client, its parts and its errors contains a secret."""
    secret = {"X-Secret": TOKEN}
    for kind in (Roark, AsyncRoark):
        client = kind(
            bearer_token=TOKEN, headers=secret, base_url=f"https://user:{TOKEN}@example.com"
        )
        core: Any = client._core
        for part in (client, core, core.credentials, core.settings, core.settings.retries):
            assert TOKEN not in repr(part) + str(part)
    with pytest.raises(errors.ConfigurationError) as caught:
        Roark(bearer_token=TOKEN, base_url=f"ftp://user:{TOKEN}@example.com")
    assert TOKEN not in str(caught.value) + repr(caught.value)


def test_the_repr_of_a_raw_response_shows_no_secret() -> None:
    """The `repr` of a raw response contains neither headers nor bytes."""
    reply = httpx.Response(200, json=PAGE, headers={"X-Echo": TOKEN})
    client = build_roark(Recorder(reply))
    assert TOKEN not in repr(client.raw(client.call.list))


QUERY = Credential("key", "key", "query", "api_key")
OPERATION = Endpoint("x.get", "GET", "/x", security=(("key",),))
API = Api("x", "1", "https://h", None, (QUERY,), {"x.get": OPERATION})


@pytest.mark.parametrize(
    "reply", [respond_with_page, httpx.Response(500), httpx.ReadError(f"at {TOKEN}")]
)
def test_no_log_record_shows_a_secret(reply: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Log records hide a secret that is sent in the query or repeated by a transport error."""
    client = Client(API, {"key": TOKEN}, transport=Recorder(reply), retries=0)
    captured_logs = caplog.at_level(logging.DEBUG, logger="driftline")
    with captured_logs, contextlib.suppress(errors.ApiError):
        client.request("x.get")
    own_messages = [r.getMessage() for r in caplog.records if r.name.startswith("driftline")]
    assert own_messages
    assert TOKEN not in "".join(own_messages)
