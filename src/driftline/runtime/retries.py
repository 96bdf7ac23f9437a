"""When to send a request again, and how long to wait before."""

from __future__ import annotations

import random
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Protocol, Self

import attrs
import httpx


class Clock(Protocol):
    """A clock in seconds: `now` is monotonic, `date` counts since 1970."""

    def now(self) -> float: ...

    def date(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    async def async_sleep(self, seconds: float) -> None: ...


class _System:
    def now(self) -> float:
        return time.monotonic()

    def date(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        import anyio  # noqa: PLC0415 - loads an event loop: only who has one needs it

        await anyio.sleep(seconds)

    def __repr__(self) -> str:
        return "SYSTEM"


SYSTEM: Clock = _System()


# Idempotent by HTTP (RFC 9110, 9.2.2).
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
# The request did not leave: there was no connection.
NOT_ARRIVED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# Our own mistake: a retry would fail in the same way.
_HOPELESS = (httpx.LocalProtocolError, httpx.UnsupportedProtocol)


@attrs.frozen(kw_only=True)
class Retries:
    """Retries requests after 408, 409, 429, 5xx and lost connections.

    A request that is not idempotent (a POST) is sent again only if it certainly did not arrive, or
    if it has a documented idempotency key. A body streamed from an iterator is not sent again once
    it was started.

    attempts: maximum number of times a request is sent; 1 disables retries.
    first_wait, longest_wait: seconds; each wait doubles, minus up to half at random,
        so that many clients do not retry at the same time.
    longest_retry_after: seconds; a Retry-After up to this is observed in full. If the
        server asks for more, its response is raised, with `retry_after`.
    clock: source of the current time.

    A subclass can change the policy. After each attempt, the client calls `wait_after_status`, also
    for a success, or `wait_after_failure`. It calls neither if the body cannot be sent again, and
    does not wait if that would exceed the deadline. A stream or download that breaks off calls
    `wait_after_failure` before it continues. All calls and threads of a client share the policy.
    """

    attempts: int = attrs.field(default=3, validator=attrs.validators.ge(1))
    first_wait: float = attrs.field(default=0.5, validator=attrs.validators.ge(0))
    longest_wait: float = attrs.field(default=8.0, validator=attrs.validators.ge(0))
    longest_retry_after: float = attrs.field(default=120.0, validator=attrs.validators.ge(0))
    clock: Clock = attrs.field(default=SYSTEM, repr=False)

    def limit_attempts(self, attempts: int) -> Self:
        """Return this policy with another maximum, for one call with `retries=2`."""
        return attrs.evolve(self, attempts=attempts)

    def wait_after_status(
        self, method: str, keyed: bool, attempt: int, status: int, headers: httpx.Headers
    ) -> float | None:
        """Return the seconds to wait after a complete response, or None to return it.

        `keyed`: the request has an idempotency key. `attempt` counts from 1.
        """
        passing = status in {408, 409, 429} or status >= 500
        if not passing or attempt >= self.attempts or not (keyed or method in _IDEMPOTENT):
            return None
        delay = retry_after(headers, self.clock)
        if delay is None:
            return self._wait(attempt)
        return delay if delay <= self.longest_retry_after else None

    def wait_after_failure(
        self, method: str, keyed: bool, attempt: int, error: httpx.HTTPError
    ) -> float | None:
        """Return the seconds to wait after an incomplete exchange, or None."""
        if attempt >= self.attempts or isinstance(error, _HOPELESS):
            return None
        repeatable = keyed or method in _IDEMPOTENT or isinstance(error, NOT_ARRIVED)
        is_lost = isinstance(error, httpx.TransportError)
        return self._wait(attempt) if is_lost and repeatable else None

    def _wait(self, attempt: int) -> float:
        longest = min(self.longest_wait, self.first_wait * 2.0 ** min(attempt - 1, 60))
        return longest * (1 - random.random() / 2)  # noqa: S311 - not for secrets


def retry_after(headers: httpx.Headers, clock: Clock = SYSTEM) -> float | None:
    """Return the seconds of a Retry-After header, which has a number or a date.

    None if it is missing or invalid.
    """
    return parse_retry_after(headers.get("Retry-After", ""), clock)


def parse_retry_after(value: str, clock: Clock = SYSTEM) -> float | None:
    """Return the seconds of a Retry-After value; None if it is invalid."""
    value = value.strip()
    if value.replace(".", "", 1).isdecimal() and value.isascii():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:  # asctime's form and "-0000" mean UTC, not the local time
        moment = moment.replace(tzinfo=UTC)
    try:
        return max(0.0, moment.timestamp() - clock.date())
    except (OverflowError, ValueError, OSError):
        return None
