"""The one place that sends: counts, limits and records what goes over the wire.

Raised here, and turned into the outcome of a check:

    NotAllowed    a write that the run may not send to a live server
    Exhausted     the run's budget of requests is spent, or the server says that it is too much
    Unsendable    HTTP has no way to say the request, such as a line break in a header
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Mapping
from time import perf_counter
from typing import Any, Self

import httpx
from pyrate_limiter import Duration, Limiter, Rate

from driftline.contract.calls import client_call
from driftline.contract.coverage.ledger import Ledger
from driftline.contract.exchange import Exchange
from driftline.contract.target import Target
from driftline.contract.wire import NOTHING, Outgoing, outgoing
from driftline.errors import TargetError
from driftline.mock import MockTransport
from driftline.spec.model import READ_METHODS, Operation, Spec

__all__ = [
    "MAX_BODY",
    "MAX_REQUESTS",
    "RATE",
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
        self.ledger = Ledger(target.spec)
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
        held = self.target.credentials
        for alternative in operation.security:
            if all(name in held for name in alternative):
                return {name: held[name] for name in alternative}
        return {}

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
        self.ledger.note(exchange)
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
        request = exchange.request
        url = exchange.base_url + request.target
        words = ["curl", *_method(request), self._quote(url)]
        for name, value in request.headers:
            kind, _, packed = value.partition(" ")
            if kind == "Basic" and self.target.scrub(packed).startswith("$"):
                words += ["-u", f'"{self.target.scrub(packed)}"']
                continue
            words += ["-H", self._quote(f"{name}: {value}")]
        if request.body:
            body = request.body.decode("utf-8", "backslashreplace")
            words += ["--data-binary", self._quote(body)]
        return " ".join(words)

    def python(self, exchange: Exchange) -> str:
        """The same as a call of the generated client, which has the credentials; "" if none is."""
        operation = self.spec.operation(exchange.operation)
        if operation is None:
            return ""
        right = self.credentials(operation)
        return self.target.scrub(client_call(self.spec, operation, exchange.request, right))

    def _quote(self, text: str) -> str:
        """One word for the shell, in which only the credentials' variables are expanded."""
        schemes = self.spec.security_schemes.values()
        variables = {"$" + self.target.variable(scheme) for scheme in schemes}
        clean = self.target.scrub(text)
        if clean == text:
            return shlex.quote(text)
        parts = re.split("(" + "|".join(map(re.escape, variables)) + ")", clean)
        quoted = [
            f'"${{{part[1:]}}}"' if part in variables else shlex.quote(part)
            for part in parts
            if part
        ]
        return "".join(quoted)


def _method(request: Outgoing) -> list[str]:
    implied = "POST" if request.body else "GET"
    return [] if request.method == implied else ["-X", request.method]


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
