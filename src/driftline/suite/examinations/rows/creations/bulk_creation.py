"""Bulk creations such as `POST /orders/bulk`: each row is stored with the values that were sent."""

from __future__ import annotations

import re
from typing import Any, Final

from driftline.checks import Exchange, parse_json
from driftline.openapi import (
    MISSING,
    BulkCreation,
    Effect,
    describe,
    find_bulk_creation,
    find_schema_at,
    follow,
    is_array,
    is_object,
    is_valid,
    join,
    put,
)
from driftline.suite.examinations.rows.same_value import is_same
from driftline.suite.examinations.rows.steps import lacks_row, read_row, shows_sent_value
from driftline.suite.new_rows import retry_if_taken
from driftline.suite.probe import Probe
from driftline.suite.samples import fill_with_existing_ids, make_sample
from driftline.suite.simplest_value import make_value
from driftline.suite.unique_values import make_unique_string, vary_strings

_IN_ORDER: Final = re.compile(r"\b(order of the request|same order)\b", re.IGNORECASE)


def check_bulk_creation(probe: Probe) -> None:
    """Create two rows, and look for each; a mock stores none."""
    bulk = find_bulk_creation(probe.spec, probe.operation)
    listing = probe.spec.find_operation(bulk.of) if bulk else None
    if bulk is None or listing is None or listing.listing is None or probe.session.target.is_mock:
        return
    sample = make_sample(probe.session, probe.operation)
    body = _make_body(probe, bulk, sample.body)
    exchange = retry_if_taken(
        probe.session, probe.operation, probe.send(sample.arguments, body=body)
    )
    if not exchange.ok:
        return
    sent, created = (
        follow(parse_json(exchange.request.body), bulk.sent),
        follow(exchange.json, bulk.created),
    )
    if not is_array(sent) or not is_array(created):
        return
    effect = Effect("create", of=listing.id)
    rows: list[tuple[Any, Any]] = []
    for row in created:
        row_id = follow(row, listing.listing.id)
        if row_id is MISSING or row_id is None:
            return
        stored, _ = read_row(probe, effect, row_id)
        if stored is MISSING and lacks_row(probe, effect, row_id):
            _report_missing(probe, row_id, exchange)
            return
        rows.append((row, stored))
    if len(rows) == len(sent):
        _compare(probe, bulk, sent, rows, exchange)


def _make_body(probe: Probe, bulk: BulkCreation, body: Any) -> Any:
    """Return a body with two rows with different strings, if the schema allows it."""
    media = probe.operation.body.json if probe.operation.body else None
    rows = follow(body, bulk.sent)
    item = find_schema_at(probe.spec, media.schema_pointer, bulk.sent + "/0") if media else None
    if media is None or item is None or not is_array(rows):
        return body
    first = rows[0] if rows else make_value(probe.spec, item)
    two = put(body, bulk.sent, [first, rows[-1] if rows else first])
    two = fill_with_existing_ids(probe.session, media.schema_pointer, two)
    two = vary_strings(probe.spec, probe.operation, two, make_unique_string(probe.session))
    return two if is_valid(probe.spec, media.schema_pointer, two, "request") else body


def _compare(
    probe: Probe,
    bulk: BulkCreation,
    sent: list[Any],
    rows: list[tuple[Any, Any]],
    exchange: Exchange,
) -> None:
    """Report a sent row that no created row has all fields of, in any order unless described."""
    success = probe.operation.success
    description = f"{probe.operation.description} {success.description if success else ''}"
    is_ordered = _IN_ORDER.search(description) is not None
    for index, sent_row in enumerate(sent):
        others = () if is_ordered else rows
        wrong = [_find_wrong(probe, bulk, sent_row, row) for row in (rows[index], *others)]
        if not is_object(sent_row) or not all(wrong):
            continue
        name = wrong[0]
        values = [row[name] for row in rows[index] if is_object(row) and name in row]
        probe.report(
            "effect.field.changed",
            f"{probe.operation.pointer}/requestBody",
            message=f"the field {name} of a created row has a value other than the one sent",
            expected=describe(sent_row[name]),
            got=describe(next(v for v in values if not is_same(v, sent_row[name]))),
            where=name,
            exchange=exchange,
        )


def _find_wrong(
    probe: Probe, bulk: BulkCreation, sent_row: dict[str, Any], versions: tuple[Any, Any]
) -> str:
    """Return the first field with another value in the response or the stored row, or ""."""
    for row in versions:
        for name, value in sent_row.items() if is_object(row) else ():
            pointer = f"{bulk.created}/0{join(name)}"
            is_shown = name in row and shows_sent_value(probe.spec, probe.operation, pointer, value)
            if is_shown and not is_same(row[name], value):
                return name
    return ""


def _report_missing(probe: Probe, row_id: Any, exchange: Exchange) -> None:
    probe.report(
        "effect.not-found",
        probe.operation.pointer,
        message="a row of a bulk creation cannot be read",
        expected=f"the row {describe(row_id)}",
        got="no such row",
        exchange=exchange,
    )
