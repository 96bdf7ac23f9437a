"""Updates by `x-effect`: each field alone, all fields, invalid bodies, and missing rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from driftline.checks import Exchange
from driftline.openapi import (
    MISSING,
    Effect,
    RowReference,
    ValuePath,
    describe,
    fill_references,
    find_schema_at,
    is_array,
    is_object,
    is_valid,
    list_defaults,
    list_value_paths,
    locate_fields,
    parse_reference_rule,
    pointer as json_pointer,
    resolve_schema,
)
from driftline.suite.examinations.rows.body_defaults import check_body_defaults
from driftline.suite.examinations.rows.field_names import is_relation
from driftline.suite.examinations.rows.forbidden_states import check_forbidden_states
from driftline.suite.examinations.rows.same_value import is_alike, is_same
from driftline.suite.examinations.rows.steps import (
    choose_row,
    find_listing,
    find_row,
    must_show,
    shows_sent_value,
)
from driftline.suite.examinations.rows.updates.actions import check_action
from driftline.suite.examinations.rows.updates.duplicates import list_unique_names, send_duplicates
from driftline.suite.examinations.rows.updates.neighbors import find_neighbor
from driftline.suite.examinations.rows.updates.other_fields import (
    compare_fixed,
    compare_id,
    compare_items,
    compare_others,
)
from driftline.suite.examinations.rows.updates.update_request import Update
from driftline.suite.examinations.rows.updates.versions import (
    accepts_other_version,
    compare_stamps,
    compare_tags,
    reject_current_version,
)
from driftline.suite.examinations.rows.updates.wrong_updates import (
    check_missing,
    create_by_put,
    send_wrong_bodies,
)
from driftline.suite.fuzzing.covering import cover
from driftline.suite.probe import Probe
from driftline.suite.samples import list_existing_ids, list_operations_about, make_samples
from driftline.suite.telling_values import FRACTIONS, lengthen_lists
from driftline.suite.unique_values import make_unique_string

MOST_FIELDS = 24
"""How many fields of one body are updated alone."""
_CANDIDATES = 8
_OFFSET: Final = re.compile(r"T\d\d:\d\d:\d\d\+")
_NOTHING: Final[tuple[Any, ...]] = (None, "", [], {})
# Statuses that do not reject the value of the field.
_OTHERWISE = frozenset({401, 403, 404, 409, 410, 413, 423, 429})


def check_updates(probe: Probe) -> None:
    """Update a row with valid and invalid bodies."""
    operation, effect = probe.operation, probe.operation.effect
    media = operation.body.json if operation.body else None
    if effect is None or effect.kind != "update" or effect.id is None:
        return
    if operation.creates_by_put:  # first, since it may be what creates the row to change
        create_by_put(probe, effect)
    row_id = choose_row(probe, effect)
    if operation.is_action or media is None or not media.schema_pointer:
        check_action(probe, effect, row_id)
        check_missing(probe, effect)
        check_forbidden_states(probe, effect)
        return
    update = _build_update(probe, effect, media.schema_pointer, row_id)
    _update_all_fields(update)
    if not update.is_partial:
        _replace_row(update)
    if update.is_partial:  # from values that are not the defaults, to which a server may reset them
        _update_each_field(update)
        _clear_fields(update)
    send_wrong_bodies(update)
    send_duplicates(update)
    accepts_other_version(probe, effect, row_id)
    check_missing(probe, effect)
    check_forbidden_states(probe, effect)


def _build_update(probe: Probe, effect: Effect, schema: str, row_id: Any) -> Update:
    body = next(make_samples(probe.session, probe.operation, {effect.id or "": row_id})).body
    location = locate_fields(probe.spec, probe.operation, body)
    inner_schema = find_schema_at(probe.spec, schema, location) or schema
    inner = location.removeprefix(effect.item or "")
    id_field = "" if inner else _find_id_field(probe, effect)
    fields = json_pointer.follow(body, location)
    return Update(
        probe=probe,
        effect=effect,
        schema=inner_schema,
        row_id=row_id,
        body=_name_row(probe, inner_schema, fields, {id_field: row_id}),
        fields=tuple(_list_fields(probe, inner_schema, id_field)),
        wrapper=body,
        location=location,
        inner=inner,
    )


def _find_id_field(probe: Probe, effect: Effect) -> str:
    """Return the field that has the ID of a row, or that contains it."""
    listing = find_listing(probe, effect)
    return json_pointer.split(listing.listing.id)[0] if listing and listing.listing else ""


def _name_row(probe: Probe, schema: str, body: Any, row_id: dict[str, Any]) -> dict[str, Any]:
    """Return a body that names the row that it is sent to, if it names one."""
    if not is_object(body):
        return {}
    own = {**body, **row_id}
    is_fit = row_id.keys() <= body.keys() and is_valid(probe.spec, schema, own, "request")
    return own if is_fit else body


def _list_fields(probe: Probe, schema: str, id_field: str) -> Iterator[ValuePath]:
    """Yield the fields of the body that a client can set, without the ID of the row."""
    fields = [
        value_path
        for value_path in list_value_paths(probe.spec, schema)
        if len(value_path.path) == 1
    ]
    for field in fields[:MOST_FIELDS]:
        if not field.is_read_only and field.path[0] != id_field:
            yield field


def _choose_value(update: Update, field: ValuePath, current: Any) -> Any:
    """Return a valid value that differs from the field's value, or MISSING."""
    name, spec = field.path[0], update.probe.spec
    pointer = find_schema_at(spec, update.schema, json_pointer.join(name))
    listing = spec.find_operation(parse_reference_rule(spec, pointer) or "") if pointer else None
    if pointer is None or (listing is None and is_relation(name, field)):
        return MISSING
    if listing is not None:
        values = list(list_existing_ids(update.probe.session, listing))
    else:
        values = list(_fill_each(update, pointer, cover(spec, pointer, _CANDIDATES, "request")))
        values += lengthen_lists(spec, pointer, values)
        values += FRACTIONS if "number" in field.types else ()
    if name in list_unique_names(update):
        values = [make_unique_string(update.probe.session)]
    values.sort(key=partial(_rank_value, current))
    usable = (candidate for candidate in values if is_valid(spec, pointer, candidate, "request"))
    return next((candidate for candidate in usable if not is_alike(current, candidate)), MISSING)


