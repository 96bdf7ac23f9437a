"""The sync base client: a thin shell that does the I/O for a core."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, Unpack

import httpx

from driftline.runtime.base_client import BaseClient, Steps
from driftline.runtime.call_loop import (
    BrokenExchange,
    CallLoop,
    Outcome,
    ReceivedResponse,
    Send,
)
from driftline.runtime.encode.values import ABSENT
from driftline.runtime.endpoint import Api, Endpoint
from driftline.runtime.errors import ApiError, ConfigurationError
from driftline.runtime.options import (
    Authorization,
    CallOptions,
    ClientOptions,
    Secret,
)
from driftline.runtime.paging.pages import FollowingPage
from driftline.runtime.raw_response import RawResponse, watch, watch_call
from driftline.runtime.retries import Clock
from driftline.runtime.streaming import (
    BinaryResponse,
    Stream,
)
from driftline.runtime.transport.body_stream import BodyReader
from driftline.runtime.transport.deadline import bound_network_time
from driftline.runtime.transport.http_client import (
    build_sync_http,
    select_http_options,
    unwrap_transport_error,
)
from driftline.runtime.transport.other_library import adapt_client
from driftline.runtime.transport.pools import Closing, Pool

if TYPE_CHECKING:
    from driftline.runtime.auth.oauth import TokenGrant

P = ParamSpec("P")
T = TypeVar("T")
_OPTIONS = ClientOptions.__required_keys__ | ClientOptions.__optional_keys__


class Client(Closing, BaseClient):
    """The base class of generated clients. Use as a context manager, or call `close`.

    Safe to share between threads. The first call opens connections, and so does the first after a
    fork.
    """

    _is_asynchronous = False
    _binary_type = BinaryResponse
    _stream_type = Stream

    def __init__(
        self,
        api: Api,
        credentials: Mapping[str, Secret | Authorization | TokenGrant | None],
        **options: Unpack[ClientOptions],
    ) -> None:
        self._prepare(api, credentials, options, _OPTIONS)
        http_options = select_http_options(options)
        self._pool = Pool(
            lambda: build_sync_http(http_options), adapt_client(options.get("http_client"))
        )
        self._http_client = self._pool.http_client

    def close(self) -> None:
        """Close the connections. Neither the client nor a copy can be used afterwards."""
        self._pool.close()

    def raw(self, method: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> RawResponse[T]:
        """Call a method of this client and return the HTTP response with its decoded value.

        For example `client.raw(client.call.list, limit=3).headers`.
        """
        with watch_call() as watched:
            value = method(*args, **kwargs)
        return watched.build_raw(value)

    @contextmanager
    def stream(
        self, method: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs
    ) -> Generator[httpx.Response, None, None]:
        """Call a method of this client and return the response with its body unread.

        A deadline covers the time until the body begins. Raises StatusError if the status is not a
        success, and IncompleteResponse while the body is read. For example `with
        client.stream(client.call.list) as response: for chunk in response.iter_bytes(): …`
        """
        with watch_call(stream=True) as watched:
            method(*args, **kwargs)
        response = watched.get_response()
        try:
            yield response
        except httpx.HTTPError as error:
            raise watched.identify_error(error) from None
        finally:
            response.close()

    def request(
        self,
        operation: Endpoint | str,
        *,
        arguments: Mapping[str, Any] | None = None,
        body: Any = ABSENT,
        **options: Unpack[CallOptions],
    ) -> Any:
        """Call an operation, given by object or ID, with arguments by their wire names.

        The typed methods call this. Raises the errors of `driftline.runtime.errors`.
        """
        endpoint = self._core.find_operation(operation)
        page = FollowingPage(arguments or {})
        return self._drive(self._plan_page(endpoint, body, options, page))

    def open_stream(
        self,
        operation: Endpoint | str,
        *,
        arguments: Mapping[str, Any] | None = None,
        body: Any = ABSENT,
        **options: Unpack[CallOptions],
    ) -> Stream[Any]:
        """Call an operation that responds with a stream, and return its items as they arrive.

        The typed methods call this. Raises the errors of `driftline.runtime.errors`.
        """
        core, watched = self._core, watch()
        endpoint, settings = core.find_operation(operation), core.settings.override(options)
        steps = self._plan_stream(endpoint, arguments or {}, body, settings, watched)
        stream: Stream[Any] = self._drive(steps)
        return stream

    def _drive(self, steps: Steps[T]) -> T:
        reply: Any = None
        try:
            while True:
                reply = steps.send(reply)
        except StopIteration as stop:
            result: T = stop.value
            return result
        except ApiError as error:
            # Tools that print local variables would show what was sent, credentials too.
            reply = None
            raise error.with_traceback(None) from error.__cause__

    def _collect_secrets(self, *arguments: Any) -> Any:
        return self._core.credentials.collect_secrets(*arguments)

    def _close_response(self, received: ReceivedResponse) -> None:
        received.response.close()

    def _sleep(self, clock: Clock, seconds: float) -> None:
        clock.sleep(seconds)

    def _send_in_time(self, exchange: CallLoop, step: Send) -> Outcome:
        ends = step.deadline
        if ends is None:
            return self._send(exchange, step)
        with bound_network_time(lambda: ends - exchange.retries.clock.now()):
            return self._send(exchange, step)

    def _send(self, exchange: CallLoop, step: Send) -> Outcome:
        http = self._pool.get()
        try:
            response = http.send(step.request, stream=True, follow_redirects=False)
        except RuntimeError as error:  # it was closed
            raise ConfigurationError(str(error)) from None
        except Exception as error:
            return BrokenExchange(unwrap_transport_error(error))
        if exchange.leaves_open(response):
            return ReceivedResponse(response, b"", step.attempt, is_open=True)
        reader: BodyReader | None = None
        try:
            reader = BodyReader(response, exchange.max_response_size)
            stream: Any = response.stream
            for chunk in stream:
                reader.feed(chunk)
                if step.deadline is not None:
                    exchange.check(step)
            return ReceivedResponse(response, reader.finish(), step.attempt)
        except httpx.HTTPError as error:
            content = reader.content if reader else b""
            return BrokenExchange(error, ReceivedResponse(response, content, step.attempt))
        finally:
            response.close()
