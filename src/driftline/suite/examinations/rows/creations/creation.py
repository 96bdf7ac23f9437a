"""Creations by `x-effect`: a created row is listed, can be read, and has the sent values."""

from __future__ import annotations

import uuid
from typing import Any

import attrs

from driftline.checks import (
    Exchange,
    find_duplicate_conflict,
    to_hashable,
)
from driftline.openapi import (
    MISSING,
    Effect,
    Operation,
    describe,
    find_schema_at,
    find_sent_row,
    is_array,
    is_object,
    locate_fields,
    pointer as json_pointer,
)
from driftline.suite.examinations.hostile_strings import make_hostile_bodies
from driftline.suite.examinations.rows.body_defaults import check_body_defaults
from driftline.suite.examinations.rows.creations.created_row import (
    check_echoed_fields,
    check_location,
    find_clause,
    find_created_row,
    report_changed_field,
)
from driftline.suite.examinations.rows.creations.missing_references import refer_to_nothing
from driftline.suite.examinations.rows.creations.parents import send_below_missing
from driftline.suite.examinations.rows.described_states import check_described_state
from driftline.suite.examinations.rows.field_names import is_timestamp
from driftline.suite.examinations.rows.same_value import is_same
from driftline.suite.examinations.rows.steps import (
    call_on_row,
    find_listing,
    find_row,
    list_rows,
    must_show,
    report_accepted,
    shows_all_rows,
    shows_sent_value,
)
from driftline.suite.fuzzing.covering import cover
from driftline.suite.new_rows import send_new
from driftline.suite.probe import Probe
from driftline.suite.samples import (
    Sample,
    fill_with_existing_ids,
    list_operations_about,
    make_samples,
)
from driftline.suite.telling_values import add_items, lengthen_values
from driftline.suite.unique_values import (
    make_new_string,
    set_unique_fields,
)

GENERATED = 2
# Statuses that do not reject the content or the length of the request.
_OTHERWISE = frozenset({401, 403, 409, 413, 429})


@attrs.frozen
class _Created:
    """A row in the response to its creation, and the sent body."""

    exchange: Exchange
    body: Any
    row: Any


def check_creation(probe: Probe) -> None:
    """Create rows from examples and generated bodies, and look for each."""
    effect = probe.operation.effect
    if effect is None or effect.kind != "create":
        return
    requests = _list_requests(probe)
    creations: list[_Created] = []
    for request in requests:
        exchange, body = send_new(probe.session, probe.operation, request.arguments, request.body)
        if exchange.ok and (row := find_created_row(probe, effect, exchange)) is not MISSING:
            creations.append(_Created(exchange, body, row))
            check_echoed_fields(probe, effect, body, row, exchange)
            check_location(probe, effect, row, exchange)
            check_body_defaults(probe, body, row, exchange)
            check_described_state(probe, row, exchange)
        is_rejected = 400 <= exchange.status < 500 and exchange.status not in _OTHERWISE
        if creations and is_rejected and request.name == "odd texts":
            message = "the server rejected a valid request because of its strings"
            probe.report_rejection(exchange, message)
    _check_listed(probe, effect, creations)
    if requests:
        _check_unique(probe, effect, requests[0])
        _check_idempotency(probe, effect, requests[0])
        refer_to_nothing(probe, requests[0])
    if creations and not effect.unique:
        _create_again(probe, requests[0], creations[0].body)
    _check_read_back(probe, effect, creations)
    if creations:
        send_below_missing(probe, requests[0])


def _list_requests(probe: Probe) -> list[Sample]:
    """Return the creations to send: from examples, generated, with two items, with odd strings."""
    requests = list(make_samples(probe.session, probe.operation))
    media = probe.operation.body.json if probe.operation.body else None
    if media is None or not media.schema_pointer:
        return requests
    base = requests[0]
    location = locate_fields(probe.spec, probe.operation, base.body)
    whole, schema = media.schema_pointer, media.schema_pointer
    if location:
        schema = find_schema_at(probe.spec, whole, location) or whole
    fields = json_pointer.follow(base.body, location) if location else base.body
    bodies = [("two items", add_items(probe.spec, schema, fields))]
    for body in cover(probe.spec, schema, GENERATED, "request"):
        filled_body = fill_with_existing_ids(probe.session, schema, body)
        longer = add_items(probe.spec, schema, lengthen_values(probe.spec, schema, filled_body))
        bodies.append(("generated", longer))
    odd = make_hostile_bodies(probe.spec, schema, fields, probe.session.seed)
    bodies += [("odd texts", body) for body in odd]
    for name, body in bodies:
        if body != fields:
            whole_body = json_pointer.put(base.body, location, body) if location else body
            requests.append(Sample(name, base.arguments, whole_body))
    return requests


