"""Raw HTTP responses: complete with the decoded value, or as a stream."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from roark_client import AsyncRoark, Roark, errors, models

from runtime.transports import (
    PAGE,
    TOKEN,
    Body,
    Recorder,
    async_roark,
    build_roark,
    respond_with_page,
)

HEADERS = {"X-Request-ID": "req_7", "X-RateLimit-Remaining": "9"}


def respond_with_number(request: httpx.Request) -> httpx.Response:
    """Return a response whose request ID is the request's limit."""
    limit = request.url.params["limit"]
    return httpx.Response(200, json=PAGE, headers={"X-Request-ID": limit})


def test_a_raw_response_has_value_status_and_headers() -> None:
    """A raw response has the status, headers, bytes, request ID, attempts and typed value."""
    recorder = Recorder(httpx.Response(503), httpx.Response(200, json=PAGE, headers=HEADERS))
    client = build_roark(recorder)
    raw = client.raw(client.call.list, limit=3, extra_headers={"X-A": "a"})
    assert isinstance(raw.value, models.CallListResponse)
    assert (raw.status, raw.request_id, raw.attempts) == (200, "req_7", 2)
    assert raw.headers["x-ratelimit-remaining"] == "9"
    assert models.CallListResponse.from_dict(PAGE) == raw.value
    assert raw.content == recorder.replies[1].content  # type: ignore[union-attr]
    assert (recorder.last.url.params["limit"], recorder.last.headers["X-A"]) == ("3", "a")


def test_the_async_client_returns_a_raw_response() -> None:
    """The async client returns the same raw response after one request."""
    recorder = Recorder(httpx.Response(200, json=PAGE, headers=HEADERS))

    async def run() -> None:
        async with async_roark(recorder) as client:
            raw = await client.raw(client.call.list, limit=3)
            assert raw.value.to_dict() == PAGE
            assert (raw.status, raw.request_id, raw.attempts) == (200, "req_7", 1)

    asyncio.run(run())
    assert len(recorder.requests) == 1


def test_a_raw_listing_iterates_over_its_pages() -> None:
    """The listing of a raw response iterates over its following pages."""
    first = {"data": [{}], "pagination": {"total": 2, "hasMore": True, "nextCursor": "c"}}
    client = build_roark(Recorder(httpx.Response(200, json=first), respond_with_page))
    raw = client.raw(client.call.list)
    assert len(list(raw.value)) == 1


def test_raw_raises_an_error_status() -> None:
    """`raw` raises the error status, and leaves the thread's next call unaffected."""
    client = build_roark(Recorder(httpx.Response(404), respond_with_page))
    with pytest.raises(errors.NotFound):
        client.raw(client.call.list)
    assert client.call.list().to_dict() == PAGE


def test_raw_of_another_function_raises_type_error() -> None:
    """`raw` and `stream` raise `TypeError` for a function that is not a client method."""
    client = build_roark(Recorder())
    with pytest.raises(TypeError, match="not a method of a client"):
        client.raw(lambda: 5)

    async def return_number() -> int:
        return 5

    async def run() -> None:
        async with async_roark(Recorder()) as async_client:
            with pytest.raises(TypeError, match="not a method of a client"):
                await async_client.raw(return_number)
            with pytest.raises(TypeError, match="not a method of a client"):
                async with async_client.stream(return_number):
                    pass

    asyncio.run(run())
    with pytest.raises(TypeError, match="not a method of a client"), client.stream(lambda: 5):
        pass


def stream_body(body: Body, status: int = 200) -> Recorder:
    return Recorder(lambda request: httpx.Response(status, stream=body, headers=HEADERS))


def test_a_stream_reads_only_what_is_requested() -> None:
    """The stream reads nothing on entry, then piece by piece, and drops the rest on exit."""
    body = Body(b"one", b"two", b"three")
    client = build_roark(stream_body(body))
    with client.stream(client.call.list, limit=1) as response:
        assert (response.status_code, response.headers["X-Request-ID"]) == (200, "req_7")
        assert body.read == 0
        pieces = response.iter_bytes()
        assert next(pieces) == b"one"
        assert (body.read, body.closed) == (1, False)
    assert (body.read, body.closed) == (1, True)


