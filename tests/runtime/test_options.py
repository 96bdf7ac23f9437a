"""Options of a client, of a copy, and of a single call."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from roark_client import errors

from driftline.runtime import Retries
from runtime.transports import PAGE, FakeClock, Recorder, async_roark, build_roark

DEFAULT = {"connect": 5.0, "read": 60.0, "write": 60.0, "pool": 60.0}
TEN = {"connect": 5.0, "read": 10.0, "write": 10.0, "pool": 10.0}
TWO = {"connect": 2.0, "read": 2.0, "write": 2.0, "pool": 2.0}
TIMEOUTS: list[tuple[Any, dict[str, float | None]]] = [
    (10.0, TEN),
    (2.0, TWO),
    (2, TWO),
    (httpx.Timeout(3.0, read=None), {"connect": 3.0, "read": None, "write": 3.0, "pool": 3.0}),
]


@pytest.mark.parametrize(("timeout", "expected"), TIMEOUTS)
def test_the_most_specific_timeout_wins(timeout: Any, expected: dict[str, float | None]) -> None:
    """The default is 5 s to connect and 60 s otherwise; the most specific timeout wins."""
    recorder = Recorder()
    client = build_roark(recorder)
    client.call.list()
    client.call.list(timeout=timeout)
    client.request("call.list", timeout=timeout)
    client.with_options(timeout=timeout).call.list()
    build_roark(recorder, timeout=timeout).call.list()
    client.call.list()
    timeouts = [request.extensions["timeout"] for request in recorder.requests]
    assert timeouts == [DEFAULT, *[expected] * 4, DEFAULT]


def test_a_deadline_bounds_timeouts_and_retries_of_a_call() -> None:
    """Each timeout is capped by the remaining time, and no retry starts after the deadline."""
    clock = FakeClock()
    recorder = Recorder(httpx.Response(503))
    client = build_roark(recorder, retries=Retries(clock=clock, first_wait=4.0, longest_wait=4.0))
    with pytest.raises(errors.ServerError):
        client.call.list(deadline=1.5)
    assert recorder.last.extensions["timeout"] == dict.fromkeys(DEFAULT, 1.5)
    with pytest.raises(errors.ServerError):
        client.request("call.list", deadline=0.5)
    assert (len(recorder.requests), clock.waits) == (2, [])
    with pytest.raises(errors.ServerError):
        client.call.list()
    assert len(recorder.requests) == 5


@pytest.mark.parametrize("retries", [-1, "2"])
def test_an_invalid_number_of_retries_is_named(retries: Any) -> None:
    """The error lists the valid values for a negative number and for a string."""
    with pytest.raises(errors.ArgumentError, match="expected Retries, or a number from 0"):
        build_roark(Recorder()).call.list(retries=retries)


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_retries_sets_the_number_of_retries(retries: int) -> None:
    """`retries` sets the number of retries of a call
    or copy, and keeps the other `Retries` settings.
    """
    clock = FakeClock()
    client = build_roark(Recorder(httpx.Response(503)), retries=Retries(clock=clock))
    with pytest.raises(errors.ServerError):
        client.call.list(retries=retries)
    assert len(clock.waits) == retries
    with pytest.raises(errors.ServerError):
        client.request("call.list", retries=retries)
    assert len(clock.waits) == 2 * retries
    with pytest.raises(errors.ServerError):
        client.with_options(retries=retries).call.list()
    assert len(clock.waits) == 3 * retries


def test_extra_headers_are_added_or_replace_generated_ones() -> None:
    """`extra_headers` replace headers regardless of case, and only for one call."""
    recorder = Recorder()
    client = build_roark(recorder, headers={"X-Team": "one", "X-Kept": "k"})
    client.call.list(extra_headers={"x-team": "two", "user-agent": "mine", "X-New": "n"})
    client.request("call.list", extra_headers={"ACCEPT": "text/plain"})
    client.call.list()
    first, second, third = (request.headers for request in recorder.requests)
    assert first.get_list("x-team") == ["two"]
    assert first.get_list("user-agent") == ["mine"]
    assert (first["X-New"], first["X-Kept"]) == ("n", "k")
    assert second.get_list("accept") == ["text/plain"]
    assert third["X-Team"] == "one"
    assert third["User-Agent"].startswith("driftline/")
    assert "X-New" not in third


def test_an_extra_content_type_replaces_the_generated_one() -> None:
    """A `content-type` in `extra_headers` replaces the generated header."""
    recorder = Recorder(httpx.Response(200, json={"data": {}}))
    build_roark(recorder).request(
        "call.create", body={}, extra_headers={"content-type": "application/x"}
    )
    assert recorder.last.headers.get_list("Content-Type") == ["application/x"]


@pytest.mark.parametrize(
    "header",
    [
        *(
            ("X-Odd", value)
            for value in ("ü\u2028", 5, None, "a\nb", "a\r\nX-B: c", "\0", " a", "a\t")
        ),
        *((name, "a") for name in ("X Odd", "X-Odd:", "X\nOdd", "")),
    ],
)
def test_an_invalid_extra_header_is_rejected(header: tuple[str, Any]) -> None:
    """An invalid name or value of a header raises `ArgumentError` before anything is sent, for a
    call and for a client.
    """
    recorder = Recorder()
    with pytest.raises(errors.ArgumentError, match=r"call\.list.*header"):
        build_roark(recorder).call.list(extra_headers=dict([header]))
    with pytest.raises(errors.ArgumentError, match=r"call\.list.*header"):
        build_roark(recorder, headers=dict([header])).call.list()
    assert recorder.requests == []


@pytest.mark.parametrize("value", ["", "a b", "a \t b", "a,b", "\x7f"])
def test_a_valid_extra_header_is_sent(value: str) -> None:
    """A header may be empty, and have spaces and tabs inside."""
    recorder = Recorder()
    build_roark(recorder).call.list(extra_headers={"X-Odd": value})
    assert recorder.last.headers["X-Odd"] == value


def test_extra_query_follows_the_documented_parameters() -> None:
    """`extra_query` follows the documented parameters and is encoded like them."""
    recorder = Recorder()
    extra: dict[str, Any] = {"q": "a&b", "flag": True, "many": [1, 2]}
    build_roark(recorder).call.list(limit=5, extra_query=extra)
    build_roark(recorder).request("call.list", arguments={"limit": 5}, extra_query=extra)
    queries = [request.url.query for request in recorder.requests]
    assert queries == [b"limit=5&q=a%26b&flag=true&many=1&many=2"] * 2


def test_extra_body_adds_and_overrides_fields() -> None:
    """`extra_body` overrides the fields of an object body, and is rejected for a list body."""
    recorder = Recorder(httpx.Response(200, json={"data": {}}))
    client = build_roark(recorder)
    client.request("call.create", body={"a": 1, "b": 2}, extra_body={"b": 3, "c": None})
    assert json.loads(recorder.last.content) == {"a": 1, "b": 3, "c": None}
    client.request("call.create", extra_body={"only": True})
    assert json.loads(recorder.last.content) == {"only": True}
    with pytest.raises(errors.ArgumentError, match=r"call\.create: extra_body"):
        client.request("call.create", body=[1], extra_body={"b": 3})


def test_options_of_a_call_apply_to_its_following_pages() -> None:
    """The following pages are requested with the options of the first call."""
    first = {"data": [{}], "pagination": {"total": 2, "hasMore": True, "nextCursor": "c"}}
    recorder = Recorder(httpx.Response(200, json=first), httpx.Response(200, json=PAGE))
    page = build_roark(recorder).call.list(
        timeout=2.0, extra_headers={"X-A": "a"}, extra_query={"q": "q"}
    )
    assert len(list(page)) == 1
    assert [r.headers["X-A"] for r in recorder.requests] == ["a", "a"]
    assert [r.url.params["q"] for r in recorder.requests] == ["q", "q"]
    assert [r.extensions["timeout"] for r in recorder.requests] == [TWO, TWO]


def test_an_unknown_option_is_rejected_by_name() -> None:
    """Clients, copies and calls name the unknown option and send nothing."""
    recorder = Recorder()
    with pytest.raises(errors.ConfigurationError, match="unknown option of Roark: colour, tmeout"):
        build_roark(recorder, tmeout=1, colour=2)
    with pytest.raises(errors.ConfigurationError, match="unknown option of AsyncRoark: tmeout"):
        async_roark(recorder, tmeout=1)
    client = build_roark(recorder)
    options: dict[str, Any] = {"limitt": 3}
    with pytest.raises(errors.ArgumentError, match="unknown option 'limitt'"):
        client.call.list(**options)
    with pytest.raises(errors.ArgumentError, match="unknown option 'limitt'"):
        client.with_options(**options)
    with pytest.raises(errors.ArgumentError, match="unknown option 'limitt'"):
        asyncio.run(async_roark(recorder).request("call.list", **options))
    builtin_name: dict[str, Any] = {"filter": "x"}
    with pytest.raises(errors.ArgumentError, match=r"option 'filter': pass .* as filter_$"):
        client.call.list(**builtin_name)
    assert recorder.requests == []


WRONG_OPTIONS: list[tuple[str, Any]] = [("retries", -1), ("retries", "2"), ("timeout", None)]


@pytest.mark.parametrize(("name", "value"), [*WRONG_OPTIONS, ("timeout", "5"), ("retries", None)])
def test_an_invalid_option_is_rejected(name: str, value: Any) -> None:
    """Clients, copies and calls raise an `ArgumentError` that names the option."""
    recorder = Recorder()
    option = {name: value}
    with pytest.raises(errors.ArgumentError, match=name):
        build_roark(recorder, **option)
    client = build_roark(recorder)
    with pytest.raises(errors.ArgumentError, match=name):
        client.with_options(**option)
    with pytest.raises(errors.ArgumentError, match=name):
        client.call.list(**option)
    assert recorder.requests == []
