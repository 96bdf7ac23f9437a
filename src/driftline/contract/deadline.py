"""An httpx transport for which a whole exchange has a deadline, however slowly the bytes drip.

httpx' own timeouts begin anew with every byte that comes.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import Any

import attrs
import httpcore
import httpx

__all__ = ["FAILURES", "DeadlineTransport"]

FAILURES = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)
"""What its exchanges raise, beside what httpx itself does."""


class DeadlineTransport(httpx.BaseTransport):
    """Each exchange may take `seconds`, from the connection to the last byte of the body.

    With `is_total`, all exchanges together may.
    """

    def __init__(self, seconds: float, *, is_total: bool = False) -> None:
        self._clock = _Clock(seconds)
        self._is_total = is_total
        self._clock.start()
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            network_backend=_Backend(httpcore.SyncBackend(), self._clock),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not self._is_total:
            self._clock.start()
        sent = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.read(),
        )
        answer = self._pool.handle_request(sent)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Clock:
    """When the exchange that is under way has to end."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends = 0.0

    def start(self) -> None:
        self._ends = monotonic() + self.seconds

    def left(self, error: type[httpcore.TimeoutException]) -> float:
        """How many seconds there are; raises `error` if none."""
        left = self._ends - monotonic()
        if left <= 0:
            raise error(self.over())
        return left

    def over(self) -> str:
        """What to say when there is no time left."""
        return f"it was not complete within {self.seconds:g} s"


@attrs.frozen(eq=False)
class _Stream(httpcore.NetworkStream):
    inner: httpcore.NetworkStream
    clock: _Clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return self.inner.read(max_bytes, self.clock.left(httpcore.ReadTimeout))
        except httpcore.ReadTimeout:
            raise httpcore.ReadTimeout(self.clock.over()) from None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, self.clock.left(httpcore.WriteTimeout))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self.clock.left(httpcore.ConnectTimeout)
        return _Stream(self.inner.start_tls(ssl_context, server_hostname, left), self.clock)

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


@attrs.frozen(eq=False)
class _Backend(httpcore.NetworkBackend):
    inner: httpcore.NetworkBackend
    clock: _Clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self.clock.left(httpcore.ConnectTimeout)
        found = self.inner.connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(found, self.clock)

    def sleep(self, seconds: float) -> None:
        self.inner.sleep(seconds)
