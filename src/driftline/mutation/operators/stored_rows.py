"""Mutants of what a write stores: lost and reset fields, missing rows, failures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import unquote

from driftline.errors import UsageError
from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import (
    Breaks,
    BrokenMock,
    Clause,
    Mutant,
    replace_json,
)
from driftline.mutation.operators.query import read_path_texts
from driftline.mutation.operators.rejections import build_documented_response, build_rejection
from driftline.openapi import (
    MISSING,
    Effect,
    Operation,
    Spec,
    ValuePath,
    change_value,
    find_schema_at,
    follow,
    is_hidden,
    is_object,
    is_valid,
    join,
    list_defaults,
    list_value_paths,
    resolve_schema,
    split,
)
from driftline.suite import cover, is_creation_time, is_same

_OTHER_TIME = "2001-02-03T04:05:06Z"
_VALUES = 12
"""The maximum number of values that are tried to find two that differ."""


def mutate_action(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield actions that fail, or succeed without a row."""
    breaks = accept_missing_row
    yield build_effect_mutant(
        spec, operation, "update", "missing", breaks, "effect.missing.accepted"
    )
    yield _build_failure(spec, operation, "update")


def mutate_update(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield updates that lose a field, reset others, fail, or succeed without a row."""
    make = partial(build_effect_mutant, spec, operation, "update")
    if operation.creates_by_put:
        yield make("creation", _reject_new_row, "effect.not-created")
    else:
        yield make("missing", accept_missing_row, "effect.missing.accepted")
    yield _build_failure(spec, operation, "update")
    fields = list(_list_changeable_fields(spec, operation))
    for field in fields:
        name = field.path[0]
        values = list_values(spec, operation, field)
        breaks = partial(_change_field, name, values, is_sent=True)
        yield make("field", breaks, "effect.field.changed", part=name, locations=frozenset({name}))
        if operation.method != "PUT" and None in values:
            breaks, locations = partial(_ignore_null, name), frozenset({name})
            yield make("null", breaks, "effect.field.changed", part=name, locations=locations)
    if operation.method == "PUT":
        yield from mutate_defaults(spec, operation, "update")
    for name in _list_creation_times(spec, operation):
        breaks = partial(_change_field, name, [_OTHER_TIME], is_sent=False)
        yield make("created", breaks, "effect.field.reset", part=name, locations=frozenset({name}))
    values_by_field = {field.path[0]: list_values(spec, operation, field) for field in fields}
    resets = {name: values for name, values in values_by_field.items() if len(values) > 1}
    if operation.method != "PUT" and len(fields) > 1:
        for name, values in resets.items():
            breaks = partial(_change_field, name, values, is_sent=False)
            locations = frozenset({name})
            yield make("reset", breaks, "effect.field.reset", part=name, locations=locations)


def mutate_defaults(spec: Spec, operation: Operation, kind: str) -> Iterator[Mutant]:
    """Yield mutants that store another value than the default of an omitted field."""
    media = operation.body.json if operation.body else None
    defaults = list_defaults(spec, media.schema_pointer) if media else {}
    for field in list_fields(spec, operation):
        name = field.path[0]
        values = list_values(spec, operation, field)
        if name not in defaults or field.types & {"array", "object"}:
            continue
        pointer, default = defaults[name]
        other_values = [value for value in values if value != default]
        required = name in resolve_schema(spec, media.schema_pointer if media else "").get(
            "required", ()
        )
        clause = Clause(operation, f"effect.{kind}.default", pointer, name)
        yield Mutant.build(
            spec,
            clause,
            partial(_change_default, name, other_values),
            "effect.default.wrong",
            pointers=frozenset({pointer}),
            equivalent=""
            if other_values and not required
            else "it is always sent, or has one value",
        )


def _change_default(
    name: str, values: list[Any], server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    """Store another value of an omitted field."""
    response = server.mock.handle(request)
    effect = operation.effect
    if effect is None or name in read_body(request) or not 200 <= response.status < 300:
        return response
    item = follow(response.parse_json(), effect.item) if effect.item is not None else None
    row = item if is_object(item) else find_row(server, operation, request)
    if row is None:
        return response
    return _store(server, operation, row, _change(name, values, row.get(name)), response)


def _list_creation_times(spec: Spec, operation: Operation) -> Iterator[str]:
    """Return the fields with the time of creation, which no update can set."""
    listing = spec.find_operation(operation.effect.of or "") if operation.effect else None
    response_media = listing.success.json if listing and listing.success else None
    if response_media is None or listing is None or listing.listing is None:
        return
    rows = find_schema_at(spec, response_media.schema_pointer, listing.listing.items + "/0")
    settable = {field.path[0] for field in list_fields(spec, operation)}
    for value_path in list_value_paths(spec, rows) if rows else ():
        name = value_path.path[0] if value_path.path else ""
        is_time = any(schema.get("format") == "date-time" for _, schema in value_path.schemas)
        if (
            len(value_path.path) == 1
            and name not in settable
            and is_time
            and is_creation_time(name)
        ):
            yield name


def mutate_deletion(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield deletions that fail, or succeed without a row despite a 404."""
    yield _build_failure(spec, operation, "delete")
    if operation.documents_missing:
        yield build_effect_mutant(
            spec, operation, "delete", "missing", accept_missing_row, "effect.missing.accepted"
        )


def mutate_stored_fields(spec: Spec, operation: Operation, effect: Effect) -> Iterator[Mutant]:
    """Yield creations with a correct response and another stored value."""
    readers = [
        reader
        for reader in spec.operations
        if reader.effect and (reader.effect.kind, reader.effect.of) == ("read", effect.of)
    ]
    if effect.of is None or not any(
        reader.effect and reader.effect.item == "" for reader in readers
    ):
        return
    unique = {split(pointer)[0] for pointer in effect.unique}
    for field in list_fields(spec, operation):
        name, values = field.path[0], list_values(spec, operation, field)
        if name not in unique and len(values) > 1:
            breaks = partial(_store_other_value, name, values)
            clause = Clause(operation, "effect.stored", f"{operation.pointer}/x-effect/item", name)
            yield Mutant.build(
                spec, clause, breaks, "effect.field.changed", locations=frozenset({name})
            )


def _reject_new_row(server: BrokenMock, operation: Operation, request: HttpRequest) -> HttpResponse:
    """Respond 404 where a PUT creates a row."""
    if find_row(server, operation, request) is None:
        return build_rejection(server.spec, operation, 404)
    return server.mock.handle(request)


def build_effect_mutant(
    spec: Spec,
    operation: Operation,
    kind: str,
    aspect: str,
    breaks: Breaks,
    *expected: str,
    part: str = "",
    **more: Any,
) -> Mutant:
    pointer = f"{operation.pointer}/x-effect/kind"
    clause = Clause(operation, f"effect.{kind}.{aspect}", pointer, part)
    return Mutant.build(spec, clause, breaks, *expected, **more)


def _build_failure(spec: Spec, operation: Operation, kind: str) -> Mutant:
    documented_response = operation.find_response(500)
    is_open = documented_response is None or documented_response.status == "default"
    return build_effect_mutant(
        spec,
        operation,
        kind,
        "failure",
        _fail,
        "response.server-error",
        pointers=frozenset({operation.pointer + "/responses"}),
        equivalent="" if is_open else "a failure of the server is documented",
    )


def _fail(server: BrokenMock, _: Operation, request: HttpRequest) -> HttpResponse:
    """Fail instead of changing a row."""
    response = server.mock.handle(request)
    return HttpResponse(500, (), b"") if 200 <= response.status < 300 else response


def accept_missing_row(
    server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    """Respond as if the row existed."""
    response = server.mock.handle(request)
    success = operation.success
    if response.status != 404 or success is None or not success.status.isdecimal():
        return response
    return build_documented_response(server.spec, operation, int(success.status))


def _list_changeable_fields(spec: Spec, operation: Operation) -> Iterator[ValuePath]:
    """Yield the fields that an update changes: all but the ID of the row."""
    listing = spec.find_operation(operation.effect.of or "") if operation.effect else None
    id_field = split(listing.listing.id)[0] if listing and listing.listing else ""
    return (field for field in list_fields(spec, operation) if field.path[0] != id_field)


def list_fields(spec: Spec, operation: Operation) -> Iterator[ValuePath]:
    """Yield the fields that both request and row have, and that are not the server's own."""
    request_media = operation.body.json if operation.body else None
    listing = spec.find_operation(operation.effect.of or "") if operation.effect else None
    response_media = listing.success.json if listing and listing.success else None
    if (
        request_media is None
        or response_media is None
        or listing is None
        or listing.listing is None
    ):
        return
    rows = find_schema_at(spec, response_media.schema_pointer, listing.listing.items + "/0")
    for field in list_value_paths(spec, request_media.schema_pointer):
        is_top = len(field.path) == 1
        row_pointer = find_schema_at(spec, rows, join(field.path[0])) if rows and is_top else None
        if row_pointer and not is_hidden(spec.document, spec.get_node(row_pointer), "readOnly"):
            yield field


def list_values(spec: Spec, operation: Operation, field: ValuePath) -> list[Any]:
    """Return a few other values of the field; first the one that a careless server resets it to."""
    media = operation.body.json if operation.body else None
    pointer = find_schema_at(spec, media.schema_pointer, join(field.path[0])) if media else None
    if pointer is None:
        return []
    values = [
        value
        for value in cover(spec, pointer, _VALUES, "request")
        if is_valid(spec, field.schemas[0][0], value)
    ]
    return sorted(values, key=lambda value: value not in (None, "", 0, False, [], {}))


def _change_field(
    name: str,
    values: Sequence[Any],
    server: BrokenMock,
    operation: Operation,
    request: HttpRequest,
    *,
    is_sent: bool,
) -> HttpResponse:
    """Keep a field that an update sends, or change one that it does not send."""
    body = read_body(request)
    before = find_row(server, operation, request)
    response = server.mock.handle(request)
    is_changed = body and 200 <= response.status < 300
    if before is None or not is_changed or (name in body) is not is_sent:
        return response
    old = before.get(name, body.get(name))
    change = _change(name, [old, *values], body[name]) if is_sent else _change(name, values, old)
    return _store(server, operation, before, change, response)


def _ignore_null(
    name: str, server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    """Keep the value of a field that an update sets to null."""
    before = find_row(server, operation, request) or {}
    response = server.mock.handle(request)
    is_null = name in before and read_body(request).get(name, MISSING) is None
    if not is_null or not 200 <= response.status < 300:
        return response
    return _store(server, operation, before, {name: before[name]}, response)


def _store_other_value(
    name: str,
    values: list[Any],
    server: BrokenMock,
    operation: Operation,
    request: HttpRequest,
) -> HttpResponse:
    """Store another value of a field than the response to the creation has."""
    body = read_body(request)
    response = server.mock.handle(request)
    effect = operation.effect
    if name not in body or effect is None or not 200 <= response.status < 300:
        return response
    row = follow(response.parse_json(), effect.item or "")
    if is_object(row):
        _store(server, operation, row, _change(name, values, body[name]), response)
    return response


def _change(name: str, values: Iterable[Any], current: Any) -> dict[str, Any]:
    """Return the field with the first of `values` that differs; nothing if none does."""
    candidates = (
        value for value in values if not (is_same(value, current) and is_same(current, value))
    )
    return next(({name: value} for value in candidates), dict[str, Any]())


def _store(
    server: BrokenMock,
    operation: Operation,
    row: Mapping[str, Any],
    change: dict[str, Any],
    response: HttpResponse,
) -> HttpResponse:
    """Change the stored row and the response."""
    effect = operation.effect
    listing = server.spec.find_operation(effect.of or "") if effect else None
    if not change or effect is None or listing is None or listing.listing is None:
        return response
    key = split(listing.listing.id)[0]
    try:
        server.mock.put(listing.id, {key: row[key], **change})
    except UsageError:
        return response  # the row would violate its schema
    if effect.item is None:
        return response
    path = tuple(split(effect.item))
    body = change_value(response.parse_json(), path, lambda item: {**item, **change})
    return replace_json(response, body)


def read_body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}
    return body if is_object(body) else {}


def find_row(
    server: BrokenMock, operation: Operation, request: HttpRequest
) -> dict[str, Any] | None:
    """Return the current row that a request names."""
    effect = operation.effect
    listing = server.spec.find_operation(effect.of or "") if effect else None
    if effect is None or listing is None or listing.listing is None:
        return None
    row_id = unquote(read_path_texts(operation, request.path).get(effect.id or "", ""))
    rows = server.mock.list_rows(listing.id)
    return next((row for row in rows if str(follow(row, listing.listing.id)) == row_id), None)
