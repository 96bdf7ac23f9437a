"""Clients work with httpx2 as with httpx: clients, transports and errors."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import httpx2
import pytest

from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.runtime import AsyncClient, Client, Endpoint, Retries
from driftline.runtime.errors import (
    IncompleteResponse,
    NotFound,
    TransportError,
    TransportTimeout,
)
from runtime.apis import build_api
from runtime.transports import FakeClock

GET = Endpoint("row.get", "GET", "/row", responses={"200": None})
POST = Endpoint(
    *("row.add", "POST", "/row"),
    responses={"200": None},
    media_type="application/octet-stream",
)
LIBRARIES: list[Any] = [httpx, httpx2]
Respond = Callable[[Any], Any]


def call(
    library: Any,
    respond: Respond,
    *,
    asynchronous: bool,
    has_own_client: bool,
    **request_options: Any,
) -> Any:
    """Make one call with a transport or client of the given library."""

    async def respond_async(request: Any) -> Any:
        await request.aread()
        return respond(request)

    transport = library.MockTransport(respond_async if asynchronous else respond)
    options: dict[str, Any] = {"transport": transport}
    if has_own_client:
        kind = library.AsyncClient if asynchronous else library.Client
        own_client = kind(transport=transport, headers={"X-Own": "1"}, params={"own": "2"})
        options = {"http_client": own_client}
    options["retries"] = Retries(attempts=1, clock=FakeClock())
    api = build_api(GET, POST)
    operation = request_options.pop("operation", "row.get")
    if not asynchronous:
        with Client(api, {}, **options) as client:
            return client.request(operation, **request_options)

    async def run() -> Any:
        async with AsyncClient(api, {}, **options) as client:
            return await client.request(operation, **request_options)

    return asyncio.run(run())


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def asynchronous(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(params=[False, True], ids=["transport", "client"])
def has_own_client(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda tested_library: tested_library.__name__)
def test_both_libraries_send_the_same_request(
    library: Any, asynchronous: bool, has_own_client: bool
) -> None:
    """Both libraries send the same request and decode
    a compressed response; your client adds its own.
    """
    requests: list[Any] = []

    def respond(request: Any) -> Any:
        requests.append(request)
        body = gzip.compress(b'{"id": 1}')
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        return library.Response(200, headers=headers, content=body)

    assert call(library, respond, asynchronous=asynchronous, has_own_client=has_own_client) == {
        "id": 1
    }
    (request,) = requests
    assert isinstance(request, library.Request)
    assert request.url.path == "/v1/row"
    assert request.headers["User-Agent"].startswith("driftline/")
    assert request.headers.get("X-Own") == ("1" if has_own_client else None)
    assert request.url.params.get("own") == ("2" if has_own_client else None)


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda tested_library: tested_library.__name__)
def test_your_own_client_may_change_between_calls(library: Any) -> None:
    """Headers, parameters and cookies of your client are read at the time of each call."""
    requests: list[Any] = []

    def respond(request: Any) -> Any:
        requests.append(request)
        return library.Response(200, json={})

    own_client = library.Client(transport=library.MockTransport(respond))
    with Client(build_api(GET), {}, http_client=own_client) as client:
        client.request("row.get")
        own_client.headers["X-Own"] = "later"
        own_client.params = {"own": "2"}
        own_client.cookies.set("session", "3")
        client.request("row.get")
    first, second = (
        (r.headers.get("X-Own"), r.url.query, r.headers.get("Cookie")) for r in requests
    )
    assert first == (None, b"", None)
    assert second == ("later", b"own=2", "session=3")


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda tested_library: tested_library.__name__)
def test_a_body_is_sent_from_an_iterator(
    library: Any, asynchronous: bool, has_own_client: bool
) -> None:
    """The client sends a body from a sync or async iterator of bytes."""

    def respond(request: Any) -> Any:
        content = request.content if asynchronous else request.read()
        return library.Response(200, json={"got": content.decode()})

    def generate_pieces() -> Iterator[bytes]:
        yield from (b"ab", b"cd")

    async def async_pieces() -> AsyncIterator[bytes]:
        for piece in (b"ab", b"cd"):
            yield piece

    body = async_pieces() if asynchronous else generate_pieces()
    result = call(
        library,
        respond,
        asynchronous=asynchronous,
        has_own_client=has_own_client,
        operation="row.add",
        body=body,
    )
    assert result == {"got": "abcd"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ConnectTimeout", TransportTimeout),
        ("ReadTimeout", TransportTimeout),
        ("ConnectError", TransportError),
        ("RemoteProtocolError", TransportError),
    ],
)
@pytest.mark.parametrize("library", LIBRARIES, ids=lambda error_case: error_case.__name__)
def test_errors_of_both_libraries_raise_the_same(
    library: Any, name: str, expected: type[Exception], asynchronous: bool, has_own_client: bool
) -> None:
    """The client raises the runtime's own error for the error of either library."""

    def respond(request: Any) -> Any:
        raise getattr(library, name)("broken", request=request)

    with pytest.raises(expected, match="broken"):
        call(library, respond, asynchronous=asynchronous, has_own_client=has_own_client)


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda tested_library: tested_library.__name__)
def test_an_incomplete_response_raises_incomplete_response(
    library: Any, asynchronous: bool, has_own_client: bool
) -> None:
    """A response that breaks off within its body raises `IncompleteResponse`."""

    class BrokenStream(library.SyncByteStream, library.AsyncByteStream):  # type: ignore[misc,name-defined]
        def __iter__(self) -> Iterator[bytes]:
            yield b"{"
            raise library.ReadError("lost")

        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"{"
            raise library.ReadError("lost")

    with pytest.raises(IncompleteResponse, match="lost"):
        call(
            library,
            lambda _: library.Response(200, stream=BrokenStream()),
            asynchronous=asynchronous,
            has_own_client=has_own_client,
        )


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda tested_library: tested_library.__name__)
def test_a_404_raises_not_found(library: Any, asynchronous: bool, has_own_client: bool) -> None:
    """A 404 response raises `NotFound`."""
    with pytest.raises(NotFound, match="Not Found"):
        call(
            library,
            lambda _: library.Response(404, json={"why": "gone"}),
            asynchronous=asynchronous,
            has_own_client=has_own_client,
        )


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda tested_library: tested_library.__name__)
def test_network_calls_work_through_your_own_client(library: Any) -> None:
    """Calls over the network work through your own client, which stays open."""
    from driftline.runtime import Client

    requests: list[HttpRequest] = []

    def handle(request: HttpRequest) -> HttpResponse:
        requests.append(request)
        return HttpResponse(200, (("Content-Type", "application/json"),), b'{"id": 1}')

    with run_server({"shop": handle}) as url, library.Client() as own_client:
        with Client(build_api(GET), {}, base_url=f"{url}/shop", http_client=own_client) as client:
            for _ in range(3):
                assert client.request("row.get") == {"id": 1}
        assert not own_client.is_closed
    assert [request.path for request in requests] == ["/row"] * 3
