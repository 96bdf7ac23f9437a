"""Rows by `x-effect`: create one, call an operation on it, read it back, name a missing one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from driftline.checks import (
    NOTHING,
    Exchange,
    Walk,
    build_largest_size,
    format_response,
    to_hashable,
)
from driftline.openapi import (
    MISSING,
    Effect,
    Operation,
    Spec,
    is_object,
    list_violations,
    pointer as json_pointer,
)
from driftline.suite.examinations.walker import Walker
from driftline.suite.fuzzing.unique import set_unique_fields
from driftline.suite.http.session import NotAllowed, NotChecked
from driftline.suite.probe import Probe
from driftline.suite.samples import make_samples

_UNUSED = (
    "00000000-0000-4000-8000-00000000dead",
    "driftline-no-such-row",
    "0" * 23 + "d",
    2_147_483_601,
)


def find_listing(probe: Probe, effect: Effect) -> Operation | None:
    """Return the listing that an effect is about."""
    found = probe.spec.find_operation(effect.of) if effect.of else None
    return found if found and found.listing else None


def list_operations_about(probe: Probe, effect: Effect, kind: str) -> list[Operation]:
    """Return the operations that do something to the rows of the same listing."""
    return [
        operation
        for operation in probe.spec.operations
        if operation.effect and operation.effect.kind == kind and operation.effect.of == effect.of
    ]


def list_rows(probe: Probe, listing: Operation) -> Walk:
    """Read all that is listed, by the largest pages."""
    return Walker(Probe(probe.session, listing)).walk(build_largest_size(probe.spec, listing))


def call_on_row(probe: Probe, operation: Operation, row_id: Any, body: Any = NOTHING) -> Exchange:
    """Call an operation on the row of this id, with this body or a valid one."""
    name = operation.effect.id if operation.effect and operation.effect.id else ""
    request = next(make_samples(probe.session, operation, {name: row_id}))
    if body is NOTHING and operation.body:
        body = request.body
    return probe.session.send(operation, request.arguments, body=body)


def choose_row(probe: Probe, effect: Effect) -> Any:
    """Return the id of a row that may be changed.

    A mock has rows, and takes changes back; on a live server the run creates one.

    Raises:
        NotAllowed: the run may not create one.
        NotChecked: there is none, and none could be created.
    """
    listing = find_listing(probe, effect)
    if probe.session.target.is_mock and listing is not None and listing.listing is not None:
        ids = _list_first_ids(probe, listing)
        if ids:
            return ids[0]
    return create_row(probe, effect)


def _list_first_ids(probe: Probe, listing: Operation) -> list[Any]:
    walk = Walker(Probe(probe.session, listing)).walk(max_pages=1)
    return [walk.get_id(row) for row in walk.rows if walk.get_id(row) is not None]


def create_row(probe: Probe, effect: Effect) -> Any:
    """Create a row like those of the effect, and return its id.

    Raises:
        NotAllowed: the run may not create one.
        NotChecked: the document has no operation for it, or the server rejected the request.
    """
    listing = find_listing(probe, effect)
    reason = f"not checked: no operation creates a row of {effect.of}"
    for creator in list_operations_about(probe, effect, "create"):
        if creator.effect is None or creator.effect.item is None or listing is None:
            continue
        request = next(make_samples(probe.session, creator))
        unique = make_unique_string(probe)
        for body in (
            set_unique_fields(creator.effect, request.body, unique),
            vary_strings(probe.spec, creator, request.body, unique),
        ):
            exchange = probe.session.send(creator, request.arguments, body=body)
            row_id = _find_id(creator.effect, listing, exchange)
            if row_id is not MISSING:
                return row_id
            reason = f"not checked: {creator.id} created no row: {format_response(exchange)}"
    raise NotChecked(reason)


def make_unique_string(probe: Probe) -> str:
    """Return a string for one use: a live server keeps what earlier runs created."""
    is_mock = probe.session.target.is_mock
    return f"driftline-{probe.session.sent if is_mock else uuid.uuid4().hex[:12]}"


def vary_strings(spec: Spec, operation: Operation, body: Any, unique: str) -> Any:
    """Return a body with `unique` in each free string field: one of them may have to be unique."""
    media = operation.body.json if operation.body else None
    if media is None or not is_object(body):
        return body
    for name, value in body.items():
        changed = {**body, name: unique}
        if isinstance(value, str) and not list_violations(spec, media.schema_pointer, changed):
            body = changed
    return body


def _find_id(effect: Effect, listing: Operation, exchange: Exchange) -> Any:
    row = _follow(exchange, effect.item or "")
    found = json_pointer.follow(row, listing.listing.id) if listing.listing else MISSING
    return found if exchange.ok and isinstance(found, str | int) else MISSING


def _follow(exchange: Exchange, pointer: str) -> Any:
    try:
        return json_pointer.follow(exchange.json, pointer)
    except ValueError:
        return MISSING


def read_row(probe: Probe, effect: Effect, row_id: Any) -> tuple[Any, Exchange | None]:
    """Return the row of this id, or MISSING, and the exchange that has it.

    It is read by its id where an operation does that, or else from the listing.
    """
    for reader in list_operations_about(probe, effect, "read"):
        if reader.effect is not None and reader.effect.item is not None:
            exchange = call_on_row(probe, reader, row_id)
            row = _follow(exchange, reader.effect.item) if exchange.ok else MISSING
            return (row if is_object(row) else MISSING), exchange
    listing = find_listing(probe, effect)
    if listing is None:
        return MISSING, None
    walk = list_rows(probe, listing)
    for page in walk.pages:
        for row in page.rows:
            if to_hashable(walk.get_id(row)) == to_hashable(row_id):
                return row, page.exchange
    return MISSING, None


def has_row(probe: Probe, effect: Effect, row_id: Any) -> bool:
    """Return whether a row is still there, read by its id or from the listing."""
    return read_row(probe, effect, row_id)[0] is not MISSING


def list_missing_ids(probe: Probe, effect: Effect) -> Iterator[Any]:
    """Yield ids that name no row: of one that was deleted, and unknown ones."""
    for deleter in list_operations_about(probe, effect, "delete")[:1]:
        try:
            row_id = create_row(probe, effect)
            # One that is still there is a finding of the deletion, and not of this operation.
            is_gone = call_on_row(probe, deleter, row_id).ok and not has_row(probe, effect, row_id)
            if is_gone:
                yield row_id
        except (NotAllowed, NotChecked):
            break
    yield from list_unknown_ids(probe, effect)


def list_unknown_ids(probe: Probe, effect: Effect) -> list[Any]:
    """Return an id that never named a row; none on a live server, whose rows nobody knows."""
    parameter = probe.operation.find_parameter(effect.id or "", "path")
    if parameter is None or not probe.session.target.is_mock:
        return []
    schema = parameter.schema_pointer
    return [each for each in _UNUSED if not list_violations(probe.spec, schema, each)][:1]


def documents_missing(operation: Operation) -> bool:
    """Return whether an operation documents what it responds where there is no such row."""
    return any(response.status in {"404", "410", "4XX"} for response in operation.responses)
