"""Mutants that confuse rows: another row is changed, named, or found below no parent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from urllib.parse import quote

import attrs

from driftline.errors import UsageError
from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import BrokenMock, Clause, Mutant, operator, replace_json
from driftline.mutation.operators.listings.selection import change_id
from driftline.mutation.operators.query import read_path_texts
from driftline.mutation.operators.stored_rows import (
    accept_missing_row,
    build_effect_mutant,
    read_body,
)
from driftline.openapi import (
    MISSING,
    Effect,
    Operation,
    Spec,
    change_value,
    find_required_parent,
    find_schema_at,
    follow,
    split,
)
from driftline.suite import list_operations_about


@operator
def generate_other_row_mutants(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield mutants whose changes and responses are about another row than the request."""
    effect = operation.effect
    listing = spec.find_operation(effect.of or "") if effect else None
    if effect is not None and listing is not None and listing.listing is not None:
        rule = listing.listing
        if effect.kind == "create" and effect.item is not None:
            yield from _mutate_location(spec, operation, effect, effect.item + rule.id)
        elif effect.kind == "update" and not operation.is_action:
            is_nested = "{" in listing.path
            yield from _mutate_updated_rows(spec, operation, effect, rule.id, is_nested=is_nested)
        elif effect.kind == "delete" and not rule.page.is_single:
            make = partial(build_effect_mutant, spec, operation, "delete", "other")
            if list_operations_about(spec, effect, "create"):
                yield make(_delete_neighbor, "effect.not-found")
    yield from _mutate_missing_parent(spec, operation)


def _mutate_updated_rows(
    spec: Spec, operation: Operation, effect: Effect, id_pointer: str, *, is_nested: bool
) -> Iterator[Mutant]:
    """Yield updates that change all rows, or show another id; the suite knows no nested rows."""
    make = partial(build_effect_mutant, spec, operation, "update")
    readers = list_operations_about(spec, effect, "read")
    is_read = any(reader.effect and reader.effect.item is not None for reader in readers)
    if is_read and not is_nested:
        yield make("other", _update_all_rows, "effect.field.reset")
    media = operation.body.json if operation.body else None
    is_set = media and find_schema_at(spec, media.schema_pointer, id_pointer)
    if effect.item is not None and not is_set:
        breaks = partial(_change_shown_id, tuple(split(effect.item + id_pointer)))
        locations = frozenset({split(id_pointer)[-1]})
        yield make("id", breaks, "effect.field.reset", locations=locations)


def _mutate_location(
    spec: Spec, operation: Operation, effect: Effect, pointer: str
) -> Iterator[Mutant]:
    """Yield creations whose documented header Location names another row."""
    headers = operation.success.headers if operation.success else ()
    if not any(header.name.lower() == "location" for header in headers):
        return
    for reader in list_operations_about(spec, effect, "read"):
        breaks = partial(_name_other_row, reader, pointer)
        clause = Clause(operation, "effect.location", f"{operation.pointer}/x-effect/item")
        locations = frozenset({"Location"})
        yield Mutant.build(spec, clause, breaks, "effect.not-found", locations=locations)


def _mutate_missing_parent(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield a listing or creation that succeeds below a parent that does not exist."""
    parent = find_required_parent(spec, operation)
    if parent is not None:
        parameter, _ = parent
        clause = Clause(operation, "effect.parent.missing", parameter.pointer, parameter.name)
        locations = frozenset({parameter.name})
        kind = "effect.missing.accepted"
        yield Mutant.build(spec, clause, accept_missing_row, kind, locations=locations)


def _update_all_rows(
    server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    """Change the sent fields of all rows."""
    response = server.mock.handle(request)
    listing = server.spec.find_operation(operation.effect.of or "") if operation.effect else None
    if not 200 <= response.status < 300 or listing is None or listing.listing is None:
        return response
    sent, name = read_body(request), split(listing.listing.id)[0]
    for row in server.mock.list_rows(listing.id):
        change = {field: sent[field] for field in sent.keys() & row.keys()}
        with suppress(UsageError):  # the row would violate its schema
            server.mock.put(listing.id, {**change, name: row[name]})
    return response


def _change_shown_id(
    path: tuple[str, ...], server: BrokenMock, _: Operation, request: HttpRequest
) -> HttpResponse:
    """Show the changed row with another id."""
    response = server.mock.handle(request)
    if not 200 <= response.status < 300 or not response.body:
        return response
    return replace_json(response, change_value(response.parse_json(), path, change_id))


def _name_other_row(
    reader: Operation,
    pointer: str,
    server: BrokenMock,
    operation: Operation,
    request: HttpRequest,
) -> HttpResponse:
    """Name another row in the header Location."""
    response = server.mock.handle(request)
    row_id = follow(response.parse_json(), pointer) if 200 <= response.status < 300 else MISSING
    if row_id is MISSING or reader.effect is None:
        return response
    names = {**read_path_texts(operation, request.path), str(reader.effect.id): change_id(row_id)}
    path = re.sub(r"{([^{}]+)}", lambda match: quote(str(names[match[1]]), safe=""), reader.path)
    return response.replace_headers(("Location", path))


def _delete_neighbor(
    server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    """Delete the latest other row, too."""
    effect = operation.effect
    listing = server.spec.find_operation(effect.of or "") if effect else None
    response = server.mock.handle(request)
    if effect is None or listing is None or not 200 <= response.status < 300:
        return response
    rows = server.mock.list_rows(listing.id)
    if rows and listing.listing:
        parts, name = request.path.split("/"), f"{{{effect.id}}}"
        turn = operation.path.split("/").index(name)
        parts[turn] = quote(str(follow(rows[-1], listing.listing.id)), safe="")
        server.mock.handle(attrs.evolve(request, path="/".join(parts)))
    return response
