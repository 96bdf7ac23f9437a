"""The row in the response to a creation: its fields, and the header Location."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from driftline.checks import Exchange, encode_text, split_next_url
from driftline.openapi import (
    MISSING,
    Effect,
    PathTemplate,
    describe,
    find_sent_row,
    is_object,
    pointer as json_pointer,
)
from driftline.suite.examinations.rows.same_value import is_same
from driftline.suite.examinations.rows.steps import find_listing, shows_sent_value
from driftline.suite.probe import Probe
from driftline.suite.samples import list_operations_about


def find_clause(probe: Probe, key: str) -> str:
    return f"{probe.operation.pointer}/x-effect/{key}"


def find_created_row(probe: Probe, effect: Effect, exchange: Exchange) -> Any:
    """Return the row in the response, or MISSING."""
    if effect.item is None:
        return MISSING
    try:
        row = json_pointer.follow(exchange.json, effect.item)
    except ValueError:
        return MISSING
    if is_object(row):
        return row
    probe.report(
        "effect.item.missing",
        find_clause(probe, "item"),
        message="the response does not contain the created row",
        expected=f"an object at {effect.item or 'the top of the body'}",
        got=describe(row or None),
        exchange=exchange,
    )
    return MISSING


def check_echoed_fields(
    probe: Probe, effect: Effect, body: Any, row: Any, exchange: Exchange
) -> None:
    """Check that the row has the sent value of each common field."""
    body = find_sent_row(probe.spec, probe.operation, body)
    if not is_object(body):
        return
    for name, sent_value in body.items():
        if (
            name in row
            and _is_comparable(probe, effect, name, sent_value)
            and not is_same(row[name], sent_value)
        ):
            report_changed_field(
                probe, name, "comes back", sent=sent_value, got=row[name], exchange=exchange
            )


def check_location(probe: Probe, effect: Effect, row: Any, exchange: Exchange) -> None:
    """Check that the header Location, if it is the path of a row, names the created one."""
    listing, header = find_listing(probe, effect), exchange.get_header("Location")
    target = split_next_url(exchange, header) if header else None
    if listing is None or listing.listing is None or target is None:
        return
    row_id = encode_text(json_pointer.follow(row, listing.listing.id))
    for reader in list_operations_about(probe.spec, effect, "read"):
        path_values = PathTemplate(reader.path).match(target[0]) or {}
        name = reader.effect.id if reader.effect else None
        if name in path_values and unquote(path_values[name]) != row_id:
            probe.report(
                "effect.not-found",
                find_clause(probe, "item"),
                message="the header Location names another row than the created one",
                expected=row_id,
                got=describe(header),
                where="Location",
                exchange=exchange,
            )


def report_changed_field(
    probe: Probe, name: str, verb: str, *, sent: Any, got: Any, exchange: Exchange
) -> None:
    probe.report(
        "effect.field.changed",
        find_clause(probe, "item"),
        message=f"the field {name} {verb} with a value other than the one sent",
        expected=describe(sent),
        got=describe(got),
        where=name,
        exchange=exchange,
    )


def _is_comparable(probe: Probe, effect: Effect, name: str, value: Any) -> bool:
    """Return whether the schema of the row allows the value of a field."""
    success = probe.operation.success
    media = success.json if success else None
    if media is None or not media.schema_pointer:
        return False
    pointer = f"{effect.item}{json_pointer.join(name)}"
    return shows_sent_value(probe.spec, probe.operation, pointer, value)
