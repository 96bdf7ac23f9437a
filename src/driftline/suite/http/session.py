"""Sends all requests of the suite: counts, limits and records them.

Errors that become the outcome of a check:

    NotChecked    no valid request can be made from the spec
    NotAllowed    the run may not send the write to a live server
    Exhausted     the request budget is exhausted, or the server limits the rate
    Unsendable    HTTP cannot carry the request, such as a line break in a header; or it would
                  change a row of a live server that the run did not create
    TargetError   no complete response
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from time import perf_counter
from typing import Any, Self, TypedDict

import attrs
import httpx
from pyrate_limiter import Duration, Limiter, Rate

from driftline.checks import (
    NOTHING,
    CoverageLedger,
    Exchange,
    Outgoing,
    Usage,
    build_outgoing,
    format_curl,
    format_python,
)
from driftline.errors import TargetError
from driftline.openapi import READ_METHODS, Operation, Spec
from driftline.runtime import retry_after
from driftline.suite.fuzzing.examples import Examples
from driftline.suite.http.created_rows import CreatedRows, add_tag, changes_rows
from driftline.suite.http.credential_watch import CredentialWatch
from driftline.suite.http.latency import Timing, describe_outliers
from driftline.suite.http.linked_rows import LinkedRows
from driftline.suite.http.sender import (
    TIMEOUT,
    ConnectionLost,
    Sender,
    SentResponse,
    Unsendable,
)
from driftline.suite.http.site_watch import SiteWatch
from driftline.suite.http.target import Target

MAX_REQUESTS = 2000
RATE = 10
ACCEPTED = 40
"""How many accepted requests of an operation are kept, to compare rejected ones with."""
ATTEMPTS = 3
LONGEST_PAUSE = 60.0
"""Longest Retry-After, in seconds, after which a request is sent again."""
MOST_FAILURES = 3
"""After this many consecutive requests without a response, the server counts as down."""


class SessionLimits(TypedDict, total=False):
    """Limits for a live server: total requests, requests per second, and seconds per response."""

    max_requests: int
    rate: int
    timeout: float


class NotChecked(Exception):
    """A check that does not apply, with the reason."""


class NotAllowed(Exception):
    """A write to a live server that no `--allow-writes` names."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"writes are not sent to a live server without --allow-writes {operation}")


class NoOwnRow(NotAllowed):
    """A change to a row on a live server where the run has not created one."""

    def __init__(self, operation: str, reason: str = "") -> None:
        message = f"{operation} is only sent to rows that the run created, and it created none"
        Exception.__init__(self, f"{message}: {reason}" if reason else message)


class BudgetExhausted(Exception):
    """No further request may be sent to this server."""


def _skip_wait(_: float) -> None:
    """Wait for nothing."""


