"""Type-checked examples of options, raw responses, bodies and errors; never run.

Lines that must fail have an ignore, which is an error if it is not needed.
"""

from __future__ import annotations

from typing import Any, assert_type

import httpx
from roark_client import AsyncRoark, Roark, errors, models

from driftline.runtime import Fields, RawResponse, Retries


def read_token() -> str:
    return "token"


async def async_token() -> str:
    return "token"


def check_options() -> None:
    client = Roark(bearer_token=read_token, retries=3, deadline=30.0, strict=True)
    raw = client.raw(client.call.list, limit=3, timeout=2.0)
    assert_type(raw, RawResponse[models.CallListResponse])
    assert_type(raw.value, models.CallListResponse)
    assert_type(raw.attempts, int)
    assert_type(raw.request_id, str | None)
    with client.stream(client.call.list, limit=3) as response:
        assert_type(response, httpx.Response)
    copy = client.with_options(timeout=httpx.Timeout(5.0), retries=Retries(attempts=5))
    assert_type(copy, Roark)
    assert_type(copy.call.list(), models.CallListResponse)
    assert_type(client.request("call.list", arguments={"limit": 3}, deadline=1.0), Any)


async def async_answers() -> None:
    async with AsyncRoark(bearer_token=async_token, backend="aiohttp", http2=False) as client:
        raw = await client.raw(client.call.list, limit=3)
        assert_type(raw, RawResponse[models.CallListResponse])
        async with client.stream(client.call.list, limit=3) as response:
            assert_type(response, httpx.Response)
        assert_type(client.with_options(headers={"X-A": "a"}), AsyncRoark)
    AsyncRoark(bearer_token=read_token, http_client=httpx.AsyncClient())


def check_calls(client: Roark) -> None:
    assert_type(
        client.call.list(
            limit=3,
            timeout=2.0,
            deadline=None,
            retries=0,
            extra_headers={"X-A": "a"},
            extra_query={"q": [1, 2]},
            extra_body={"x": None},
        ),
        models.CallListResponse,
    )


def catch_errors(client: Roark) -> None:
    try:
        client.call.list()
    except errors.Unauthorized as error:
        assert_type(error.error, models.Error | None)
        assert_type(error.message, str | None)
        assert_type(error.retry_after, float | None)


def build_fields() -> None:
    # Not by the constructors of dict: of their overloads, large bodies take minutes to check.
    Fields()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    assert_type(Fields({"a": 1, "b": "c"})["a"], Any)


def reject_options(client: Roark) -> None:
    client.call.list(limitt=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.call.list(status="GONE")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.call.list(timeout="2")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.raw(client.call.list, limit="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.with_options(limit=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.call.create(recording_url="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Roark(tmeout=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Roark(backend="aiohttp")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Roark(bearer_token=async_token)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Roark(http_client=httpx.AsyncClient())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncRoark(backend="curl")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    models.CallCreateRequest(recording_url="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
