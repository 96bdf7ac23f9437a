"""Versions of rows: an ETag differs after a change, and If-Match names the version to change."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, Final

from driftline.checks import NOTHING, Exchange, format_response
from driftline.openapi import Effect, Parameter, describe, is_object, is_valid
from driftline.suite.examinations.rows.field_names import is_update_time
from driftline.suite.examinations.rows.updates.update_request import Update
from driftline.suite.new_rows import retry_if_taken
from driftline.suite.probe import Probe
from driftline.suite.samples import make_samples

_OTHER: Final = '"driftline"'
"""An ETag that no row has."""
_SECOND: Final = 1.1
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")


def compare_tags(
    probe: Probe, rows: tuple[Any, Any], reads: tuple[Exchange | None, Exchange | None]
) -> None:
    """Check that the ETag of a row differs where the row does, before and after an update.

    A weak one may be a time, which is the same for a whole second.
    """
    first, second = reads
    if first is None or second is None or rows[0] == rows[1]:
        return
    tags = [exchange.get_header("ETag") for exchange in reads if exchange]
    if tags[0] is not None and tags[0] == tags[1] and not tags[0].startswith("W/"):
        probe.report(
            "effect.version.wrong",
            f"{probe.operation.pointer}/x-effect/kind",
            message="the ETag of a row is the same after an update",
            expected=f"another ETag than {describe(tags[0])}",
            got=describe(tags[1]),
            where="ETag",
            exchange=second,
        )


def reject_current_version(update: Update, exchange: Exchange) -> None:
    """Report a 412 to an update whose If-Match is the ETag of the row, just read.

    A weak one matches nothing (RFC 9110).
    """
    header = update.probe.operation.version_header
    tag = header and next((v for k, v in exchange.request.headers if k == header.name), None)
    _, read = update.read_with_exchange()
    if header is None or tag is None or exchange.status != HTTPStatus.PRECONDITION_FAILED:
        return
    if read is not None and read.get_header("ETag") == tag and not tag.startswith("W/"):
        message = "an update is rejected although If-Match is the ETag of the row"
        _report_response(update.probe, header, exchange, message, "2xx")


def compare_stamps(update: Update, body: Any, rows: tuple[Any, Any]) -> None:
    """Check that the time of the last update differs after an update that changed the row.

    It may count whole seconds; the update is sent again after one. A mock keeps all times.
    """
    if update.probe.session.target.is_mock or not _keeps_stamp(body, rows):
        return
    update.probe.session.pause(_SECOND)
    earlier_values = {name: rows[0][name] for name in body if name in rows[0]}
    if not update.is_valid(earlier_values):
        earlier_values = update.body
    exchange = update.send(earlier_values)
    name = _keeps_stamp(earlier_values, (rows[1], update.read())) if exchange.ok else ""
    if name:
        update.probe.report(
            "effect.version.wrong",
            update.clause,
            message=f"the field {name} is the same after an update",
            expected="the time of the update",
            got=describe(rows[1][name]),
            where=name,
            exchange=exchange,
        )


def _keeps_stamp(body: Any, rows: tuple[Any, Any]) -> str:
    """Return the time of the last update that a changed row kept, or ""."""
    before, after = rows
    if not is_object(before) or not is_object(after) or before == after:
        return ""
    return next(
        (
            name
            for name, value in before.items()
            if is_update_time(name)
            and name not in body
            and isinstance(value, str)
            and after.get(name) == value
            and _TIME.match(value)
        ),
        "",
    )


def accepts_other_version(probe: Probe, effect: Effect, row_id: Any) -> bool:
    """Report whether a change of another version of a row is accepted, and return it.

    The document has to have If-Match and a 412.
    """
    operation, header = probe.operation, probe.operation.version_header
    if header is None or effect.id is None:
        return False
    if not is_valid(probe.spec, header.schema_pointer, _OTHER):
        return False
    parents = probe.session.created_rows.find_parents(effect.of or "", row_id)
    request = next(make_samples(probe.session, operation, {**parents, effect.id: row_id}))
    body = request.body if operation.body else NOTHING
    exchange = probe.send({**request.arguments, header.name: _OTHER}, body=body)
    exchange = retry_if_taken(probe.session, operation, exchange)
    if exchange.ok:
        message = "a row is changed although If-Match names another version of it"
        _report_response(probe, header, exchange, message, "412")
    return exchange.ok


def _report_response(
    probe: Probe, header: Parameter, exchange: Exchange, message: str, expected: str
) -> None:
    """Report the wrong response to a request with If-Match."""
    probe.report(
        "effect.version.wrong",
        header.pointer,
        message=message,
        expected=expected,
        got=format_response(exchange),
        where=header.name,
        exchange=exchange,
    )
