"""Versions of rows: an ETag differs after a change, and If-Match names the version to change."""

from __future__ import annotations

from typing import Any, Final

from driftline.checks import NOTHING, Exchange, format_response
from driftline.openapi import Effect, describe, list_violations
from driftline.suite.probe import Probe
from driftline.suite.samples import make_samples

_OTHER: Final = '"driftline"'
"""An ETag that no row has."""


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


def accepts_other_version(probe: Probe, effect: Effect, row_id: Any) -> bool:
    """Report whether a change of another version of a row is accepted, and return it.

    The document has to have If-Match and a 412.
    """
    operation, header = probe.operation, probe.operation.version_header
    if header is None or effect.id is None:
        return False
    if list_violations(probe.spec, header.schema_pointer, _OTHER):
        return False
    parents = probe.session.created_rows.find_parents(effect.of or "", row_id)
    request = next(make_samples(probe.session, operation, {**parents, effect.id: row_id}))
    body = request.body if operation.body else NOTHING
    exchange = probe.send({**request.arguments, header.name: _OTHER}, body=body)
    if exchange.ok:
        probe.report(
            "effect.version.wrong",
            header.pointer,
            message="a row is changed although If-Match names another version of it",
            expected="412",
            got=format_response(exchange),
            where=header.name,
            exchange=exchange,
        )
    return exchange.ok
