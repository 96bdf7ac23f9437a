"""The one place that sends: counts, limits and records what goes over the wire.

Raised here, and turned into the outcome of a check:

    NotAllowed    a write that the run may not send to a live server
    Exhausted     the run's budget of requests is spent, or the server says that it is too much
    Unsendable    HTTP has no way to say the request, such as a line break in a header
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from time import perf_counter
from typing import Any, Self

import attrs
import httpx
from pyrate_limiter import Duration, Limiter, Rate

from driftline.contract.shown import curl, python
from driftline.contract.target import Target
from driftline.contract.wire import NOTHING, Outgoing, outgoing
from driftline.errors import TargetError
from driftline.mock import MockTransport
from driftline.spec.model import READ_METHODS, Operation, Spec

__all__ = [
    "MAX_BODY",
    "MAX_REQUESTS",
    "RATE",
    "Exchange",
    "Exhausted",
    "NotAllowed",
    "Session",
    "Unsendable",
]

TIMEOUT = 30.0
MAX_REQUESTS = 2000
RATE = 10
MAX_BODY = 5_000_000
"""Bytes: the largest answer that is read; a listing's largest page is far smaller."""


class NotAllowed(Exception):
    """A write to a live server that no `--allow-writes` names."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"writes are not sent to a live server; --allow-writes {operation} does")


class Exhausted(Exception):
    """No more requests may be sent to this server now."""


class Unsendable(Exception):
    """A request that HTTP cannot carry."""


@attrs.frozen(eq=False)
class Exchange:
    """A request and its answer; `number` counts the requests of one session, from 1.

    `source` says where it was recorded, if it was not sent by us.
    """

    operation: str
    request: Outgoing
    base_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    elapsed: float
    number: int = 0
    source: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """The first header of this name, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: it is none.
        """
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None


class Session:
    """A way to one server, for all checks of one API in one run; `seed` is for what they make."""

    def __init__(
        self,
        target: Target,
        *,
        seed: int = 0,
        max_requests: int = MAX_REQUESTS,
        rate: int = RATE,
    ) -> None:
        self.target = target
        self.seed = seed
        self.calls: Counter[str] = Counter()
        self.sent = 0
        self._budget = None if target.is_mock else max_requests
        self._limiter = None if target.is_mock else Limiter(Rate(rate, Duration.SECOND))
        self._written = False
        self._taken: list[Exchange] = []
        transport = MockTransport(target.handle) if target.handle else None
        self._client = httpx.Client(
            transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives the connections back."""
        self._client.close()
        if self._limiter is not None:
            self._limiter.close()

    @property
    def spec(self) -> Spec:
        return self.target.spec

    def start(self) -> None:
        """Forgets the exchanges so far, and takes back what they wrote, if it is to the mock."""
        if self._written:
            self.target.reset()
        self._written = False
        self._taken = []

    def take(self) -> list[Exchange]:
        """The exchanges since the last call of this."""
        taken, self._taken = self._taken, []
        return taken

    @property
    def last(self) -> Exchange | None:
        """The latest exchange that was not taken yet."""
        return self._taken[-1] if self._taken else None

    def credentials(self, operation: Operation) -> dict[str, str]:
        """What the first alternative that can be met asks for."""
        return self.target.credentials_for(operation)

    def send(
        self,
        operation: Operation,
        arguments: Mapping[str, Any] | None = None,
        *,
        body: Any = NOTHING,
        credentials: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Calls `operation`; `credentials` in place of the right ones.

        Raises:
            NotAllowed: it writes, and the run may not.
            Exhausted: the budget is spent.
            TargetError: the server cannot be reached.
        """
        if credentials is None:
            credentials = self.credentials(operation)
        request = outgoing(self.spec, operation, arguments or {}, body, credentials)
        return self.send_raw(operation, request)

    def send_raw(self, operation: Operation, request: Outgoing) -> Exchange:
        """Sends a request that is about `operation`, just as it is; raises what `send` does."""
        writes = request.method.upper() not in READ_METHODS
        allowed = operation.id in self.target.allow_writes and request.method == operation.method
        if writes and not self.target.is_mock and not allowed:
            raise NotAllowed(operation.id)
        if self._budget is not None and self.sent >= self._budget:
            what = f"all {self._budget} requests of this run are used up; see --max-requests"
            raise Exhausted(what)
        if self._limiter is not None:
            self._limiter.try_acquire(self.spec.name)
        self.sent += 1
        self._written |= writes
        exchange = self._exchange(operation, request)
        self.calls[operation.id] += 1
        self._taken.append(exchange)
        if exchange.status == 429 and not self.target.is_mock:
            raise Exhausted("the server answers 429, too many requests; see --rate")
        return exchange

    def _exchange(self, operation: Operation, request: Outgoing) -> Exchange:
        started = perf_counter()
        try:
            with self._client.stream(
                request.method,
                self.target.base_url + request.target,
                headers=list(request.headers),
                content=request.body or None,
            ) as answer:
                body = self._body(request, answer)
        except (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError) as error:
            raise Unsendable(self.target.scrub(_reason(error))) from None
        except httpx.HTTPError as error:
            what = f"no answer to {request.method} {request.path}: {_reason(error)}"
            remedy = "Check the URL, and that the server is up."
            scrubbed = self.target.scrub(what)
            raise TargetError(self.target.base_url, scrubbed, remedy) from None
        return Exchange(
            operation=operation.id,
            request=request,
            base_url=self.target.base_url,
            status=answer.status_code,
            headers=tuple(answer.headers.multi_items()),
            body=body,
            elapsed=perf_counter() - started,
            number=self.sent,
        )

    def _body(self, request: Outgoing, answer: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > MAX_BODY:
                what = f"the answer to {request.method} {request.path} is over {MAX_BODY:,} bytes"
                raise TargetError(self.target.base_url, what, "Check that the URL is the API's.")
        return bytes(body)

    def curl(self, exchange: Exchange) -> str:
        """A command that sends the same request, with `$VARIABLE` for each credential."""
        return curl(self.target, exchange.base_url, exchange.request)

    def python(self, exchange: Exchange) -> str:
        """The same as a call of the generated client, which has the credentials; "" if none is."""
        return python(self.target, exchange.operation, exchange.request)


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