def _fill_each(update: Update, pointer: str, values: Iterable[Any]) -> Iterator[Any]:
    """Yield the values, with ids of rows where they refer to some: of each row in turn."""
    spec, session = update.probe.spec, update.probe.session
    for turn, value in enumerate(values):

        def choose(reference: RowReference, old: Any, turn: int = turn) -> Any:
            listing = spec.find_operation(reference.of)
            row_ids = list_existing_ids(session, listing) if listing else ()
            return row_ids[turn % len(row_ids)] if row_ids else old

        yield fill_references(spec, pointer, value, choose)


def _rank_value(current: Any, value: Any) -> tuple[bool, bool, bool]:
    """Return the rank of a value to set: plain ones first, then what tells a careless server.

    A spec need not describe the effect of null or empty values. A list without the current items
    shows whether it is replaced, a fraction whether numbers are rounded, and an offset whether the
    time remains the same.
    """
    items = value if is_array(value) else ()
    current_items = current if is_array(current) else ()
    is_mixed = any(item in _NOTHING or item in current_items for item in items)
    is_short = is_array(value) and len(items) == 1
    has_fraction = isinstance(value, float) and not value.is_integer()
    has_offset = isinstance(value, str) and _OFFSET.search(value) is not None
    return value in _NOTHING, is_mixed, is_short or not (items or has_fraction or has_offset)


def _update_each_field(update: Update) -> None:
    """Change one field after the other; the others must stay unchanged."""
    before = update.read()
    for field in update.fields:
        name = field.path[0]
        current = before.get(name, MISSING) if is_object(before) else MISSING
        value = _choose_value(update, field, current)
        alone = {name: value}
        bodies = [] if value is MISSING else [alone, {**update.body, **alone}]
        body = next((candidate for candidate in bodies if update.is_valid(candidate)), None)
        if body is None:
            continue
        exchange, body = update.send_new(body)
        if not exchange.ok:
            if not is_relation(name, field):  # a row may have to keep its owner
                _report_rejection(update, name, exchange)
            continue
        after = update.read()
        _compare_sent(update, body, after, exchange)
        if len(body) == 1:
            compare_others(update, name, before, after, exchange)
        before = after


def _clear_fields(update: Update) -> None:
    """Set each field to null that requests and responses may have as null."""
    before = update.read()
    for field in update.fields if is_object(before) else ():
        name, alone = field.path[0], {field.path[0]: None}
        current = before.get(name)
        is_open = is_relation(name, field) or not update.is_valid(alone)
        if current in _NOTHING or is_open or not _can_be_shown(update, name, None):
            continue
        exchange = update.send(alone)
        after = update.read()
        if exchange.ok and is_object(after) and is_same(after.get(name), current):
            update.probe.report(
                "effect.field.changed",
                update.clause,
                message=f"the field {name} keeps its value when an update sets it to null",
                expected="null",
                got=describe(current),
                where=name,
                exchange=exchange,
            )


