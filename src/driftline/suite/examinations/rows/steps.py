"""Steps on rows by `x-effect`: create one, call an operation on it, read it, find a missing ID."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from driftline.checks import (
    NOTHING,
    Exchange,
    Walk,
    build_largest_size,
    format_response,
    to_hashable,
)
from driftline.mock import find_most_rows
from driftline.openapi import (
    MISSING,
    Effect,
    Operation,
    Response,
    Spec,
    find_schema_at,
    find_undocumented_fields,
    is_array,
    is_hidden,
    is_object,
    is_valid,
    list_violations,
    pointer as json_pointer,
    resolve_schema,
)
from driftline.redaction import is_secret_name
from driftline.suite.examinations.listings.walker import Walker
from driftline.suite.http.session import NotAllowed, NotChecked
from driftline.suite.probe import Probe
from driftline.suite.samples import (
    create_row,
    list_existing_ids,
    list_operations_about,
    make_samples,
)
from driftline.suite.unique_values import make_new_string

_ALL = 10
"""A listing without pages and with fewer rows shows all."""
_UNUSED = (
    "00000000-0000-4000-8000-00000000dead",
    "driftline-no-such-row",
    "0" * 23 + "d",
    2_147_483_601,
)


def find_listing(probe: Probe, effect: Effect) -> Operation | None:
    """Return the listing of an effect."""
    listing = probe.spec.find_operation(effect.of) if effect.of else None
    return listing if listing and listing.listing else None


def list_rows(probe: Probe, listing: Operation, row_id: Any) -> Walk:
    """Return all rows of a row's listing, read in the largest pages."""
    size = build_largest_size(probe.spec, listing)
    parents = probe.session.created_rows.find_parents(listing.id, row_id)
    return Walker(Probe(probe.session, listing)).walk({**size, **parents})


def call_on_row(probe: Probe, operation: Operation, row_id: Any, body: Any = NOTHING) -> Exchange:
    """Call an operation on the row with this ID, with this body or a valid one."""
    effect = operation.effect
    parents: Mapping[str, Any] = {}
    if effect:
        parents = probe.session.created_rows.find_parents(effect.of or "", row_id)
    name = effect.id if effect and effect.id else ""
    request = next(make_samples(probe.session, operation, {**parents, name: row_id}))
    if body is NOTHING and operation.body:
        body = request.body
    return probe.session.send(operation, request.arguments, body=body)


def choose_row(probe: Probe, effect: Effect) -> Any:
    """Return the ID of a row that may be changed.

    A mock restores its rows; on a live server, the run creates one.

    Raises:
        NotAllowed: the run may not create one.
        NotChecked: no row exists, and none could be created.
    """
    listing = find_listing(probe, effect)
    if probe.session.target.is_mock and listing is not None and listing.listing is not None:
        ids = list_existing_ids(probe.session, listing)
        if ids:
            return ids[0]
    return create_row(probe.session, effect)


def find_row(exchange: Exchange, item: str | None) -> Any:
    """Return what the response has at `item`, the location of its row; else MISSING."""
    try:
        return MISSING if item is None else json_pointer.follow(exchange.json, item)
    except ValueError:
        return MISSING


def read_row(probe: Probe, effect: Effect, row_id: Any) -> tuple[Any, Exchange | None]:
    """Return the row with this ID, or MISSING, and the exchange that has it.

    It is read by its ID if an operation does that, or else from the listing.
    """
    read = read_by_id(probe, effect, row_id)
    if read is not None:
        return read
    listing = find_listing(probe, effect)
    if listing is None:
        return MISSING, None
    walk = list_rows(probe, listing, row_id)
    for page in walk.pages:
        for row in page.rows:
            if to_hashable(walk.get_id(row)) == to_hashable(row_id):
                return row, page.exchange
    return MISSING, None


def read_by_id(probe: Probe, effect: Effect, row_id: Any) -> tuple[Any, Exchange] | None:
    """Return the row with this ID, or MISSING, and the exchange; None if no operation reads it."""
    for reader in list_operations_about(probe.spec, effect, "read"):
        if reader.effect is not None and reader.effect.item is not None:
            exchange = call_on_row(probe, reader, row_id)
            row = find_row(exchange, reader.effect.item) if exchange.ok else MISSING
            return (row if is_object(row) else MISSING), exchange
    return None


def has_row(probe: Probe, effect: Effect, row_id: Any) -> bool:
    """Return whether a row still exists, read by its ID or from the listing."""
    return read_row(probe, effect, row_id)[0] is not MISSING


def shows_all_rows(probe: Probe, listing: Operation, walk: Walk) -> bool:
    """Return whether a walk read each row; a listing without pages may show only so many."""
    rule = walk.listing
    most_rows = min(rule.size.fixed or _ALL, find_most_rows(probe.spec, listing.id))
    is_part = rule.page.is_single and len(walk.rows) >= most_rows
    return walk.is_complete and not is_part


