"""Shared clients: copies with other options, and httpx clients of your own."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from roark_client import errors

from runtime.transports import PAGE, TOKEN, Recorder, async_roark, build_roark, respond_with_page

ODD_PAGE = {"data": [], "pagination": {"total": 0, "hasMore": False}, "zz": 1}


def test_a_copy_shares_only_the_connections() -> None:
    """Copies share one transport but none of their options."""
    recorder = Recorder()
    client = build_roark(recorder, headers={"X-A": "1"}, timeout=3.0)
    copy = client.with_options(headers={"X-B": "2"}, timeout=4.0, deadline=9.0)
    second_copy = copy.with_options(headers={"x-a": "3"})
    for client_or_copy in (client, copy, second_copy):
        client_or_copy.call.list()
    client.call.list()
    headers = [(r.headers.get("X-A"), r.headers.get("X-B")) for r in recorder.requests]
    assert headers == [("1", None), ("1", "2"), ("3", "2"), ("1", None)]
    assert [r.extensions["timeout"]["read"] for r in recorder.requests] == [3.0, 4.0, 4.0, 3.0]
    assert type(copy) is type(client)


def test_a_copy_has_its_own_resources() -> None:
    """The resources of a copy are separate, even if the original has already used its own."""
    recorder = Recorder()
    client = build_roark(recorder)
    original = client.call
    copy = client.with_options(headers={"X-B": "2"})
    assert copy.call is not original
    assert client.call is original
    copy.call.list()
    original.list()
    assert ["X-B" in request.headers for request in recorder.requests] == [True, False]


def test_a_copy_may_be_strict_or_listen_to_drift() -> None:
    """A copy can be strict or have a drift listener without changing the original."""
    events: list[Any] = []
    client = build_roark(Recorder(httpx.Response(200, json=ODD_PAGE)))
    client.with_options(on_drift=events.append).call.list()
    assert [event.pointer for event in events] == ["/zz"]
    with pytest.raises(errors.DriftError):
        client.with_options(strict=True).call.list()
    client.call.list()
    assert len(events) == 1


@pytest.mark.parametrize("whose", ["original", "copy"])
def test_closing_a_client_closes_its_copies(whose: str) -> None:
    """Closing either closes the shared connections; later calls raise an error and send nothing."""
    recorder = Recorder()
    client = build_roark(recorder)
    copy = client.with_options(timeout=1.0)
    client.call.list()
    (client if whose == "original" else copy).close()
    assert recorder.closed
    for client_or_copy in (client, copy):
        with pytest.raises(errors.ConfigurationError, match="closed"):
            client_or_copy.call.list()
    client.close()
    assert len(recorder.requests) == 1


def test_async_copies_share_and_close_connections() -> None:
    """Async copies share connections, and closing one closes all."""
    recorder = Recorder()

    async def run() -> None:
        async with async_roark(recorder) as client:
            copy = client.with_options(headers={"X-B": "2"})
            await client.call.list()
            await copy.call.list()
            assert copy.call is not client.call
        assert recorder.closed
        for client_or_copy in (client, copy):
            with pytest.raises(errors.ConfigurationError, match="closed"):
                await client_or_copy.call.list()

    asyncio.run(run())
    assert ["X-B" in request.headers for request in recorder.requests] == [False, True]


def build_http_options(recorder: Recorder, paths: list[str]) -> dict[str, Any]:
    """Return options of an httpx client with headers, cookies, parameters, hooks and redirects."""
    return {
        "transport": recorder,
        "headers": {"X-Own": "o", "User-Agent": "own"},
        "cookies": {"c": "k"},
        "params": {"p": "1"},
        "follow_redirects": True,
        "event_hooks": {"request": [lambda request: paths.append(request.url.path)]},
    }


def check_own(request: httpx.Request, paths: list[str]) -> None:
    """Check that the request has what your own client adds and what the runtime sends."""
    assert request.headers["X-Own"] == "o"
    assert request.headers["Cookie"] == "c=k"
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Accept"] == "application/json"
    assert dict(request.url.params) == {"limit": "5", "searchText": "a&b ü", "p": "1"}
    assert request.url.host == "api.roark.ai"
    assert request.extensions["timeout"]["read"] == 60.0
    assert paths == ["/v1/call"]


def test_your_own_client_is_used_unchanged() -> None:
    """The headers, cookies, query, hooks and transport
    of your client are used, and it stays open.
    """
    recorder, paths = Recorder(), list[str]()
    with httpx.Client(**build_http_options(recorder, paths)) as http:
        with build_roark(http_client=http) as client:
            client.call.list(limit=5, search_text="a&b ü")
        assert not http.is_closed
        with pytest.raises(errors.ConfigurationError, match="closed"):
            client.call.list()
    check_own(recorder.last, paths)


def test_your_own_async_client_is_used_unchanged() -> None:
    """The async runtime uses your async client in the same manner, and it stays open."""
    recorder, paths = Recorder(), list[str]()

    async def record_path(request: httpx.Request) -> None:
        paths.append(request.url.path)

    async def run() -> None:
        options = {**build_http_options(recorder, paths), "event_hooks": {"request": [record_path]}}
        async with httpx.AsyncClient(**options) as http:
            async with async_roark(http_client=http) as client:
                await client.call.list(limit=5, search_text="a&b ü")
            assert not http.is_closed

    asyncio.run(run())
    check_own(recorder.last, paths)


def test_your_own_client_follows_no_redirects() -> None:
    """Redirects are not followed even if your client
    allows it, so the credential is not forwarded.
    """
    redirect = httpx.Response(302, headers={"Location": "https://elsewhere.example/"})
    recorder = Recorder(redirect, respond_with_page)
    http = httpx.Client(transport=recorder, follow_redirects=True)
    with http, pytest.raises(errors.RedirectError):
        build_roark(http_client=http).call.list()
    assert [request.url.host for request in recorder.requests] == ["api.roark.ai"]


def test_your_own_closed_client_raises_configuration_error() -> None:
    """A closed client of your own raises `ConfigurationError`, not `RuntimeError`."""
    http = httpx.Client(transport=Recorder())
    http.close()
    with pytest.raises(errors.ConfigurationError, match="closed"):
        build_roark(http_client=http).call.list()


def test_cookies_of_a_response_are_not_kept() -> None:
    """A cookie set by one response is not sent with the next request."""
    headers = {"Set-Cookie": "session=1; Path=/"}
    recorder = Recorder(httpx.Response(200, json=PAGE, headers=headers), respond_with_page)
    client = build_roark(recorder)
    client.call.list()
    client.call.list()
    assert "Cookie" not in recorder.last.headers


def test_event_hooks_run_for_every_request_and_response() -> None:
    """httpx hooks run for retries too, and may read the response."""
    recorder = Recorder(httpx.Response(503), respond_with_page)
    events: list[Any] = []
    hooks: dict[str, list[Any]] = {
        "request": [lambda request: events.append(request.method)],
        "response": [lambda response: events.append(len(response.read()))],
    }
    client = build_roark(recorder, event_hooks=hooks)
    assert client.call.list().to_dict() == PAGE
    assert events == ["GET", 0, "GET", len(respond_with_page(recorder.last).content)]


def test_a_hook_that_raises_for_status_raises_api_error() -> None:
    """A hook that calls `raise_for_status` raises an `ApiError`."""

    def raise_for_status(response: httpx.Response) -> None:
        response.raise_for_status()

    client = build_roark(
        Recorder(httpx.Response(404)), event_hooks={"response": [raise_for_status]}
    )
    with pytest.raises(errors.ApiError, match=r"call\.list.*404"):
        client.call.list()
