"""The HTTP response of a typed call, for headers and for bodies read as they arrive."""

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
    """An HTTP response with its decoded value.

    `attempts` is the number of times that the request was sent.
    """

    value: T
    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)
    request_id: str | None
    attempts: int


@attrs.define(eq=False)
class ResponseRecorder:
    """Records the response of the next call; with `stream`, before its body is read."""

    stream: bool
    response: ReceivedResponse | None = None
    # Maps an error that is raised while client code reads the body.
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

    def identify_error(self, error: httpx.HTTPError) -> Exception:
        """Return driftline's error if `error` was raised by reading this response."""
        received = self._require_response()
        try:
            driftline_error = error.request is received.response.request
        except RuntimeError:  # concerns no request
            driftline_error = False
        return (
            self.failure(BrokenExchange(error, received))
            if driftline_error and self.failure
            else error
        )

    def _require_response(self) -> ReceivedResponse:
        if self.response is None:
            raise TypeError("not a method of a client: it sent no request")
        return self.response


_WATCH: ContextVar[ResponseRecorder | None] = ContextVar("driftline_watch", default=None)


def watch() -> ResponseRecorder | None:
    """Return the watch of the call that begins now, if any; nested calls are not watched."""
    recorder = _WATCH.get()
    if recorder is not None:
        _WATCH.set(None)
    return recorder


@contextmanager
def watch_call(*, stream: bool = False) -> Generator[ResponseRecorder, None, None]:
    """Watch the first call within the block."""
    token = _WATCH.set(recorder := ResponseRecorder(stream))
    try:
        yield recorder
    finally:
        _WATCH.reset(token)