def test_a_stream_is_closed_when_its_block_fails() -> None:
    """The exception propagates and the response is closed, in both clients."""
    body, async_body = Body(b"one"), Body(b"one")
    client = build_roark(stream_body(body))
    with pytest.raises(ZeroDivisionError), client.stream(client.call.list):
        raise ZeroDivisionError
    assert body.closed

    async def run() -> None:
        client = async_roark(stream_body(async_body))
        async with client, client.stream(client.call.list) as response:
            assert async_body.read == 0
            assert [piece async for piece in response.aiter_bytes()] == [b"one"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(run())
    assert async_body.closed


class Breaking(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks off after its first piece."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"{"
        raise httpx.RemoteProtocolError("cut off")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{"
        raise httpx.RemoteProtocolError("cut off")


def test_a_broken_stream_raises_incomplete_response() -> None:
    """A broken stream raises `IncompleteResponse` in
    the block; an error of another request propagates.
    """
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Breaking()))
    client = Roark(bearer_token="t", transport=transport, retries=0)
    with pytest.raises(errors.IncompleteResponse), client.stream(client.call.list) as response:
        list(response.iter_bytes())
    with pytest.raises(httpx.ConnectError), client.stream(client.call.list):
        raise httpx.ConnectError("elsewhere", request=httpx.Request("GET", "https://example.com"))

    async def stream_asynchronously() -> None:
        async_client = AsyncRoark(bearer_token="t", transport=transport, retries=0)
        with pytest.raises(errors.IncompleteResponse):
            async with async_client.stream(async_client.call.list) as response:
                assert [piece async for piece in response.aiter_bytes()] == []

    asyncio.run(stream_asynchronously())


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_stream_raises_an_error_status(status: int) -> None:
    """`stream` raises the error status with the decoded body, and closes the response."""
    body = Body(b'{"message": ', b'"wrong"}')
    client = build_roark(stream_body(body, status))
    with pytest.raises(errors.StatusError) as caught, client.stream(client.call.list, retries=0):
        pass
    assert (caught.value.status, caught.value.body) == (status, {"message": "wrong"})
    assert (body.read, body.closed) == (2, True)


def test_a_stream_is_retried_until_it_begins() -> None:
    """`stream` closes and retries failed attempts, and streams the body of the last one."""
    failed_body, body = Body(b"down"), Body(b"one")
    replies = (httpx.Response(503, stream=failed_body), httpx.Response(200, stream=body))
    client = build_roark(Recorder(*replies))
    with client.stream(client.call.list) as response:
        assert failed_body.closed
        assert response.read() == b"one"


def test_each_thread_gets_its_own_raw_response() -> None:
    """Each of several concurrent threads gets its own raw response."""
    barrier = threading.Barrier(8, timeout=30)

    def respond(request: httpx.Request) -> httpx.Response:
        barrier.wait()
        return respond_with_number(request)

    client = build_roark(Recorder(respond))
    ids_by_number: dict[int, str | None] = {}

    def call_raw(number: int) -> None:
        ids_by_number[number] = client.raw(client.call.list, limit=number).request_id

    threads = [threading.Thread(target=call_raw, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ids_by_number == {number: str(number) for number in range(8)}


class WaitingRecorder(Recorder):
    """A transport that responds once it has received a number of requests."""

    def __init__(self, number: int) -> None:
        super().__init__(respond_with_number)
        self.number = number
        self.complete = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if len(self.requests) == self.number:
            self.complete.set()
        await self.complete.wait()
        return response


def test_each_task_gets_its_own_raw_response() -> None:
    """Concurrent raw, streamed and plain calls each get their own response."""

    async def stream_call(client: AsyncRoark, limit: int) -> str:
        async with client.stream(client.call.list, limit=limit) as response:
            return response.headers["X-Request-ID"]

    async def run() -> None:
        async with async_roark(WaitingRecorder(6)) as client:
            raw = [client.raw(client.call.list, limit=number) for number in (0, 1)]
            plain_calls = [client.call.list(limit=number) for number in (2, 3)]
            streams = [stream_call(client, number) for number in (4, 5)]
            results = await asyncio.gather(*raw, *plain_calls, *streams)
        assert [raw_response.request_id for raw_response in results[:2]] == ["0", "1"]
        assert [page.to_dict() for page in results[2:4]] == [PAGE, PAGE]
        assert results[4:] == ["4", "5"]

    asyncio.run(run())


def build_nested_clients(client: Roark) -> list[Callable[[Recorder], Roark]]:
    """Return builders of clients that call another client during their own call."""

    def get_token() -> str:
        return TOKEN if client.call.list(limit=99).data == [] else ""

    def call_in_hook(event: Any) -> None:
        client.call.list(limit=99)

    return [
        lambda recorder: build_roark(recorder, bearer_token=get_token),
        lambda recorder: build_roark(recorder, event_hooks={"request": [call_in_hook]}),
        lambda recorder: build_roark(recorder, on_drift=call_in_hook),
    ]


@pytest.mark.parametrize("number", range(3))
def test_an_inner_call_does_not_replace_the_raw_response(number: int) -> None:
    """A call within a credential, hook or drift
    listener does not replace the outer raw response.
    """
    inner = Recorder(respond_with_number)
    odd_response = httpx.Response(200, json={**PAGE, "zz": 1}, headers={"X-Request-ID": "outer"})
    client = build_nested_clients(build_roark(inner))[number](Recorder(odd_response))
    assert client.raw(client.call.list).request_id == "outer"
    with client.stream(client.call.list) as response:
        assert response.headers["X-Request-ID"] == "outer"
    assert inner.requests
