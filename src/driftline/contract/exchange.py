"""What went over the wire: one request and its answer."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

import attrs

from driftline.contract.wire import Outgoing

__all__ = ["Exchange"]


@attrs.frozen(eq=False)
class Exchange:
    """A request and its answer; `number` counts the requests of one session, from 1."""

    operation: str
    request: Outgoing
    base_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    elapsed: float
    number: int = 0

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """The first header of this name, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @cached_property
    def json(self) -> Any:
        """The body as JSON; not to be changed.

        Raises:
            ValueError: it is none.
        """
        return json.loads(self.body)