def lacks_row(probe: Probe, effect: Effect, row_id: Any) -> bool:
    """Return whether a row certainly does not exist, by its ID or the complete listing."""
    read, listing = read_by_id(probe, effect, row_id), find_listing(probe, effect)
    if read is not None or listing is None:
        return read is not None and read[0] is MISSING
    walk = list_rows(probe, listing, row_id)
    return shows_all_rows(probe, listing, walk) and to_hashable(row_id) not in walk.ids


def list_missing_ids(probe: Probe, effect: Effect) -> Iterator[Any]:
    """Yield IDs without a row: of a deleted row, and unknown ones."""
    row_id = None
    for deleter in list_operations_about(probe.spec, effect, "delete")[:1]:
        try:
            row_id = create_row(probe.session, effect)
            # If the row still exists, that is a finding of the deletion.
            is_gone = call_on_row(probe, deleter, row_id).ok and not has_row(probe, effect, row_id)
            if is_gone:
                yield row_id
        except (NotAllowed, NotChecked):
            break
    yield from list_unknown_ids(probe, effect)
    if row_id is None and probe.operation.effect == effect:
        yield from _reserve_missing_id(probe, effect)


def _reserve_missing_id(probe: Probe, effect: Effect) -> Iterator[Any]:
    """Yield a new ID for a live server that deletes no rows, if it says that no row has it."""
    parameter = probe.operation.find_parameter(effect.id or "", "path")
    if parameter is None or probe.session.target.is_mock:
        return
    row_id = make_new_string(probe.session, parameter.schema_pointer)
    read = read_by_id(probe, effect, row_id) if row_id is not None else None
    if row_id is not None and read is not None and read[1].status in {404, 410}:
        probe.session.created_rows.reserve_id(str(effect.of), row_id)
        yield row_id
        probe.session.created_rows.release_id(str(effect.of), row_id)


def list_unknown_ids(probe: Probe, effect: Effect) -> list[Any]:
    """Return IDs that never named a row; none for a live server, whose rows are unknown."""
    parameter = probe.operation.find_parameter(effect.id or "", "path")
    if parameter is None or not probe.session.target.is_mock:
        return []
    schema = parameter.schema_pointer
    return [row_id for row_id in _UNUSED if is_valid(probe.spec, schema, row_id)][:1]


def shows_sent_value(spec: Spec, operation: Operation, pointer: str, value: Any) -> bool:
    """Return whether the success of an operation has to have a sent value at `pointer`.

    Its schema may not allow the value, or name no field of an object in it. What is `readOnly`
    there is the server's own, even if the schema of the request allows clients to send it.
    """
    media = operation.success.json if operation.success else None
    if media is None:
        return True
    schema_pointer = find_schema_at(spec, media.schema_pointer, pointer)
    if schema_pointer is None:
        return True
    if _sets_read_only(spec, schema_pointer, value):
        return False
    violations = list_violations(spec, schema_pointer, value, "response")
    # The server adds other required fields of the response.
    return all(
        violation.clause.endswith("/required") for violation in violations
    ) and not _has_unknown_object(spec, schema_pointer, value)


def _sets_read_only(spec: Spec, schema_pointer: str, value: Any) -> bool:
    """Return whether a value, or a field of an object in it, is `readOnly`."""
    if is_hidden(spec.document, spec.get_node(schema_pointer), "readOnly"):
        return True
    members = value.items() if is_object(value) else enumerate(value if is_array(value) else ())
    fields = (
        (find_schema_at(spec, schema_pointer, json_pointer.join(str(name))), member)
        for name, member in members
    )
    return any(pointer and _sets_read_only(spec, pointer, member) for pointer, member in fields)


def _has_unknown_object(spec: Spec, schema_pointer: str, value: Any) -> bool:
    """Return whether a schema names no field of an object in a value."""
    fields = find_undocumented_fields(spec, schema_pointer, value)
    counts = Counter(field.path.rpartition("/")[0] for field in fields)
    return any(count == len(json_pointer.follow(value, path)) for path, count in counts.items())


def must_show(spec: Spec, operation: Operation, name: str, value: Any) -> bool:
    """Return whether a row must contain a field that was sent with a value.

    A server may leave out what is empty, what is the default, and what is secret.
    """
    media = operation.success.json if operation.success else None
    item = operation.effect.item if operation.effect else None
    if media is None or item is None or is_secret_name(name) or not value:
        return False
    field = json_pointer.join(name)
    schema_pointer = find_schema_at(spec, media.schema_pointer, item + field)
    if schema_pointer is None or not schema_pointer.endswith(json_pointer.join("properties", name)):
        return False
    is_default = resolve_schema(spec, schema_pointer).get("default", MISSING) == value
    is_left_out = is_default or is_hidden(spec.document, spec.get_node(schema_pointer), "writeOnly")
    return not is_left_out and shows_sent_value(spec, operation, item + field, value)


def report_accepted(
    probe: Probe, finding_id: str, rejection: Response, message: str, exchange: Exchange
) -> None:
    """Report a request that succeeds, though the document has a rejection for it."""
    probe.report(
        finding_id,
        rejection.pointer,
        message=message,
        expected=f"{rejection.status}, {rejection.description}",
        got=format_response(exchange),
        exchange=exchange,
    )
