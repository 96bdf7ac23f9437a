"""Credentials: asked for before each call, sent once, and never shown."""

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
from runtime.transports import PAGE, TOKEN, Recorder, answer, async_roark, roark

SECRETS = ["first_5c1e", "second_88ab", "third_0d4f"]


def rotating() -> Callable[[], str]:
    """Gives another secret each time it is asked."""
    secrets: Iterator[str] = iter(SECRETS)
    return lambda: next(secrets)


def bearer(secret: str) -> str:
    return f"Bearer {secret}"


def test_what_gives_a_credential_is_asked_before_each_call() -> None:
    """Not on construction, and once for all the attempts of a call."""
    asked: list[int] = []

    def token() -> str:
        asked.append(1)
        return SECRETS[len(asked) - 1]

    sent = Recorder(httpx.Response(503), answer)
    client = roark(sent, bearer_token=token)
    assert asked == []
    client.call.list()
    client.call.list()
    headers = [request.headers["Authorization"] for request in sent.requests]
    assert headers == [bearer(SECRETS[0]), bearer(SECRETS[0]), bearer(SECRETS[1])]


def test_the_asynchronous_client_awaits_what_has_to_be_awaited() -> None:
    """A function of either kind will do."""
    sent = Recorder()

    async def token() -> str:
        return SECRETS[0]

    async def run() -> None:
        for given in (token, rotating()):
            async with async_roark(sent, bearer_token=given) as client:
                await client.call.list()

    asyncio.run(run())
    assert [r.headers["Authorization"] for r in sent.requests] == [bearer(SECRETS[0])] * 2


def test_the_synchronous_client_refuses_what_has_to_be_awaited() -> None:
    """It names the credential and the way out; nothing is sent, and nothing is left unawaited."""
    sent = Recorder()

    async def token() -> str:
        return SECRETS[0]

    with pytest.raises(errors.ConfigurationError, match=r"bearerToken.*async client"):
        roark(sent, bearer_token=token).call.list()
    assert sent.requests == []


def failing() -> str:
    raise LookupError(f"no such secret: {TOKEN}")


async def failing_later() -> str:
    return failing()


async def none_later() -> None:
    return None


USELESS: list[Any] = [failing, lambda: "", lambda: None, lambda: 5, lambda: b"bytes"]


@pytest.mark.parametrize("given", USELESS)
def test_what_gives_no_text_is_an_error_of_ours(given: Any) -> None:
    """Of both clients, by the name of the credential; the cause is kept, nothing is sent."""
    sent = Recorder()
    with pytest.raises(errors.ConfigurationError, match="credential bearerToken") as caught:
        roark(sent, bearer_token=given).call.list()
    assert TOKEN not in str(caught.value)
    assert (given is failing) == isinstance(caught.value.__cause__, LookupError)
    with pytest.raises(errors.ConfigurationError, match="credential bearerToken"):
        asyncio.run(async_roark(sent, bearer_token=given).call.list())
    assert sent.requests == []


@pytest.mark.parametrize("given", [failing_later, none_later])
def test_what_fails_when_it_is_awaited_is_an_error_of_ours(given: Any) -> None:
    """The same of the asynchronous client."""
    sent = Recorder()
    with pytest.raises(errors.ConfigurationError, match="credential bearerToken"):
        asyncio.run(async_roark(sent, bearer_token=given).call.list())
    assert sent.requests == []


def test_rotated_credentials_are_redacted_old_and_new() -> None:
    """A server that repeats what it was ever sent gets `***` into our errors."""
    echo = httpx.Response(401, json={"message": "no: " + " ".join(SECRETS[:2])})
    client = roark(Recorder(echo), bearer_token=rotating(), retries=0)
    with pytest.raises(errors.Unauthorized):
        client.call.list()
    with pytest.raises(errors.Unauthorized) as caught:
        client.call.list()
    shown = f"{caught.value}{caught.value!r}{caught.value.message}{caught.value.excerpt}"
    assert "no: *** ***" in shown
    assert not any(secret in shown for secret in SECRETS)


def list_spellings(secret: str) -> dict[str, str]:
    """A secret as a server may repeat it."""
    return {
        "as it is": secret,
        "base64": base64.b64encode(secret.encode()).decode(),
        "percent": quote(secret, safe=""),
        "json": json.dumps(secret)[1:-1],
    }


ODD = 'us"er:p/a+ss=\\'


@pytest.mark.parametrize("how", list_spellings(ODD))
def test_a_credential_is_recognised_however_it_is_written(how: str) -> None:
    """As a header of basic authentication has it, as an address has it, as JSON has it."""
    text = list_spellings(ODD)[how]
    client = roark(Recorder(httpx.Response(418, text=f"you sent {text}!")), bearer_token=ODD)
    with pytest.raises(errors.ClientError) as caught:
        client.call.list()
    assert caught.value.excerpt == "you sent ***!"
    assert text not in repr(caught.value)


def test_an_authorization_of_the_callers_own_replaces_the_credential() -> None:
    """For one call or for all, in any case; only one is sent."""
    sent = Recorder()
    roark(sent).call.list(extra_headers={"authorization": "Basic eA=="})
    roark(sent, headers={"AUTHORIZATION": "Basic eQ=="}).call.list()
    roark(sent).call.list()
    headers = [request.headers.get_list("Authorization") for request in sent.requests]
    assert headers == [["Basic eA=="], ["Basic eQ=="], [bearer(TOKEN)]]


def test_nothing_shows_a_secret() -> None:
    """Clients, what they are made of, and settings: neither `repr` nor `str` has one."""
    secret = {"X-Secret": TOKEN}
    for kind in (Roark, AsyncRoark):
        client = kind(
            bearer_token=TOKEN, headers=secret, base_url=f"https://user:{TOKEN}@example.com"
        )
        core: Any = client._core
        for thing in (client, core, core.credentials, core.settings, core.settings.retries):
            assert TOKEN not in repr(thing) + str(thing)
    with pytest.raises(errors.ConfigurationError) as caught:
        Roark(bearer_token=TOKEN, base_url=f"ftp://user:{TOKEN}@example.com")
    assert TOKEN not in str(caught.value) + repr(caught.value)


def test_no_raw_answer_shows_a_secret_that_came_with_it() -> None:
    """Its `repr` has neither headers nor bytes."""
    reply = httpx.Response(200, json=PAGE, headers={"X-Echo": TOKEN})
    client = roark(Recorder(reply))
    assert TOKEN not in repr(client.raw(client.call.list))


QUERY = Credential("key", "key", "query", "api_key")
OPERATION = Endpoint("x.get", "GET", "/x", security=(("key",),))
API = Api("x", "1", "https://h", None, (QUERY,), {"x.get": OPERATION})


@pytest.mark.parametrize("reply", [answer, httpx.Response(500), httpx.ReadError(f"at {TOKEN}")])
def test_no_log_record_of_ours_shows_a_secret(reply: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Not even one that is sent in the address, or that an error repeats."""
    client = Client(API, {"key": TOKEN}, transport=Recorder(reply), retries=0)
    watched = caplog.at_level(logging.DEBUG, logger="driftline")
    with watched, contextlib.suppress(errors.ApiError):
        client.request("x.get")
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("driftline")]
    assert ours
    assert TOKEN not in "".join(ours)
