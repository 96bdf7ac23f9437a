"""A network backend for httpcore that observes the deadline of an exchange.

The timeouts of httpx restart with every byte, so a server that sends a byte now and then never
times out. This backend gets the remaining time instead.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

import httpx

TimeLeft: TypeAlias = Callable[[], float | None]
"""The seconds that are left, or None without a deadline; raises an error after the deadline."""

_LEFT: ContextVar[Callable[[], float] | None] = ContextVar("driftline_time_left", default=None)
# A wait ends this much after the deadline, so that the clock agrees that it has passed.
_GRACE = 0.005
# httpcore reads 64 kB at a time. If a body fills that, four times as much is read at once: a
# download then takes a sixth less CPU. More gains nothing, as the chunks exceed the CPU's cache.
_LARGE_READ = 256 * 1024


@contextmanager
def bound_network_time(time_left: Callable[[], float]) -> Generator[None, None, None]:
    """Limit the network calls of this thread in the block, calling `time_left` for each."""
    token = _LEFT.set(time_left)
    try:
        yield
    finally:
        _LEFT.reset(token)


def apply_deadline(http: httpx.Client) -> None:
    """Make the connections of a new client observe `bound_network_time`.

    httpx has no public way to choose the backend of its transports and their proxies. If its
    internals differ, httpx's own timeouts apply.
    """
    client: Any = http
    mounts: dict[Any, Any] = getattr(client, "_mounts", {})
    for transport in (getattr(client, "_transport", None), *mounts.values()):
        pool = getattr(transport, "_pool", None)
        backend = getattr(pool, "_network_backend", None)
        if pool is not None and hasattr(backend, "connect_tcp"):
            pool._network_backend = TimedBackend(backend, _measure_time_left)


def _measure_time_left() -> float | None:
    time_left = _LEFT.get()
    if time_left is None:
        return None
    seconds = time_left()
    if seconds <= 0:
        raise httpx.ReadTimeout("cut off at the deadline")
    return seconds


class TimedBackend:
    """Opens connections with `inner` within the remaining time."""

    inner: Any
    measure_left: TimeLeft

    def __init__(self, inner: Any, time_left: TimeLeft) -> None:
        self.inner, self.measure_left = inner, time_left

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> Any:
        within = _pick_shorter(timeout, self.measure_left())
        stream = self.inner.connect_tcp(host, port, within, local_address, socket_options)
        return _TimedStream(stream, self.measure_left)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> Any:
        within = _pick_shorter(timeout, self.measure_left())
        return _TimedStream(
            self.inner.connect_unix_socket(path, within, socket_options), self.measure_left
        )

    def sleep(self, seconds: float) -> None:
        self.inner.sleep(seconds)


class _TimedStream:
    __slots__ = ("inner", "measure_left", "size")

    def __init__(self, inner: Any, time_left: TimeLeft) -> None:
        self.inner, self.measure_left, self.size = inner, time_left, 0

    def read(self, max_bytes: int, timeout: float | None = None) -> Any:
        size = max(max_bytes, self.size)
        chunk = self.inner.read(size, _pick_shorter(timeout, self.measure_left()))
        self.size = _LARGE_READ if len(chunk) >= size else 0
        return chunk

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, _pick_shorter(timeout, self.measure_left()))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        within = _pick_shorter(timeout, self.measure_left())
        return _TimedStream(
            self.inner.start_tls(ssl_context, server_hostname, within), self.measure_left
        )

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


def _pick_shorter(timeout: float | None, time_left: float | None) -> float | None:
    if time_left is None:
        return timeout
    return time_left + _GRACE if timeout is None else min(timeout, time_left + _GRACE)