def _check_listed(probe: Probe, effect: Effect, creations: list[_Created]) -> None:
    listing = find_listing(probe, effect)
    if listing is None or listing.listing is None:
        return
    ids = [json_pointer.follow(item.row, listing.listing.id) for item in creations]
    first = next((row_id for row_id in ids if row_id is not MISSING), MISSING)
    if first is MISSING:  # the id is optional, and none came
        return
    walk = list_rows(probe, listing, first)
    if not shows_all_rows(probe, listing, walk):
        return
    listed_ids = set(walk.ids)
    for creation in creations:
        row_id = json_pointer.follow(creation.row, listing.listing.id)
        if row_id is MISSING or not _passes_defaults(listing, creation.row):
            continue
        if to_hashable(row_id) not in listed_ids:
            probe.report(
                "effect.not-listed",
                find_clause(probe, "of"),
                message=f"the created row is not in {listing.id}",
                expected=f"a row {describe(row_id)}",
                got=f"{len(listed_ids)} rows without it",
                exchange=creation.exchange,
            )


def _passes_defaults(operation: Operation, row: Any) -> bool:
    """Return whether a row matches each filter with a default, which always applies."""
    for rule in operation.listing.filters if operation.listing else ():
        parameter = operation.find_parameter(rule.parameter)
        default = parameter.schema.get("default") if parameter else None
        if default is None:
            continue
        accepted_values = default if is_array(default) else [default]
        if rule.values is not None:
            accepted_values = [
                value for name in accepted_values for value in rule.values.get(str(name), ())
            ]
        if not any(
            is_same(json_pointer.follow(row, rule.field), value) for value in accepted_values
        ):
            return False
    return True


def _check_unique(probe: Probe, effect: Effect, request: Sample) -> None:
    """Check that a unique value is rejected the second time."""
    if not is_object(request.body):
        return
    for index, pointer in enumerate(effect.unique):
        name = json_pointer.split(pointer)[0]
        value = _make_unique_value(probe, pointer) or f"driftline-{_make_own_value(probe, index)}"
        body = {**request.body, name: value}
        first = probe.send(request.arguments, body=body)
        if first.ok and (row := find_created_row(probe, effect, first)) is not MISSING:
            check_echoed_fields(probe, effect, body, row, first)
        second = probe.send(request.arguments, body=body)
        if first.ok and second.ok:
            probe.report(
                "effect.unique.accepted",
                find_clause(probe, "unique"),
                message=f"the same {name} is accepted twice",
                expected="a rejection (4xx)",
                got=str(second.status),
                where=name,
                exchange=second,
            )


def _create_again(probe: Probe, request: Sample, body: Any) -> None:
    """Send the body of a row again where a conflict is documented.

    Another row or a conflict is right, unless the conflict is said to be with a row that is there
    already; the check of responses reports a failure.
    """
    if all(response.status != "409" for response in probe.operation.responses):
        return
    exchange = probe.send(request.arguments, body=body)
    conflict = find_duplicate_conflict(probe.operation)
    # A mock does not know which fields are unique.
    if exchange.ok and conflict and not probe.session.target.is_mock:
        message = "the same body is accepted twice"
        report_accepted(probe, "effect.unique.accepted", conflict, message, exchange)


def _make_unique_value(probe: Probe, pointer: str) -> str | None:
    """Return a valid string for a field of the body that no row has, if one can be made."""
    media = probe.operation.body.json if probe.operation.body else None
    schema_pointer = find_schema_at(probe.spec, media.schema_pointer, pointer) if media else None
    return make_new_string(probe.session, schema_pointer) if schema_pointer else None


