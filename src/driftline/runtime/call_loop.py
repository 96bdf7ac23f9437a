"""One call as a sequence of steps without I/O: send, wait, send again, return a response.

The clients carry out the steps, each in its own way. All decisions are made here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from typing import TypeAlias

import attrs
import httpx

from driftline.runtime.endpoint import Endpoint
from driftline.runtime.errors import ApiError, DeadlineExceeded
from driftline.runtime.retries import Retries

_logger = logging.getLogger("driftline.http")


@attrs.frozen(eq=False)
class ReceivedResponse:
    """A response; if it `is_open`, the body is still to be read from `response`.

    `attempts` is the number of times that the request was sent.
    """

    response: httpx.Response
    content: bytes = attrs.field(repr=False)
    attempts: int
    is_open: bool = False

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def headers(self) -> httpx.Headers:
        return self.response.headers

    @property
    def request_id(self) -> str | None:
        value: str | None = self.headers.get("X-Request-ID")
        return value


@attrs.frozen(eq=False)
class BrokenExchange:
    """An exchange without a response, or with an incomplete one."""

    error: httpx.HTTPError = attrs.field(repr=False)
    partial_response: ReceivedResponse | None = None


Outcome: TypeAlias = ReceivedResponse | BrokenExchange


@attrs.frozen(eq=False)
class Send:
    """A step: send this request. `deadline` is the deadline of the whole call, by its clock."""

    request: httpx.Request = attrs.field(repr=False)
    attempt: int
    deadline: float | None


@attrs.frozen
class Wait:
    """A step: wait for this number of seconds."""

    seconds: float


Steps: TypeAlias = Generator[Send | Wait, Outcome | None, ReceivedResponse]


@attrs.frozen(eq=False)
class CallLoop:
    """One call of an operation.

    `keyed`: the request has an idempotency key. `leaves_open` tells whether client code reads the
    body of a response itself. `redact` removes credentials from log records. `can_resend` is false
    once a body from a single-use stream has been started.
    """

    operation: Endpoint
    build_request: Callable[[], httpx.Request]
    failure: Callable[[BrokenExchange], ApiError]
    retries: Retries
    timeout: httpx.Timeout
    deadline: float | None
    keyed: bool
    leaves_open: Callable[[httpx.Response], bool]
    redact: Callable[[str], str] = str
    can_resend: Callable[[], bool] = lambda: True
    max_response_size: int | None = None

    def iterate_steps(self) -> Steps:
        """Yield the steps of the call, and return the response, whatever its status.

        Raises:
            TransportError: no response arrived, or not in time.
        """
        clock, attempt = self.retries.clock, 0
        ends = None if self.deadline is None else clock.now() + self.deadline
        while True:
            attempt += 1
            time_left = None if ends is None else ends - clock.now()
            if time_left is not None and time_left <= 0:
                raise self._build_deadline_error(attempt - 1)
            outcome = yield Send(self._request(time_left), attempt, ends)
            assert outcome is not None  # noqa: S101 - an Outcome follows a Send
            wait = self._wait(attempt, outcome)
            if wait is not None and ends is not None and clock.now() + wait >= ends:
                wait = None
            if wait is None:
                if isinstance(outcome, ReceivedResponse):
                    return outcome
                if ends is not None and clock.now() >= ends:
                    raise self._build_deadline_error(attempt)
                raise self.failure(outcome)
            self._log(attempt, outcome, wait)
            yield Wait(wait)

    def check(self, step: Send) -> None:
        """Check the deadline between two chunks of a body.

        Raises:
            httpx.ReadTimeout: the deadline has passed.
        """
        if step.deadline is not None and self.retries.clock.now() >= step.deadline:
            raise httpx.ReadTimeout("cut off at the deadline", request=step.request)

    def _request(self, time_left: float | None) -> httpx.Request:
        request, limits = self.build_request(), self.timeout.as_dict()
        if time_left is not None:
            limits = {k: time_left if v is None else min(v, time_left) for k, v in limits.items()}
        request.extensions["timeout"] = limits
        return request

    def _wait(self, attempt: int, outcome: Outcome) -> float | None:
        method = self.operation.method
        if not self.can_resend():
            return None
        if isinstance(outcome, BrokenExchange):
            return self.retries.wait_after_failure(method, self.keyed, attempt, outcome.error)
        status, headers = outcome.status, outcome.headers
        return self.retries.wait_after_status(method, self.keyed, attempt, status, headers)

    def _build_deadline_error(self, attempts: int) -> DeadlineExceeded:
        times = "1 attempt" if attempts == 1 else f"{attempts} attempts"
        message = f"deadline of {self.deadline} s exceeded after {times}"
        return DeadlineExceeded(self.operation.id, message)

    def _log(self, attempt: int, outcome: Outcome, wait: float) -> None:
        is_broken = isinstance(outcome, BrokenExchange)
        why = (
            type(outcome.error).__name__ if isinstance(outcome, BrokenExchange) else outcome.status
        )
        message = "%s: attempt %d of %d: %s; again in %.2f s"
        level = logging.WARNING if is_broken else logging.INFO
        _logger.log(level, message, self.operation.id, attempt, self.retries.attempts, why, wait)
