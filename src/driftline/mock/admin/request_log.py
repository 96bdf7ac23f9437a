"""The latest requests and responses of the mock, kept for debugging."""

from __future__ import annotations

import heapq
import threading
from collections import deque
from collections.abc import Collection, Sequence
from itertools import takewhile
from operator import itemgetter
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote_plus

import attrs

from driftline.mock.http.messages import Headers, HttpRequest, HttpResponse
from driftline.redaction import (
    MASK,
    Redactor,
    find_body_secrets,
    find_header_secrets,
    is_secret_header,
)

HIDDEN = MASK
_LONGEST = 16_384
_RUN = "X-Driftline-Run"


_M = TypeVar("_M", HttpRequest, HttpResponse)


def is_secret(name: str) -> bool:
    """Return whether a name sounds like a credential."""
    return is_secret_header(name)


def truncate_message(message: _M) -> _M:
    """Return the message with only the beginning of a long body, to limit memory."""
    if len(message.body) <= _LONGEST:
        return message
    return attrs.evolve(message, body=message.body[:_LONGEST] + "…".encode())


@attrs.frozen(eq=False)
class LoggedRequest:
    """A request and its response, with at most the beginning of a long body.

    `why` is the mock's reason for a rejection, which the client does not get. `operation` is empty
    if no operation matched, `size` is the length of the response's body, and `seconds` the time to
    build the response, without injected delays. `secrets` are names in lower case whose values are
    masked, beside those that sound like a credential.
    """

    number: int
    time: str
    api: str
    operation: str
    request: HttpRequest
    response: HttpResponse
    size: int
    seconds: float
    secrets: Collection[str] = ()

    def build_log_line(self) -> dict[str, Any]:
        """Return the line of the access log; `status` is null if nothing was sent."""
        response = self.response
        is_sent = not response.delivery.is_silent
        return {
            "time": self.time,
            "api": self.api,
            "operation": self.operation or None,
            "method": self.request.method,
            "path": self.request.path,
            "query": self._redact_query(),
            "status": response.status if is_sent else None,
            "bytes": int(self.size * response.delivery.share) if is_sent else 0,
            "ms": round(self.seconds * 1000, 3),
            "delay_ms": round(response.delivery.delay * 1000, 3),
            "faults": list(response.delivery.rules),
            "why": self.describe_rejection(),
        }

    @property
    def run(self) -> str:
        """The contract suite run that sent it, if any."""
        return self.request.get_header(_RUN) or ""

    def build_summary(self) -> dict[str, Any]:
        """Return the log line with the number, and the run if there is one."""
        return {"number": self.number, **self.build_log_line(), "run": self.run or None}

    def to_dict(self) -> dict[str, Any]:
        """Return the whole entry as JSON data.

        Bodies are strings, truncated if they are long.
        """
        request, response, redact = self.request, self.response, self._build_redactor()
        return {
            **self.build_summary(),
            "request": {
                "headers": self._redact_headers(request.headers, redact),
                "body": redact(request.body.decode("utf-8", "replace")),
            },
            "response": {
                "headers": self._redact_headers(response.headers, redact),
                "body": redact(response.body.decode("utf-8", "replace")),
            },
        }

    def describe_rejection(self) -> str:
        """Return why the request was rejected, or "".

        Secrets are masked.
        """
        reason = self.response.reason
        return self._build_redactor()(reason) if reason else reason

    def _build_redactor(self) -> Redactor:
        """Return a redactor for the secrets of the request, wherever they are repeated."""
        request = self.request
        pairs = [*request.headers, *parse_qsl(request.query, keep_blank_values=True)]
        secrets = {value for name, value in pairs if value and self._is_secret(name)}
        secrets.update(find_header_secrets(request.headers), find_body_secrets(request.body))
        return Redactor(dict.fromkeys(secrets, HIDDEN), self.secrets)

    def _redact_query(self) -> str:
        parts = (part.partition("=") for part in self.request.query.split("&"))
        return "&".join(
            name + equals + (HIDDEN if value and self._is_secret(unquote_plus(name)) else value)
            for name, equals, value in parts
        )

    def _redact_headers(self, headers: Headers, redact: Redactor) -> list[list[str]]:
        return [[n, HIDDEN if self._is_secret(n) else redact(value)] for n, value in headers]

    def _is_secret(self, name: str) -> bool:
        return name.lower() in self.secrets or is_secret(name)


class RequestLog:
    """The last `max_entries` requests, latest first. Safe to use from several threads.

    Requests of contract suite runs are many, so as many of them are kept separately.
    """

    def __init__(self, max_entries: int = 200) -> None:
        self._entries: dict[bool, deque[tuple[int, LoggedRequest]]] = {
            False: deque(maxlen=max_entries),
            True: deque(maxlen=max_entries),
        }
        self._lock = threading.Lock()
        self._last_number = self._last_mark = self._clear_count = 0

    @property
    def clear_count(self) -> int:
        """How often the log was cleared."""
        return self._clear_count

    def take_number(self) -> int:
        """Return the number of the next request; `clear` does not restart it."""
        with self._lock:
            self._last_number += 1
            return self._last_number

    def keep(self, entry: LoggedRequest) -> None:
        with self._lock:
            self._last_mark += 1
            self._entries[bool(entry.run)].appendleft((self._last_mark, entry))

    def clear(self) -> None:
        with self._lock:
            self._clear_count += 1
            for entries in self._entries.values():
                entries.clear()

    def list(self, limit: int | None = None) -> Sequence[LoggedRequest]:
        """Return the latest requests, at most `limit`."""
        return self.list_since(-1)[0][:limit]

    def find(self, number: int) -> LoggedRequest | None:
        """Return the request with this number, if it is still kept."""
        return next((entry for entry in self.list() if entry.number == number), None)

    def list_since(self, mark: int) -> tuple[Sequence[LoggedRequest], int]:
        """Return the requests after a mark, and the current mark."""
        with self._lock:
            if self._last_mark == mark:
                return (), mark
            ordinary, runs = (
                takewhile(lambda e: e[0] > mark, entries) for entries in self._entries.values()
            )
            merged = heapq.merge(ordinary, runs, key=itemgetter(0), reverse=True)
            return [entry for _, entry in merged], self._last_mark