def _report_rejection(update: Update, name: str, exchange: Exchange) -> None:
    if not 400 <= exchange.status < 500 or exchange.status in _OTHERWISE:
        return  # a failure of the server is a finding about the response
    field = find_schema_at(update.probe.spec, update.schema, json_pointer.join(name))
    message = f"the server rejected a valid update of the field {name}"
    update.probe.report_rejection(exchange, message, field or update.clause, where=name)


def _compare_sent(update: Update, body: Mapping[str, Any], after: Any, exchange: Exchange) -> None:
    """Report each field without the sent value."""
    item = update.effect.item
    returned_row = find_row(exchange, None if item is None else item + update.inner)
    rows = [row for row in (returned_row, after) if is_object(row)]
    settable = {field.path[0] for field in update.fields}
    for name in settable & body.keys():
        sent_value = body[name]
        wrong = [row[name] for row in rows if name in row and not is_same(row[name], sent_value)]
        readers = list_operations_about(update.probe.spec, update.effect, "read")
        if not wrong and rows and not any(name in row for row in rows):
            wrong = [
                None for reader in readers if must_show(update.probe.spec, reader, name, sent_value)
            ]
        if wrong and _can_be_shown(update, name, sent_value):
            update.probe.report(
                "effect.field.changed",
                update.clause,
                message=f"the field {name} does not have the value that an update gave it",
                expected=describe(sent_value),
                got=describe(wrong[0]),
                where=name,
                exchange=exchange,
            )


def _can_be_shown(update: Update, name: str, value: Any) -> bool:
    """Return whether responses have to have a sent value, since requests may allow others."""
    spec, effect = update.probe.spec, update.effect
    readers = list_operations_about(spec, effect, "read")
    row_locations = [
        (operation, operation.effect.item)
        for operation in (update.probe.operation, *readers)
        if operation.effect is not None
    ]
    listing = spec.find_operation(effect.of or "")
    if listing is not None and listing.listing is not None:
        row_locations.append((listing, f"{listing.listing.items}/0"))
    field = json_pointer.join(name)
    return all(
        shows_sent_value(spec, operation, pointer + update.inner + field, value)
        for operation, pointer in row_locations
        if pointer is not None
    )


def _update_all_fields(update: Update) -> None:
    """Change all fields in one request."""
    neighbor, (before, first) = find_neighbor(update), update.read_with_exchange()
    relations = [field for field in update.fields if is_relation(field.path[0], field)]
    plain_fields = [field for field in update.fields if field not in relations]
    body = _change_fields(update, update.fields, before)
    if not body or not update.is_valid(body):
        return
    exchange, body = update.send_new(body)
    if relations and not exchange.ok:  # a row may have to keep its owner
        exchange, body = update.send_new(_change_fields(update, plain_fields, before))
    if exchange.ok:
        after, second = update.read_with_exchange()
        compare_tags(update.probe, (before, after), (first, second))
        compare_stamps(update, body, (before, after))
        _compare_sent(update, body, after, exchange)
        compare_items(update, body, before, after, exchange)
        compare_fixed(update, body, before, after, exchange)
        compare_id(update, body, exchange)
        if neighbor is not None:
            neighbor.check(update, body, exchange)
    else:
        reject_current_version(update, exchange)
        if not relations:
            _report_rejection(update, "", exchange)


def _change_fields(update: Update, fields: Sequence[ValuePath], before: Any) -> dict[str, Any]:
    """Return a body with another value in each of the fields."""
    body = dict(update.body)
    for field in fields:
        name = field.path[0]
        current = before.get(name, MISSING) if is_object(before) else MISSING
        value = _choose_value(update, field, current)
        if value is not MISSING and update.is_valid({**body, name: value}):
            body[name] = value
    return body


def _replace_row(update: Update) -> None:
    """Send only the required fields: PUT resets the others to their defaults."""
    media = update.probe.operation.body
    required = resolve_schema(update.probe.spec, update.schema).get("required", ())
    body = {name: value for name, value in update.body.items() if name in required}
    defaults = list_defaults(update.probe.spec, update.schema)
    if media is None or not defaults.keys() - body.keys() or not update.is_valid(body):
        return
    exchange, body = update.send_new(body)
    if exchange.ok:
        check_body_defaults(update.probe, body, update.read(), exchange)
