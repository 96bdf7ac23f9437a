"""Mutants of `x-effect`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs

from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import (
    Breaks,
    BrokenMock,
    Clause,
    Mutant,
    list_keyword_pointers,
    operator,
    replace_json,
    replace_request_body,
)
from driftline.mutation.operators.lost_fields import (
    mutate_lost_fields,
    mutate_lost_letters,
    mutate_lost_updates,
)
from driftline.mutation.operators.rejections import build_documented_response, build_rejection
from driftline.mutation.operators.rows_read import (
    mutate_listed_rows,
    mutate_parents,
    mutate_read_times,
)
from driftline.mutation.operators.stored_rows import (
    mutate_action,
    mutate_defaults,
    mutate_deletion,
    mutate_stored_fields,
    mutate_update,
)
from driftline.openapi import (
    REMOVED,
    Effect,
    Operation,
    Spec,
    ValuePath,
    change_value,
    follow,
    is_array,
    is_object,
    is_valid,
    list_value_paths,
    split,
)
from driftline.suite import cover, is_same

SPARE = (
    *("driftline", "https://driftline.example.com/", "2001-02-03T04:05:06Z", "2001-02-03"),
    *("00000000-0000-4000-8000-0000000d41f7", 7_777, 77.5, True, False, 1, 2),
)


@operator
def generate_effect_mutants(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield every mutant of the operation's effect."""
    effect = operation.effect
    if effect is None:
        return
    make = partial(_build_mutant, spec, operation)
    if effect.item is not None:
        path = tuple(split(effect.item))
        breaks = _edit_body(
            partial(change_value, path=path, change=lambda _: REMOVED if path else [])
        )
        # At the top of the body, its schema says the same.
        schema = _find_schema(operation, effect.item)
        same = (
            list_keyword_pointers(f"{spec.resolve(schema)[0]}/type")
            if not path and schema
            else frozenset[str]()
        )
        ids = ("effect.item.missing", *(["response.type.wrong"] if same else []))
        yield make("item", "item", breaks, *ids, pointers=same)
    if effect.kind == "create":
        yield from _mutate_creation(spec, operation, effect)
    elif effect.kind == "read":
        yield make("read", "kind", _respond_not_found, "effect.not-found")
        yield from mutate_read_times(spec, operation, effect)
        if effect.id is not None:
            yield from mutate_listed_rows(spec, operation)
    elif effect.kind == "delete":
        yield make("delete", "kind", _keep_row, "effect.not-deleted")
        yield from mutate_deletion(spec, operation)
    elif not operation.is_action:
        yield make("update", "kind", _keep_row, "effect.field.changed")
        yield from mutate_update(spec, operation)
        yield from mutate_lost_updates(spec, operation)
    else:
        yield from mutate_action(spec, operation)
    yield from mutate_parents(spec, operation)


def _find_schema(operation: Operation, item: str) -> str:
    media = operation.success.json if operation.success else None
    return media.schema_pointer if media and not item else ""


def _build_mutant(
    spec: Spec,
    operation: Operation,
    kind: str,
    key: str,
    breaks: Breaks | None,
    *expected: str,
    part: str = "",
    **more: Any,
) -> Mutant:
    pointer = f"{operation.pointer}/x-effect/{key}"
    clause = Clause(operation, f"effect.{kind}", pointer, part)
    return Mutant.build(spec, clause, breaks, *expected, **more)


def _edit_body(change: Callable[[Any], Any]) -> Breaks:
    def breaks(server: BrokenMock, _: Operation, request: HttpRequest) -> HttpResponse:
        response = server.mock.handle(request)
        if not 200 <= response.status < 300 or not response.body:
            return response
        return replace_json(response, change(response.parse_json()))

    return breaks


def _mutate_creation(spec: Spec, operation: Operation, effect: Effect) -> Iterator[Mutant]:
    make = partial(_build_mutant, spec, operation)
    listing = spec.find_operation(effect.of) if effect.of else None
    if listing and listing.listing and effect.item is not None:
        single = listing.listing.page.is_single
        reason = "only the first page can be asked for" if single else ""
        also = frozenset({listing.id})
        unlisted = partial(_hide_created, listing, effect.item)
        yield make("of", "of", unlisted, "effect.not-listed", also=also, equivalent=reason)
    for pointer in effect.unique:
        breaks = partial(_accept_taken_value, pointer, effect.item)
        kind = "effect.unique.accepted"
        yield make("unique", "unique", breaks, kind, part=split(pointer)[0])
    if effect.item is not None:
        yield from _mutate_repetition(spec, operation, effect)
        yield from _mutate_fields(spec, operation, effect.item)
        yield from mutate_stored_fields(spec, operation, effect)
        yield from mutate_lost_fields(spec, operation)
        yield from mutate_lost_letters(spec, operation)
        yield from mutate_defaults(spec, operation, "create")


