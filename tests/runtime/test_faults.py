"""Network failures: errors of one tree, deadlines, and no unsafe request sent twice."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from examples import count_examples
from hypothesis import HealthCheck, given, settings, strategies as st
from roark_client import errors

from driftline.runtime import Endpoint, Retries, WireParameter
from runtime.faults import (
    EMPTY,
    KINDS,
    TOKEN,
    Kind,
    Reply,
    Server,
    build_json_reply,
    draw_failures,
    draw_statuses,
    list_calls,
    script_replies,
)

for_both_kinds = pytest.mark.parametrize("kind", KINDS, ids=["sync", "async"])
seldom = settings(
    max_examples=count_examples(150),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def create_call(roark: Any) -> Any:
    return roark.call.create(
        recording_url="https://example.com/a.wav",
        started_at=datetime.datetime(2025, 2, 11, tzinfo=datetime.UTC),
        interface_type="PHONE",
        call_direction="INBOUND",
    )


@for_both_kinds
@seldom
@given(
    replies=st.lists(draw_failures(), max_size=4), limit=st.sampled_from([None, 20.0, 60.0, 300.0])
)
def test_any_failure_is_an_api_error_before_the_deadline(
    kind: Kind, replies: list[Reply], limit: float | None
) -> None:
    """Any failure ends in a response or an `ApiError`, at most one chunk after the deadline."""
    server = Server(script_replies(replies))
    outcome = kind.outcome(server, list_calls, deadline=limit)
    if isinstance(outcome, Exception):
        assert replies
        assert "call.list" in str(outcome)
    else:
        assert outcome.to_dict() == EMPTY
    assert 1 <= len(server.requests) <= 3
    if limit is not None:
        assert server.clock.passed <= limit + max((reply.takes for reply in replies), default=0)


@for_both_kinds
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_endless_slow_body_is_cut_off_at_the_deadline(kind: Kind, encoding: str) -> None:
    """The deadline ends a body whose chunks all arrive
    in time, even if they decompress to nothing.
    """
    empty_blocks = [b"\x1f\x8b\x08\0\0\0\0\0\0\xff", *[b"\0\0\0\xff\xff"] * 1000]
    chunks = [b" "] * 1000 if encoding == "identity" else empty_blocks
    headers = [("Content-Encoding", encoding)]
    server = Server(lambda _: Reply(chunks=chunks, headers=headers, takes=4.0))
    outcome = kind.outcome(server, list_calls, deadline=30.0)
    assert type(outcome) is errors.DeadlineExceeded
    assert server.clock.passed == 32
    assert len(server.requests) == 1


@for_both_kinds
@seldom
@given(failed_statuses=st.lists(draw_statuses(), max_size=9), attempts=st.integers(1, 6))
def test_error_statuses_are_retried_until_attempts_are_used_up(
    kind: Kind, failed_statuses: list[int], attempts: int
) -> None:
    """The client retries until it succeeds or the
    attempts are used up, and raises the last status.
    """
    server = Server(script_replies([build_json_reply({}, status) for status in failed_statuses]))
    retries = Retries(attempts=attempts, clock=server.clock)
    outcome = kind.outcome(server, list_calls, retries=retries)
    assert len(server.requests) == min(len(failed_statuses) + 1, attempts)
    waits = [min(8.0, 0.5 * 2**n) for n in range(len(server.requests) - 1)]
    assert all(w / 2 <= s <= w for w, s in zip(waits, server.clock.sleeps, strict=True))
    if len(failed_statuses) < attempts:
        assert outcome.to_dict() == EMPTY
    else:
        assert isinstance(outcome, errors.StatusError)
        assert outcome.status == failed_statuses[attempts - 1]


@for_both_kinds
@seldom
@given(status=st.integers(400, 499).filter(lambda status: status not in {408, 409, 429}))
def test_a_4xx_status_is_not_retried(kind: Kind, status: int) -> None:
    """Any 4xx status that is not retryable is raised after one attempt."""
    server = Server(lambda _: build_json_reply({}, status))
    assert isinstance(kind.outcome(server, list_calls), errors.ClientError)
    assert (len(server.requests), server.clock.sleeps) == (1, [])


@for_both_kinds
@seldom
@given(replies=st.lists(draw_failures(), max_size=6), attempts=st.integers(1, 5))
def test_a_post_that_may_have_arrived_is_never_sent_again(
    kind: Kind, replies: list[Reply], attempts: int
) -> None:
    """The client retries a POST only while no connection could be established."""
    replies = [*replies, build_json_reply({"data": {}}, 201)]
    server = Server(script_replies(replies))
    kind.outcome(server, create_call, retries=Retries(attempts=attempts, clock=server.clock))
    first = next(n for n, reply in enumerate(replies, 1) if reply.arrived)
    assert len(server.requests) == min(first, attempts)


KEYED_OPERATION = Endpoint(
    id="x.create",
    method="POST",
    path="/x",
    parameters=(WireParameter("Idempotency-Key", "header", "simple", False),),
    idempotency_key="Idempotency-Key",
)


@for_both_kinds
@seldom
@given(replies=st.lists(draw_failures(), max_size=4), key=st.sampled_from(["k1", None]))
def test_an_idempotency_key_makes_a_post_retryable(
    kind: Kind, replies: list[Reply], key: str | None
) -> None:
    """With an idempotency key the client retries a
    POST with the same key; without it, it does not.
    """
    server = Server(script_replies(replies))
    arguments = {"Idempotency-Key": key}
    kind.outcome(
        server, lambda client: client.request(KEYED_OPERATION, arguments=arguments, body={})
    )
    assert {request.headers.get("Idempotency-Key") for request in server.requests} == {key}
    if key is None:
        assert all(not reply.arrived for reply in replies[: len(server.requests) - 1])
    else:
        is_whole_reply = [not r.error and r.status == 200 and r.takes < 60 for r in replies]
        final = (n for n, is_whole in enumerate(is_whole_reply, 1) if is_whole)
        assert len(server.requests) == min(3, next(final, len(replies) + 1))


LOCATIONS = st.sampled_from(
    [
        "https://evil.example/",
        "//evil.example/v1/call",
        "http://api.roark.ai/v1/call",
        "https://api.roark.ai.evil.example/",
        "https://user:pw@api.roark.ai/",
        "/v1/other",
        "ftp://x",
        "https://",
        "https:///x",
        "mailto:a@b",
        "http://[::1",
        "http://evil.example:99999/",
        "http://xn--/",
        "",
    ]
)
STRINGS = st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=20)


@for_both_kinds
@seldom
@given(status=st.integers(300, 308), redirect_target=LOCATIONS | STRINGS)
def test_no_redirect_is_followed(kind: Kind, status: int, redirect_target: str) -> None:
    """A redirect to any location raises an error, and the credential goes to one host only."""
    location = ("Location", redirect_target)
    server = Server(lambda _: Reply(status, headers=[location]))
    outcome = kind.outcome(server, list_calls)
    assert isinstance(outcome, (errors.RedirectError, errors.TransportError))
    assert {request.url.host for request in server.requests} == {"api.roark.ai"}
    assert all(request.url.path == "/v1/call" for request in server.requests)
    assert server.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"
