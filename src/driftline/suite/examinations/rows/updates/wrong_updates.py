"""Updates with invalid bodies, and of rows that do not exist."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from driftline.checks import build_violation_flaw, format_response
from driftline.openapi import Effect, list_violations
from driftline.suite.examinations.choices import swap_case
from driftline.suite.examinations.rows.steps import (
    call_on_row,
    lacks_row,
    list_missing_ids,
)
from driftline.suite.examinations.rows.updates.update_request import Update
from driftline.suite.probe import Probe
from driftline.suite.samples import put_new_row


def send_wrong_bodies(update: Update) -> None:
    """Send bodies with a wrong type, without a required field, and with a forbidden field."""
    for name, body in _make_wrong_bodies(update):
        spec = update.probe.spec
        violations = list_violations(spec, update.schema, body, "request")
        if not violations:
            continue
        exchange = update.send(body)
        if exchange.ok:
            flaw = build_violation_flaw(violations[0])
            update.probe.report(
                "request.invalid.accepted",
                flaw.pointer,
                message=f"the server accepted an update that the spec rejects: {flaw.message}",
                expected="a rejection (4xx)",
                got=format_response(exchange),
                where=flaw.where or name,
                exchange=exchange,
            )


def _make_wrong_bodies(update: Update) -> Iterator[tuple[str, Any]]:
    """Yield a body for each clause to violate; no lenient reading makes the values valid."""
    base = update.body
    for field in update.fields:
        wrong: Any = "driftline" if "object" in field.types else {"driftline": True}
        alone = {field.path[0]: wrong}
        yield field.path[0], {**base, **alone}
        unknown = swap_case(
            [value for _, schema in field.schemas for value in schema.get("enum", ())]
        )
        if unknown is not None:
            yield field.path[0], {**base, field.path[0]: unknown}
    for field in update.fields:
        if field.path[0] in base:
            yield (
                field.path[0],
                {key: value for key, value in base.items() if key != field.path[0]},
            )
    yield "driftlineUnknown", {**base, "driftlineUnknown": 1}


def create_by_put(probe: Probe, effect: Effect) -> None:
    """Check that a PUT to a new id creates a row, if its status is documented."""
    row_id, exchange = put_new_row(probe.session, probe.operation)
    if exchange is None:
        return
    if exchange.status == HTTPStatus.NOT_FOUND:
        kind, message = "effect.not-created", "a PUT to an id without a row does not create one"
        got = format_response(exchange)
    elif exchange.status == HTTPStatus.CREATED and lacks_row(probe, effect, row_id):
        kind, message = "effect.not-found", "the row that a PUT created cannot be read by its id"
        got = "no such row"
    else:
        return
    probe.report(
        kind,
        f"{probe.operation.pointer}/x-effect/kind",
        message=message,
        expected="201, and a row with this id",
        got=got,
        exchange=exchange,
    )


def check_missing(probe: Probe, effect: Effect) -> None:
    """Check that an update of a missing row is rejected.

    PUT may create the row if its status says so, or if no 404 is documented.
    """
    creates = probe.operation.method == "PUT" and not probe.operation.documents_missing
    for row_id in list_missing_ids(probe, effect):
        exchange = call_on_row(probe, probe.operation, row_id)
        if exchange.ok and exchange.status != 201 and not creates:
            probe.report(
                "effect.missing.accepted",
                f"{probe.operation.pointer}/x-effect/kind",
                message="the update of a row that does not exist succeeds",
                expected="404, or another rejection (4xx)",
                got=format_response(exchange),
                exchange=exchange,
            )