def _mutate_repetition(spec: Spec, operation: Operation, effect: Effect) -> Iterator[Mutant]:
    for parameter in operation.parameters:
        if parameter.idempotency_key:
            pointer = f"{parameter.pointer}/x-idempotency-key"
            clause = Clause(operation, "effect.repeated", pointer, parameter.name)
            breaks = partial(_repeat_request, parameter.name, effect)
            pointers = frozenset({parameter.pointer})
            yield Mutant.build(spec, clause, breaks, "effect.repeated", pointers=pointers)


def _repeat_request(
    header: str, effect: Effect, server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    """Ignore the idempotency key, and whether a value is unique."""
    other_headers = tuple(pair for pair in request.headers if pair[0].lower() != header.lower())
    if other_headers == tuple(request.headers):
        return server.mock.handle(request)
    request = attrs.evolve(request, headers=other_headers)
    if effect.unique:
        return _accept_taken_value(effect.unique[0], effect.item, server, operation, request)
    return server.mock.handle(request)


def _hide_created(
    listing: Operation, item: str, server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    """Omit created rows from the listing."""
    response = server.mock.handle(request)
    rules = listing.listing
    if not 200 <= response.status < 300 or rules is None:
        return response
    hidden: set[Any] = server.memory.setdefault("hidden", set())
    body = response.parse_json()
    if operation.id != listing.id:
        hidden.add(follow(follow(body, item), rules.id))
        return response

    def drop_hidden(rows: Any) -> Any:
        return (
            [row for row in rows if follow(row, rules.id) not in hidden] if is_array(rows) else rows
        )

    return replace_json(response, change_value(body, tuple(split(rules.items)), drop_hidden))


def _accept_taken_value(
    pointer: str, item: str | None, server: BrokenMock, _: Operation, request: HttpRequest
) -> HttpResponse:
    """Accept a value that another row has."""
    response = server.mock.handle(request)
    if response.status not in {400, 409} or not request.body:
        return response
    try:
        body = json.loads(request.body)
    except ValueError:
        return response
    path = tuple(split(pointer))
    count = server.memory["count"] = server.memory.get("count", 0) + 1
    fresh = change_value(body, path, lambda _: f"driftline-fresh-{count}")
    kind = request.get_header("Content-Type") or "application/json"
    second = server.mock.handle(replace_request_body(request, kind, json.dumps(fresh).encode()))
    if not 200 <= second.status < 300 or item is None:
        return second
    response_body = change_value(
        second.parse_json(), (*split(item), *path), lambda _: follow(body, pointer)
    )
    return replace_json(second, response_body)


def _respond_not_found(
    server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    """Respond 404 for created rows."""
    response = server.mock.handle(request)
    return build_rejection(server.spec, operation, 404) if response.status < 300 else response


def _keep_row(server: BrokenMock, operation: Operation, request: HttpRequest) -> HttpResponse:
    """Respond with success without deleting or updating the row."""
    success = operation.success
    status = int(success.status) if success and success.status.isdecimal() else 200
    return build_documented_response(server.spec, operation, status)


def _mutate_fields(spec: Spec, operation: Operation, item: str) -> Iterator[Mutant]:
    """Yield mutants that change a field that both request and row have."""
    request_media = operation.body.json if operation.body else None
    response_media = operation.success.json if operation.success else None
    if request_media is None or response_media is None:
        return
    sent_fields = {
        p.path[0]: p
        for p in list_value_paths(spec, request_media.schema_pointer)
        if len(p.path) == 1
    }
    path = tuple(split(item))
    for field in list_value_paths(spec, response_media.schema_pointer):
        if len(field.path) == len(path) + 1 and field.path[:-1] == path:
            name = field.path[-1]
            if name in sent_fields:
                yield _mutate_field(spec, operation, field, sent_fields[name])


def _has_content(spec: Spec, field: ValuePath) -> bool:
    """Return whether a valid list or object has something in it that a server must keep."""
    values = cover(spec, field.schemas[0][0], 4, "request")
    return any(value and not is_same(type(value)(), value) for value in values)


def _mutate_field(
    spec: Spec, operation: Operation, field: ValuePath, sent_field: ValuePath
) -> Mutant:
    name = field.path[-1]
    pointer = field.schemas[0][0]
    choices = [value for _, schema in field.schemas for value in schema.get("enum", ())]
    spare = [v for v in (*choices, *SPARE) if is_valid(spec, pointer, v)]
    nested = {"array", "object"}
    reason = "its types in request and response differ"
    if field.types & nested == sent_field.types & nested:
        reason = "" if len(spare) > 1 or not choices else "its schema allows one value only"
    if field.types & nested and not _has_content(spec, sent_field):
        reason = reason or "the document describes nothing in it"

    def pick_other(value: Any) -> Any:
        if is_object(value) or is_array(value):
            return type(value)()  # nothing of it comes back
        return next((candidate for candidate in spare if candidate != value), value)

    breaks = _edit_body(partial(change_value, path=field.path, change=pick_other))
    return _build_mutant(
        spec,
        operation,
        "field",
        "item",
        breaks,
        "effect.field.changed",
        part=name,
        locations=frozenset({name}),
        equivalent=reason,
    )
