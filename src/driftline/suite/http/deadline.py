"""An httpx transport with a deadline for a whole exchange, however slowly bytes arrive.

The timeouts of httpx restart with every byte.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, cast

import httpcore
import httpx

from driftline.runtime import TimedBackend

FAILURES = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)
"""The errors of exchanges, beside those of httpx."""


class DeadlineTransport(httpx.BaseTransport):
    """Limits each exchange to `seconds`, from the connection to the last byte of the body.

    With `is_total`, all exchanges together.
    """

    def __init__(self, seconds: float, *, is_total: bool = False) -> None:
        self._clock = _Clock(seconds)
        self._is_total = is_total
        self._events: list[str] = []
        self._clock.start()
        backend: Any = TimedBackend(httpcore.SyncBackend(), self._clock.count_left)
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            network_backend=cast("httpcore.NetworkBackend", backend),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not self._is_total:
            self._clock.start()
        self._events.clear()
        core_request = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.read(),
            extensions={"trace": self._note_event},
        )
        with self._clock.name_timeouts():
            answer = self._pool.handle_request(core_request)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer, self._clock),
        )

    def _note_event(self, name: str, _: object) -> None:
        self._events.append(name)

    @property
    def has_connected(self) -> bool:
        """Whether the last request was the first one of its connection."""
        return "connection.connect_tcp.started" in self._events

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response, clock: _Clock) -> None:
        self._response, self._clock = response, clock

    def __iter__(self) -> Iterator[bytes]:
        with self._clock.name_timeouts():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class _Clock:
    """The end of the current exchange."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._deadline = 0.0

    def start(self) -> None:
        self._deadline = monotonic() + self.seconds

    def count_left(self) -> float:
        """Return the remaining seconds; raises httpcore.ReadTimeout if there are none."""
        seconds = self._deadline - monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout
        return seconds

    @contextmanager
    def name_timeouts(self) -> Generator[None, None, None]:
        """Name the whole exchange in the message of a timeout."""
        try:
            yield
        except httpcore.TimeoutException as error:
            message = f"not complete after {self.seconds:g} s"
            raise type(error)(message) from None
