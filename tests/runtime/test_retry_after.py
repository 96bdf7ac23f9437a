"""`Retry-After`: the client waits exactly that long or raises, and ignores invalid values."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import pytest
from examples import count_examples
from hypothesis import HealthCheck, example, given, settings, strategies as st
from roark_client import errors

from driftline.runtime import Retries
from runtime.faults import (
    EMPTY,
    EPOCH,
    KINDS,
    Kind,
    Server,
    build_json_reply,
    list_calls,
    script_replies,
)

for_both_kinds = pytest.mark.parametrize("kind", KINDS, ids=["sync", "async"])
seldom = settings(
    max_examples=count_examples(150),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
BUSY = {429: errors.TooManyRequests, 503: errors.ServerError}


@pytest.fixture(autouse=True)
def set_timezone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set a local timezone other than UTC."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def format_imf(seconds: int) -> str:
    return formatdate(EPOCH + seconds, usegmt=True)


def format_asctime(seconds: int) -> str:
    return time.asctime(time.gmtime(EPOCH + seconds))


def format_rfc850(seconds: int) -> str:
    return time.strftime("%A, %d-%b-%y %H:%M:%S GMT", time.gmtime(EPOCH + seconds))


def format_without_zone(seconds: int) -> str:
    return formatdate(EPOCH + seconds)


FORMS = st.sampled_from(
    [
        str,
        "{}.5".format,
        "00{}".format,
        format_imf,
        format_asctime,
        format_rfc850,
        format_without_zone,
    ]
)
SECONDS = st.integers(0, 200) | st.integers(0, 10**9)


@for_both_kinds
@seldom
@given(
    status=st.sampled_from([429, 503]),
    form=FORMS,
    seconds=SECONDS,
    limit=st.sampled_from([None, 10.0, 100.0, 1e10]),
    longest=st.sampled_from([0.0, 30.0, 120.0, 1e12]),
)
def test_retry_after_is_followed_or_raised(
    kind: Kind, *, status: int, form: Any, seconds: int, limit: float | None, longest: float
) -> None:
    """The client waits exactly as long as requested, in
    every HTTP form, or raises if it exceeds a limit.
    """
    busy = build_json_reply({}, status, headers=[("Retry-After", form(seconds))])
    server = Server(script_replies([busy]))
    requested_wait = seconds + 0.5 if "." in form(1) else float(seconds)
    options = {"retries": Retries(longest_retry_after=longest, clock=server.clock)}
    if requested_wait <= longest and (limit is None or requested_wait < limit):
        page = kind.run(server, list_calls, deadline=limit, **options)
        assert page.to_dict() == EMPTY
        assert server.clock.sleeps == [requested_wait]
        return
    with pytest.raises(BUSY[status]) as caught:
        kind.run(server, list_calls, deadline=limit, **options)
    assert caught.value.retry_after == requested_wait
    assert (server.clock.sleeps, len(server.requests)) == ([], 1)


@for_both_kinds
@seldom
@given(
    form=st.sampled_from([format_imf, format_asctime, format_rfc850]), seconds=st.integers(1, 10**8)
)
def test_a_date_in_the_past_retries_immediately(kind: Kind, form: Any, seconds: int) -> None:
    """A date in the past retries immediately."""
    busy = build_json_reply({}, 503, headers=[("Retry-After", form(-seconds))])
    server = Server(script_replies([busy]))
    assert kind.run(server, list_calls).to_dict() == EMPTY
    assert server.clock.sleeps == [0.0]


ODD_VALUES = [
    "",
    "-1",
    "-0.5",
    "1e9",
    "nan",
    "inf",
    "1_0",
    "0x1",
    "+5",
    "1,5",
    ".",
    "..",
    "5 s",
    "5; 6",
]
ODD_VALUES += [
    "²",
    "soon",
    "Wed",
    "Wed, 99 Foo 2025 25:61:61 GMT",
    "Mon, 01 Jan 99999 00:00:00 GMT",
]


@for_both_kinds
@pytest.mark.parametrize("value", ODD_VALUES)
def test_an_invalid_retry_after_is_ignored(kind: Kind, value: str) -> None:
    """For a malformed or negative value the client
    uses its own backoff, and `retry_after` is `None`.
    """
    busy = build_json_reply({}, 429, headers=[("Retry-After", value)])
    server = Server(lambda _: busy)
    with pytest.raises(errors.TooManyRequests) as caught:
        kind.run(server, list_calls)
    assert caught.value.retry_after is None
    first, second = server.clock.sleeps
    assert 0.25 <= first <= 0.5 <= second <= 1.0


WORDS = ["Wed,", "21", "Oct", "2015", "07:28:00", "GMT", "-0000", "+9999", "EST", "Jan", "0", "99"]
DATES = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
DIGITS = st.text("0123456789", min_size=300, max_size=400)
STRINGS = st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=30)


@for_both_kinds
@seldom
@given(value=STRINGS | DATES | DIGITS, limit=st.sampled_from([None, 1.0, 50.0]))
@example(value="1" * 400, limit=None)
def test_any_retry_after_gives_a_response_or_the_typed_error(
    kind: Kind, value: str, limit: float | None
) -> None:
    """Any header value gives a response or the typed error, and no wait exceeds the limits."""
    busy = build_json_reply({}, 429, headers=[("Retry-After", value)])
    server = Server(script_replies([busy]))
    outcome = kind.outcome(server, list_calls, deadline=limit)
    if isinstance(outcome, Exception):
        assert isinstance(outcome, errors.TooManyRequests)
        assert outcome.retry_after is None or outcome.retry_after >= 0
    else:
        assert outcome.to_dict() == EMPTY
    assert all(0 <= seconds <= 120 for seconds in server.clock.sleeps)
    assert limit is None or server.clock.passed < limit