class Session:
    """Sends requests to one server, for all checks of one API in one run.

    `seed` is for generated requests. `examples` stores failing requests; `values` are configured
    parameters and fields, by name. `existing_ids` are IDs of rows by listing, as last read
    in this check; a write clears them. `conflicting_ids` are those to which a rejected creation
    referred, such as a book whose copies are all lent. `stop_error` is the reason why nothing more
    is sent, if the server never responded or stopped responding.
    """

    def __init__(
        self,
        target: Target,
        *,
        seed: int = 0,
        max_requests: int = MAX_REQUESTS,
        rate: int = RATE,
        timeout: float = TIMEOUT,
        run: str = "",
        sleep: Callable[[float], None] = time.sleep,
        examples: Examples | None = None,
        values: Mapping[str, Any] | None = None,
        ledger: CoverageLedger | None = None,
    ) -> None:
        self.target = target
        self.examples = examples
        self.values = values or {}
        self.seed = seed
        self.run = run
        self.max_requests, self.rate = max_requests, rate
        self.calls: Counter[str] = Counter()
        self.fuzzed: Counter[str] = Counter()
        self.unknown_values: dict[str, list[str]] = {}
        self.statuses: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.sent_count = 0
        self.has_responded = False
        self.stop_error: TargetError | None = None
        self.credential_watch, self.site_watch = CredentialWatch(target), SiteWatch(target)
        self.notes: list[str] = []
        self.created_rows = CreatedRows(target.spec)
        self.linked_rows = LinkedRows(target.spec)
        self.accepted: defaultdict[str, list[Outgoing]] = defaultdict(list)
        self.ledger = ledger or CoverageLedger(target.spec)
        self.existing_ids: dict[str, list[Any]] = {}
        self.conflicting_ids: defaultdict[str, list[Any]] = defaultdict(list)
        self.parent_ids: dict[str, Any] = {}
        self._failures = self._throttled_count = 0
        # A mock has no real time, so waiting for it is unnecessary.
        self._sleep = _skip_wait if target.is_mock else sleep
        self._limiter = None if target.is_mock else Limiter(Rate(rate, Duration.SECOND))
        self._has_written = False
        self._recent_exchanges: list[Exchange] = []
        self._timings: defaultdict[str, list[Timing]] = defaultdict(list)
        self._sender = Sender(target, timeout=timeout, run=run)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._sender.close()
        if self._limiter is not None:
            self._limiter.close()

    @property
    def is_useless(self) -> bool:
        """Whether a live server has never responded, or not as the API to this run."""
        has_never_responded = self.stop_error is not None and not self.has_responded
        is_wrong_api = self.credential_watch.error is not None or self.site_watch.error is not None
        return not self.target.is_mock and (has_never_responded or is_wrong_api)

    def pause(self, seconds: float) -> None:
        """Wait; not for a mock, whose time is not real."""
        self._sleep(seconds)

    def get_value(self, operation: Operation, name: str) -> Any:
        """Return the configured value for a parameter or field, or None."""
        return self.values.get(f"{operation.id}.{name}", self.values.get(name))

    @property
    def spec(self) -> Spec:
        return self.target.spec

    def start(self) -> None:
        """Forget the exchanges so far; restore the rows of a mock."""
        if self._has_written:
            self.target.reset()
        self._has_written = False
        self._recent_exchanges = []
        self.existing_ids.clear()

    def take(self) -> list[Exchange]:
        """Return the exchanges since the last call of this."""
        exchanges, self._recent_exchanges = self._recent_exchanges, []
        return exchanges

    @property
    def recent(self) -> tuple[Exchange, ...]:
        """The exchanges since the last `take`."""
        return tuple(self._recent_exchanges)

    @property
    def last(self) -> Exchange | None:
        """The latest exchange since the last `take`."""
        return self._recent_exchanges[-1] if self._recent_exchanges else None

    def choose_credentials(self, operation: Operation) -> dict[str, str]:
        """Return what the first alternative that can be met requests."""
        return self.target.choose_credentials(operation)

    def send(
        self,
        operation: Operation,
        arguments: Mapping[str, Any] | None = None,
        *,
        body: Any = NOTHING,
        credentials: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Call `operation`; `credentials` replace the valid ones.

        Raises:
            NotAllowed: the run may not send this write.
            Exhausted: the budget is spent.
            TargetError: the server cannot be reached.
        """
        if credentials is None:
            credentials = self.choose_credentials(operation)
        request = build_outgoing(self.spec, operation, arguments or {}, body, credentials)
        return self.send_raw(operation, request)

    def send_raw(self, operation: Operation, request: Outgoing) -> Exchange:
        """Send a request for `operation` unchanged; raises what `send` does.

        Only a creation on a live server is tagged with the run, if possible.
        """
        is_safe = request.method.upper() in READ_METHODS
        writes = not is_safe or (request.method == operation.method and not operation.is_read)
        is_allowed = operation.id in self.target.allow_writes
        is_allowed = is_allowed and (is_safe or request.method == operation.method)
        # Nor other methods of a write: a server may execute the write for any method.
        if not (operation.is_read and is_safe) and not self.target.is_mock and not is_allowed:
            raise NotAllowed(operation.id)
        foreign = changes_rows(operation) and not self.created_rows.has(operation, request)
        if writes and foreign and not self.target.is_mock:
            raise Unsendable(str(NoOwnRow(operation.id)))
        if writes and self.run:
            request = add_tag(operation, request, self.run)
        self._has_written |= writes
        exchange = self._send_with_patience(operation, request, can_retry=not writes)
        if exchange.ok and len(self.accepted[operation.id]) < ACCEPTED:
            self.accepted[operation.id].append(exchange.request)
        if writes and (exchange.ok or exchange.status >= 500):
            self._note(operation, exchange)
        return exchange

    def _send_with_patience(
        self, operation: Operation, request: Outgoing, *, can_retry: bool
    ) -> Exchange:
        """Return the response; after a 429, that of the next attempt.

        A live server that has rejected several requests in a row so gets no further one.
        """
        is_patient = self._throttled_count < MOST_FAILURES
        for attempt in range(1, ATTEMPTS + 1) if is_patient else ():
            exchange = self._send_once(operation, request, can_retry=can_retry)
            self.calls[operation.id] += 1
            if request.method == operation.method:
                self.statuses[operation.id][exchange.status] += 1
            self._recent_exchanges.append(exchange)
            self.ledger.note(exchange)
            if exchange.status != 429 or (attempt == ATTEMPTS and self.target.is_mock):
                self._throttled_count = 0
                return exchange
            pause = retry_after(httpx.Headers(exchange.headers))
            if attempt < ATTEMPTS and pause is not None and pause <= LONGEST_PAUSE:
                self._sleep(pause)
            elif not self.target.is_mock:
                break
        self._throttled_count += 1
        raise BudgetExhausted("the server responds with 429 Too Many Requests; see --rate")

    def _note(self, operation: Operation, exchange: Exchange) -> None:
        self.existing_ids.clear()
        self.created_rows.record_deleted(operation, exchange.request)
        self.linked_rows.record_deleted(operation, exchange.request)
        with suppress(ValueError):
            self.linked_rows.record_created(operation, exchange.json)
            self.created_rows.record_created(operation, exchange.request, exchange.json)

    def _send_once(self, operation: Operation, request: Outgoing, *, can_retry: bool) -> Exchange:
        """Return the response; repeat a read whose connection broke, if `can_retry`.

        Also repeat a request that the server did not read.
        """
        if self.stop_error is not None:
            raise self.stop_error
        try:
            exchange = self._exchange_once(operation, request)
        except ConnectionLost as error:
            if can_retry or error.was_idle:
                return self._send_once(operation, request, can_retry=False)
            hint = "Check the URL, and that the server is running."
            raise self._build_error(TargetError(self.target.base_url, str(error), hint)) from None
        except TargetError as error:
            raise self._build_error(error) from None
        self._failures, self.has_responded = 0, True
        self.credential_watch.note(operation, exchange)
        self.site_watch.note(operation, exchange)
        self.stop_error = self.credential_watch.error or self.site_watch.error
        if self.stop_error is not None:
            raise self.stop_error
        self._timings[operation.id].append(Timing(exchange.number, exchange.elapsed))
        return exchange

    def _build_error(self, error: TargetError) -> TargetError:
        self._failures += 1
        if not self.has_responded or self._failures >= MOST_FAILURES:
            self.stop_error = error
        return error

    def _exchange_once(self, operation: Operation, request: Outgoing) -> Exchange:
        if self._limiter is not None:
            if self.sent_count >= self.max_requests:
                message = f"request budget of {self.max_requests} exhausted"
                raise BudgetExhausted(f"{message}; see --max-requests")
            self._limiter.try_acquire(self.spec.name)
        self.sent_count += 1
        request = attrs.evolve(request, headers=(*request.headers, *self.target.headers))
        start = perf_counter()
        answer = self._sender.exchange(request)
        if self.target.is_mock and answer.status == HTTPStatus.NOT_IMPLEMENTED:
            raise NotChecked(f"{_read_detail(answer)}")
        return Exchange(
            operation=operation.id,
            request=request,
            base_url=self.target.base_url,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            elapsed=perf_counter() - start,
            number=self.sent_count,
            interruption=answer.interruption,
        )

    def measure_usage(self) -> Usage | None:
        """Return the usage of a live run; None for a mock."""
        if self.target.is_mock:
            return None
        late = (describe_outliers(name, timings) for name, timings in self._timings.items())
        return Usage(
            api=self.spec.name,
            run=self.run,
            requests=self.sent_count,
            max_requests=self.max_requests,
            rate=self.rate,
            notes=(*dict.fromkeys(self.notes), *filter(None, late)),
        )

    def format_curl(self, exchange: Exchange) -> str:
        """Return a command that sends the request, with `$VARIABLE` for each credential."""
        return format_curl(self.target.redactor, exchange.base_url, exchange.request)

    def format_python(self, exchange: Exchange) -> str:
        """Return the request as a call of the generated client, which has the credentials.

        "" if no call sends it.
        """
        target = self.target
        return format_python(
            self.spec,
            exchange.operation,
            exchange.request,
            target.choose_credentials,
            target.redactor,
        )


def _read_detail(response: SentResponse) -> str:
    """Return the reason why the mock has no response for an operation (RFC 9457)."""
    with suppress(ValueError, AttributeError):
        return str(json.loads(response.body).get("detail") or "the mock has no response for it")
    return "the mock has no response for it"
