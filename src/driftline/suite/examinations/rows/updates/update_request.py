"""An update of one row: sends bodies to it, and reads it."""

from __future__ import annotations

import json
from typing import Any

import attrs

from driftline.checks import Exchange
from driftline.openapi import Effect, ValuePath, follow, is_object, is_valid, put
from driftline.suite.examinations.rows.steps import call_on_row, read_row
from driftline.suite.new_rows import retry_if_taken
from driftline.suite.probe import Probe


@attrs.frozen
class Update:
    """The operation, the row that it changes, and a valid body.

    The body may be in another one, at a location such as `/data/attributes`; `inner` is where
    its fields are in the row.
    """

    probe: Probe
    effect: Effect
    schema: str
    row_id: Any
    body: dict[str, Any]
    fields: tuple[ValuePath, ...]
    wrapper: Any = None
    location: str = ""
    inner: str = ""

    @property
    def is_partial(self) -> bool:
        return self.probe.operation.method != "PUT"

    def send(self, body: Any) -> Exchange:
        """Send a body to the row."""
        if self.location:
            body = put(self.wrapper, self.location, body)
        return call_on_row(self.probe, self.probe.operation, self.row_id, body)

    def send_new(self, body: dict[str, Any]) -> tuple[Exchange, dict[str, Any]]:
        """Send a body as `retry_if_taken` does; return the last exchange and its body."""
        first = self.send(body)
        last = retry_if_taken(self.probe.session, self.probe.operation, first)
        if last is not first:
            body = follow(json.loads(last.request.body), self.location)
        return last, body

    def read(self) -> Any:
        """Return the current row, or MISSING."""
        return self.read_with_exchange()[0]

    def read_with_exchange(self) -> tuple[Any, Exchange | None]:
        """Return the current row, or MISSING, and the exchange that has it."""
        row, exchange = read_row(self.probe, self.effect, self.row_id)
        return (follow(row, self.inner) if is_object(row) else row), exchange

    def is_valid(self, body: Any) -> bool:
        """Return whether the document allows the body."""
        return is_valid(self.probe.spec, self.schema, body, "request")

    @property
    def clause(self) -> str:
        return f"{self.probe.operation.pointer}/x-effect/kind"
