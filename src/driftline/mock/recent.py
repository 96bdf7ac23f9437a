"""What was asked of the mock last, and what it answered: kept for who debugs a program."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Sequence
from typing import Any

import attrs

from driftline.mock.messages import Headers, Request, Response

__all__ = ["HIDDEN", "Asked", "Recent"]

HIDDEN = "***"
_SECRET = frozenset({"authorization", "cookie", "proxy-authorization"})
_LONGEST = 20_000


@attrs.frozen(eq=False)
class Asked:
    """A request and its answer. `secrets` are the names, in lower case, whose values are hidden.

    `operation` is empty where the request was for none, `seconds` how long the answer took to
    make, without what it was made to wait.
    """

    number: int
    at: str
    api: str
    operation: str
    request: Request
    response: Response
    seconds: float
    secrets: Collection[str] = ()

    def line(self) -> dict[str, Any]:
        """What an access log says; `status` is null where nothing was sent."""
        response = self.response
        sent = not response.delivery.silent
        return {
            "time": self.at,
            "api": self.api,
            "operation": self.operation or None,
            "method": self.request.method,
            "path": self.request.path,
            "query": self._query(),
            "status": response.status if sent else None,
            "bytes": int(len(response.body) * response.delivery.share) if sent else 0,
            "ms": round(self.seconds * 1000, 3),
            "delay_ms": round(response.delivery.delay * 1000, 3),
            "trouble": list(response.delivery.rules),
        }

    def to_dict(self) -> dict[str, Any]:
        """All of it, as JSON data: bodies as text, and only their beginning if they are long."""
        return {
            "number": self.number,
            **self.line(),
            "request": {
                "headers": self._headers(self.request.headers),
                "body": _text(self.request.body),
            },
            "response": {
                "headers": self._headers(self.response.headers),
                "body": _text(self.response.body),
            },
        }

    def _query(self) -> str:
        parts = (part.partition("=") for part in self.request.query.split("&"))
        return "&".join(
            name + equals + (HIDDEN if value and name.lower() in self.secrets else value)
            for name, equals, value in parts
        )

    def _headers(self, headers: Headers) -> list[list[str]]:
        hidden = _SECRET | set(self.secrets)
        return [[n, HIDDEN if n.lower() in hidden else value] for n, value in headers]


class Recent:
    """The last `most` requests, the latest first. Safe to use from several threads."""

    def __init__(self, most: int = 500) -> None:
        self._kept: deque[Asked] = deque(maxlen=most)
        self._lock = threading.Lock()
        self._number = 0

    def next(self) -> int:
        """The number of the next request; they go on after `clear`."""
        with self._lock:
            self._number += 1
            return self._number

    def keep(self, asked: Asked) -> None:
        with self._lock:
            self._kept.appendleft(asked)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()

    def list(self, most: int | None = None) -> Sequence[Asked]:
        """As many as are asked for, or all that are kept."""
        with self._lock:
            return list(self._kept)[:most]


def _text(body: bytes) -> str:
    text = body[:_LONGEST].decode("utf-8", "replace")
    return text + "…" if len(body) > _LONGEST else text
