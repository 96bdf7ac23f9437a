"""Mutants that lose a field, which no response has again, or the letters in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial

from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import (
    BrokenMock,
    Clause,
    Mutant,
    replace_json,
    replace_request_body,
)
from driftline.mutation.operators.stored_rows import list_fields, list_values, read_body
from driftline.openapi import (
    REMOVED,
    Operation,
    Spec,
    ValuePath,
    change_value,
    find_schema_at,
    is_valid,
    join,
    resolve_schema,
    split,
)
from driftline.suite import must_show

_LETTERS = "Zoë Łódź 東京"
_Drop = Callable[[str, BrokenMock, Operation, HttpRequest], HttpResponse]


def mutate_lost_updates(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield updates that lose a field: no response has it after it was sent."""
    yield from _mutate(spec, operation, "effect.update.lost", "kind", _drop_updated_field)


def mutate_lost_fields(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield creations that lose a field: no response has it again."""
    yield from _mutate(spec, operation, "effect.lost", "item", _drop_field)


def _mutate(
    spec: Spec, operation: Operation, kind: str, keyword: str, drop: _Drop
) -> Iterator[Mutant]:
    pointer = f"{operation.pointer}/x-effect/{keyword}"
    for name, also in _list_losable_fields(spec, operation):
        clause = Clause(operation, kind, pointer, name)
        breaks, locations = partial(drop, name), frozenset({name})
        yield Mutant.build(
            spec, clause, breaks, "effect.field.changed", locations=locations, also=also
        )


def _drop_updated_field(
    name: str, server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    """Leave a field out of all responses after an update that has it."""
    is_update = operation.effect is not None and operation.effect.kind == "update"
    if is_update and name in read_body(request):
        server.memory["lost"] = True
    if not server.memory.get("lost"):
        return server.mock.handle(request)
    return _drop_field(name, server, operation, request)


def _list_losable_fields(spec: Spec, operation: Operation) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the fields that responses show but need not have, and the operations that read them."""
    effect = operation.effect
    readers = [
        reader
        for reader in spec.operations
        if effect
        and reader.effect
        and (reader.effect.kind, reader.effect.of) == ("read", effect.of)
    ]
    for field in list_fields(spec, operation):
        name, values = field.path[0], list_values(spec, operation, field)
        showing = [r for r in readers if any(must_show(spec, r, name, value) for value in values)]
        if not showing or any(
            _requires(spec, candidate, name) for candidate in (operation, *showing)
        ):
            continue
        yield name, frozenset(reader.id for reader in readers)


def _requires(spec: Spec, operation: Operation, name: str) -> bool:
    """Return whether the row in a response has to have a field."""
    media = operation.success.json if operation.success else None
    item = operation.effect.item if operation.effect else None
    if media is None or item is None:
        return False
    pointer = find_schema_at(spec, media.schema_pointer, item)
    return bool(pointer) and name in resolve_schema(spec, pointer or "").get("required", ())


def _drop_field(
    name: str, server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    """Leave a field out of the row in a response."""
    response = server.mock.handle(request)
    item = operation.effect.item if operation.effect else None
    if item is None or not 200 <= response.status < 300:
        return response
    path = (*split(item), name)
    return replace_json(response, change_value(response.parse_json(), path, lambda _: REMOVED))


def mutate_lost_letters(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield a creation that stores a question mark for each letter beyond ASCII."""
    if any(_takes_letters(spec, operation, field) for field in list_fields(spec, operation)):
        clause = Clause(operation, "effect.letters", f"{operation.pointer}/x-effect/item")
        yield Mutant.build(spec, clause, _drop_letters, "effect.field.changed")


def _takes_letters(spec: Spec, operation: Operation, field: ValuePath) -> bool:
    shapes = {"enum", "const", "format", "pattern", "x-reference"}
    is_free = not any(shapes & schema.keys() for _, schema in field.schemas)
    unique = operation.effect.unique if operation.effect else ()
    is_text = field.types <= {"string", "null"} and "string" in field.types
    fits = is_valid(spec, field.schemas[0][0], _LETTERS, "request")
    return is_free and is_text and fits and join(field.path[0]) not in unique


def _drop_letters(server: BrokenMock, _: Operation, request: HttpRequest) -> HttpResponse:
    body = read_body(request)
    plain = {
        name: value.encode("ascii", "replace").decode() if isinstance(value, str) else value
        for name, value in body.items()
    }
    if plain == body:
        return server.mock.handle(request)
    content = json.dumps(plain).encode()
    return server.mock.handle(replace_request_body(request, "application/json", content))
