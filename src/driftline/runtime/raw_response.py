"""The HTTP response under a typed one, for who wants its headers, or its bytes as they come."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

import attrs
import httpx

from driftline.runtime.call_loop import BrokenExchange, ReceivedResponse
from driftline.runtime.errors import ApiError

T = TypeVar("T")


@attrs.frozen(kw_only=True, eq=False)
class RawResponse(Generic[T]):
    """An HTTP response, and the value that was read from it.

    `attempts` is how often the request was sent.
    """

    value: T
    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)
    request_id: str | None
    attempts: int


@attrs.define(eq=False)
class Watch:
    """What is seen of the next call: its response, with `stream` before its body is read."""

    stream: bool
    response: ReceivedResponse | None = None
    # What becomes of an error while the caller reads the body.
    failure: Callable[[BrokenExchange], ApiError] | None = None

    def build_raw(self, value: T) -> RawResponse[T]:
        received = self._require_response()
        return RawResponse(
            value=value,
            status=received.status,
            headers=received.headers,
            content=received.content,
            request_id=received.request_id,
            attempts=received.attempts,
        )

    def get_response(self) -> httpx.Response:
        return self._require_response().response

    def claim_error(self, error: httpx.HTTPError) -> Exception:
        """Return driftline's error, if `error` came from reading this response."""
        received = self._require_response()
        try:
            ours = error.request is received.response.request
        except RuntimeError:  # it is about no request
            ours = False
        return self.failure(BrokenExchange(error, received)) if ours and self.failure else error

    def _require_response(self) -> ReceivedResponse:
        if self.response is None:
            raise TypeError("not a method of a client: it sent no request")
        return self.response


_WATCH: ContextVar[Watch | None] = ContextVar("driftline_watch", default=None)


def watch() -> Watch | None:
    """Who watches the call that begins now, if anybody; the calls within it are not watched."""
    found = _WATCH.get()
    if found is not None:
        _WATCH.set(None)
    return found


@contextmanager
def watch_call(*, stream: bool = False) -> Generator[Watch, None, None]:
    """Watches the first call made within."""
    token = _WATCH.set(found := Watch(stream))
    try:
        yield found
    finally:
        _WATCH.reset(token)
