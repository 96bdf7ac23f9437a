"""What operations do, from `x-effect`: created rows are listed, can be read and be deleted."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from driftline.checks.exchange import Exchange, format_response
from driftline.checks.listing.walk import Walk, build_largest_size, to_hashable
from driftline.checks.outgoing import NOTHING
from driftline.openapi import pointer as json_pointer
from driftline.openapi.extensions.rules import Effect
from driftline.openapi.model import Operation
from driftline.openapi.pointer import MISSING, is_object
from driftline.openapi.schema.validation import describe
from driftline.suite.examinations.hostile_strings import make_hostile_bodies
from driftline.suite.examinations.walker import Walker
from driftline.suite.fuzzing.covering import cover
from driftline.suite.fuzzing.unique import set_unique_fields
from driftline.suite.probe import Probe
from driftline.suite.samples import Sample, fill_with_existing_ids, make_samples

__all__ = ["check_creation"]

GENERATED = 2
# Not refused for what is asked, or for how long it is.
_OTHERWISE = frozenset({401, 403, 409, 413, 429})


def check_creation(probe: Probe) -> None:
    """Creates rows from the examples and from generated bodies, and looks for each."""
    effect = probe.operation.effect
    if effect is None or effect.kind != "create":
        return
    requests = list(make_samples(probe.session, probe.operation))
    media = probe.operation.body.json if probe.operation.body else None
    if media is not None and probe.session.target.is_mock:
        base, schema = requests[0], media.schema_pointer
        for body in cover(probe.spec, schema, GENERATED, "request"):
            filled = fill_with_existing_ids(probe.session, schema, body)
            requests.append(Sample("generated", base.arguments, filled))
        odd = make_hostile_bodies(probe.spec, schema, base.body, probe.session.seed)
        requests += [Sample("odd texts", base.arguments, body) for body in odd]
    created: list[tuple[Exchange, Any]] = []
    for request in requests:
        exchange = probe.send(request.arguments, body=request.body)
        if exchange.ok and (row := _find_row(probe, effect, exchange)) is not MISSING:
            created.append((exchange, row))
            _check_echoed_fields(probe, effect, request.body, row, exchange)
        refused = 400 <= exchange.status < 500 and exchange.status not in _OTHERWISE
        if refused and request.name == "odd texts":
            _report_rejection(probe, exchange)
    _check_listed(probe, effect, created)
    if requests:
        _check_unique(probe, effect, requests[0])
        _check_idempotency(probe, effect, requests[0])
    if created:
        _check_lifetime(probe, effect, *created[-1])


def _report_rejection(probe: Probe, exchange: Exchange) -> None:
    probe.report(
        "request.valid.refused",
        probe.operation.pointer,
        message="the server rejected a valid request for its strings",
        expected="2xx",
        got=format_response(exchange),
        exchange=exchange,
    )


def _find_clause(probe: Probe, word: str) -> str:
    return f"{probe.operation.pointer}/x-effect/{word}"


def _find_row(probe: Probe, effect: Effect, exchange: Exchange) -> Any:
    """The row in the answer, or MISSING."""
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
        _find_clause(probe, "item"),
        message="the answer does not hold the row that was created",
        expected=f"an object at {effect.item or 'the top of the body'}",
        got=describe(row or None),
        exchange=exchange,
    )
    return MISSING


def _check_echoed_fields(
    probe: Probe, effect: Effect, body: Any, row: Any, exchange: Exchange
) -> None:
    """Fields that the request and the row both have are the same."""
    if not is_object(body):
        return
    for name, sent in body.items():
        if name in row and not isinstance(sent, (dict, list)) and not _is_same(row[name], sent):
            probe.report(
                "effect.field.changed",
                _find_clause(probe, "item"),
                message=f"the field {name} comes back with another value than was sent",
                expected=describe(sent),
                got=describe(row[name]),
                where=name,
                exchange=exchange,
            )


def _is_same(found: Any, sent: Any) -> bool:
    if isinstance(found, str) and isinstance(sent, str):
        return found == sent or _parse_timestamp(found) == _parse_timestamp(sent) is not None
    return bool(found == sent)


def _parse_timestamp(text: str) -> Any:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _find_listing(probe: Probe, effect: Effect) -> Operation | None:
    found = probe.spec.find_operation(effect.of) if effect.of else None
    return found if found and found.listing else None


def _check_listed(probe: Probe, effect: Effect, created: list[tuple[Exchange, Any]]) -> None:
    listing = _find_listing(probe, effect)
    if listing is None or listing.listing is None or not created:
        return
    walk = _list_rows(probe, listing)
    if not walk.complete or walk.listing.page.style == "single":
        return
    seen = set(walk.ids)
    for exchange, row in created:
        row_id = json_pointer.follow(row, listing.listing.id)
        if row_id is not MISSING and to_hashable(row_id) not in seen:
            probe.report(
                "effect.not-listed",
                _find_clause(probe, "of"),
                message=f"what was created is not in {listing.id}",
                expected=f"a row {describe(row_id)}",
                got=f"{len(seen)} rows without it",
                exchange=exchange,
            )


def _list_rows(probe: Probe, listing: Operation) -> Walk:
    """All that is listed, by the largest pages."""
    return Walker(Probe(probe.session, listing)).walk(build_largest_size(probe.spec, listing))


def _check_unique(probe: Probe, effect: Effect, request: Sample) -> None:
    """The same unique value twice is refused the second time."""
    if not is_object(request.body):
        return
    for index, pointer in enumerate(effect.unique):
        name = json_pointer.split(pointer)[0]
        body = {**request.body, name: f"driftline-{_make_own_value(probe, index)}"}
        first = probe.send(request.arguments, body=body)
        if first.ok and (row := _find_row(probe, effect, first)) is not MISSING:
            _check_echoed_fields(probe, effect, body, row, first)
        second = probe.send(request.arguments, body=body)
        if first.ok and second.ok:
            probe.report(
                "effect.unique.accepted",
                _find_clause(probe, "unique"),
                message=f"the same {name} is accepted twice",
                expected="a rejection (4xx)",
                got=str(second.status),
                where=name,
                exchange=second,
            )


def _check_idempotency(probe: Probe, effect: Effect, request: Sample) -> None:
    """The same request with the same idempotency key is carried out once."""
    header = probe.operation.idempotency_key
    if header is None:
        return
    arguments = {**request.arguments, header: f"driftline-{_make_own_value(probe, 'once')}"}
    body = set_unique_fields(effect, request.body, arguments[header])
    first, second = (probe.send(arguments, body=body) for _ in range(2))
    rows = [_find_row(probe, effect, each) if each.ok else MISSING for each in (first, second)]
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
    """Part of a value for one use: a live server keeps what earlier runs created."""
    return name if probe.session.target.is_mock else uuid.uuid4().hex


def _check_lifetime(probe: Probe, effect: Effect, exchange: Exchange, row: Any) -> None:
    """A created row can be read by its id, and is gone once it is deleted."""
    listing = _find_listing(probe, effect)
    if listing is None or listing.listing is None:
        return
    row_id = json_pointer.follow(row, listing.listing.id)
    if row_id is MISSING:
        return
    readers = _list_operations_about(probe, effect, "read")
    for reader in readers:
        answer = _call(probe, reader, row_id)
        if not answer.ok:
            _check_deleted(probe, "effect.not-found", reader, answer, "cannot be read by its id")
    for deleter in _list_operations_about(probe, effect, "delete"):
        if not _call(probe, deleter, row_id).ok:
            continue
        for reader in readers:
            answer = _call(probe, reader, row_id)
            if answer.ok:
                _check_deleted(probe, "effect.not-deleted", deleter, answer, "is still there")
        walk = _list_rows(probe, listing)
        if to_hashable(row_id) in set(walk.ids):
            page = walk.pages[0].exchange
            _check_deleted(probe, "effect.not-deleted", deleter, page, "is still listed")
        return


def _list_operations_about(probe: Probe, effect: Effect, kind: str) -> list[Operation]:
    return [
        operation
        for operation in probe.spec.operations
        if operation.effect and operation.effect.kind == kind and operation.effect.of == effect.of
    ]


def _call(probe: Probe, operation: Operation, row_id: Any) -> Exchange:
    request = next(make_samples(probe.session, operation))
    name = operation.effect.id if operation.effect and operation.effect.id else ""
    body = request.body if operation.body else NOTHING
    return probe.session.send(operation, {**request.arguments, name: row_id}, body=body)


def _check_deleted(
    probe: Probe, kind: str, operation: Operation, exchange: Exchange, what: str
) -> None:
    probe.report(
        kind,
        operation.pointer + "/x-effect/kind",
        message=f"what was created {what}",
        expected="2xx" if kind == "effect.not-found" else "404, or no such row",
        got=str(exchange.status),
        exchange=exchange,
        operation=operation.id,
    )
