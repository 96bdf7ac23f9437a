"""An exchange: one request and its response."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cached_property
from typing import Any

import attrs

from driftline.checks.outgoing import Outgoing
from driftline.media import VALUE_KINDS, find_body_kind, to_json
from driftline.openapi import describe


@attrs.frozen(eq=False)
class Exchange:
    """A request and its response; `number` counts the requests of one session, from 1.

    `source` is where it was recorded, if we did not send it, and `interruption` how a stream was
    interrupted.
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
    interruption: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def get_header(self, name: str) -> str | None:
        """Return the first header of this name, ignoring case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def beginning(self) -> str:
        """More of the body than is shown, since credentials are removed before it is cut."""
        return self.body[:1000].decode("utf-8", "replace").replace("\0", "")

    @property
    def excerpt(self) -> str:
        """The beginning of the body for a message; only the size if it is binary."""
        if b"\0" in self.body[:1000]:
            return f"{len(self.body):,} bytes"
        if find_body_kind(self.get_header("content-type") or "") in VALUE_KINDS:
            with suppress(ValueError):  # as a string, it would be full of backslashes
                return describe(self.json)
        return describe(self.beginning) if self.body else "no body"

    @cached_property
    def json(self) -> Any:
        """The body as JSON; must not be changed.

        Raises:
            ValueError: the body is not JSON.
        """
        try:
            return json.loads(to_json(self.body, self.get_header("content-type") or ""))
        except RecursionError:
            raise ValueError("it is nested too deeply") from None


def format_response(exchange: Exchange | None) -> str:
    """Return the status and the beginning of the body, which often has the reason."""
    if exchange is None:
        return "no response"
    body = exchange.excerpt if exchange.body else ""
    return f"{exchange.status} {body}".strip()