def _check_idempotency(probe: Probe, effect: Effect, request: Sample) -> None:
    """Check that a request with the same idempotency key takes effect once."""
    header = probe.operation.idempotency_key
    if header is None:
        return
    arguments = {**request.arguments, header: f"driftline-{_make_own_value(probe, 'once')}"}
    body = set_unique_fields(probe.spec, probe.operation, request.body, arguments[header])
    if is_object(body):
        own = {name: _make_unique_value(probe, name) for name in effect.unique}
        body |= {json_pointer.split(name)[0]: value for name, value in own.items() if value}
    first, body = send_new(probe.session, probe.operation, arguments, body)
    second = probe.send(arguments, body=body)
    rows = [
        find_created_row(probe, effect, exchange) if exchange.ok else MISSING
        for exchange in (first, second)
    ]
    if MISSING not in rows and rows[0] != rows[1]:
        clause = probe.operation.find_parameter(header, "header")
        probe.report(
            "effect.repeated",
            clause.pointer if clause else probe.operation.pointer,
            message="a request sent again with the same idempotency key creates another row",
            expected=f"the same row: {describe(rows[0])}",
            got=describe(rows[1]),
            where=header,
            exchange=second,
        )


def _make_own_value(probe: Probe, name: object) -> object:
    """Return a part of a value that no earlier run has sent: a live server keeps their rows."""
    return name if probe.session.target.is_mock else uuid.uuid4().hex


def _check_read_back(probe: Probe, effect: Effect, creations: list[_Created]) -> None:
    """Check that each created row can be read by its ID, and has the sent values."""
    listing = find_listing(probe, effect)
    if listing is None or listing.listing is None:
        return
    for creation in creations:
        row_id = json_pointer.follow(creation.row, listing.listing.id)
        # An empty segment of a path names another path, often that of the listing.
        if row_id in (MISSING, "") or not _passes_defaults(listing, creation.row):
            continue
        for reader in list_operations_about(probe.spec, effect, "read"):
            exchange = call_on_row(probe, reader, row_id)
            if exchange.ok:
                _compare_stored_fields(probe, creation, reader, exchange)
                if creation is creations[0]:
                    _read_again(probe, row_id, reader, exchange)
            else:
                _report_not_found(probe, reader, exchange)


def _read_again(probe: Probe, row_id: Any, reader: Operation, first: Exchange) -> None:
    """Check that reading a row changes none of its timestamps."""
    second = call_on_row(probe, reader, row_id)
    item = reader.effect.item if reader.effect else None
    rows = [find_row(exchange, item) for exchange in (first, second)]
    for name in rows[0] if all(map(is_object, rows)) else ():
        before, after = rows[0][name], rows[1].get(name)
        if is_timestamp(name) and isinstance(before, str) and before != after:
            probe.report(
                "effect.field.changed",
                reader.pointer + "/x-effect/kind",
                message=f"the field {name} changes when the row is read",
                expected=describe(before),
                got=describe(after),
                where=name,
                exchange=second,
                operation=reader.id,
            )


def _compare_stored_fields(
    probe: Probe, creation: _Created, reader: Operation, exchange: Exchange
) -> None:
    """Report each field that is right in the response to the creation but wrong in the row."""
    row = find_row(exchange, reader.effect.item if reader.effect else None)
    body = find_sent_row(probe.spec, probe.operation, creation.body)
    if not is_object(row) or not is_object(body):
        return
    for name, sent_value in body.items():
        shown_values = [version[name] for version in (creation.row, row) if name in version]
        if name in row:
            is_echoed = all(is_same(value, sent_value) for value in shown_values[:-1])
            is_wrong = (
                is_echoed
                and not is_same(row[name], sent_value)
                and _has_to_show(probe, reader, name, sent_value)
            )
        else:
            is_wrong = not shown_values and must_show(probe.spec, reader, name, sent_value)
        if is_wrong:
            got = row.get(name)
            report_changed_field(
                probe, name, "is read back", sent=sent_value, got=got, exchange=creation.exchange
            )


def _has_to_show(probe: Probe, reader: Operation, name: str, sent_value: Any) -> bool:
    item = reader.effect.item if reader.effect else None
    pointer = (item or "") + json_pointer.join(name)
    return shows_sent_value(probe.spec, reader, pointer, sent_value)


def _report_not_found(probe: Probe, reader: Operation, exchange: Exchange) -> None:
    probe.report(
        "effect.not-found",
        reader.pointer + "/x-effect/kind",
        message="the created row cannot be read by its id",
        expected="2xx",
        got=str(exchange.status),
        exchange=exchange,
        operation=reader.id,
    )
