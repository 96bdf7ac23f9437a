"""Mutants of the rows that a path names: times that move, and rows of another parent."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from urllib.parse import quote

import attrs

from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import BrokenMock, Clause, Mutant, replace_json
from driftline.mutation.operators.rejections import build_rejection
from driftline.mutation.operators.stored_rows import build_effect_mutant, find_row
from driftline.openapi import (
    MISSING,
    Effect,
    Operation,
    Spec,
    change_value,
    find_schema_at,
    follow,
    list_parents,
    list_value_paths,
    split,
)
from driftline.suite import is_timestamp

_NEW = 12
"""More rows than a check creates; they are the last ones."""


def mutate_read_times(spec: Spec, operation: Operation, effect: Effect) -> Iterator[Mutant]:
    """Yield reads that change a timestamp of the row."""
    media = operation.success.json if operation.success else None
    row_pointer = find_schema_at(spec, media.schema_pointer, effect.item or "") if media else None
    creators = [
        creator for creator in spec.operations if creator.effect and creator.effect.kind == "create"
    ]
    if row_pointer is None or not any(
        creator.effect and creator.effect.of == effect.of for creator in creators
    ):
        return
    for field in list_value_paths(spec, row_pointer):
        is_time = any(schema.get("format") == "date-time" for _, schema in field.schemas)
        if len(field.path) == 1 and is_time and is_timestamp(field.path[0]):
            path = (*split(effect.item or ""), field.path[0])
            breaks, locations = partial(_move_time, path), frozenset({field.path[0]})
            yield build_effect_mutant(
                spec,
                operation,
                "read",
                "time",
                breaks,
                "effect.field.changed",
                part=field.path[0],
                locations=locations,
            )


def mutate_listed_rows(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield reads that do not find what is neither the first row of a listing nor a new one."""
    yield build_effect_mutant(spec, operation, "read", "listed", _lose_old_rows, "effect.not-found")


def _lose_old_rows(server: BrokenMock, operation: Operation, request: HttpRequest) -> HttpResponse:
    row = find_row(server, operation, request)
    rows = server.mock.list_rows(str(operation.effect and operation.effect.of))
    is_old = row is not None and row in rows[1:-_NEW]
    return build_rejection(server.spec, operation, 404) if is_old else server.mock.handle(request)


def _move_time(
    path: tuple[str, ...], server: BrokenMock, _: Operation, request: HttpRequest
) -> HttpResponse:
    """Respond with a later time at each read."""
    response = server.mock.handle(request)
    if not 200 <= response.status < 300 or not response.body:
        return response
    count = server.memory["reads"] = server.memory.get("reads", 0) + 1
    time = f"2001-02-03T{count // 3600 % 24:02}:{count // 60 % 60:02}:{count % 60:02}Z"
    return replace_json(response, change_value(response.parse_json(), path, lambda _: time))


def mutate_parents(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield operations that find a row below another parent than its own."""
    for name, field in list_parents(spec, operation):
        if f"{{{name}}}" in operation.path.split("/"):
            clause = Clause(operation, "effect.parent", f"{operation.pointer}/x-effect/id", name)
            breaks = partial(_ignore_parent, name, field)
            yield Mutant.build(spec, clause, breaks, "effect.parent.ignored")


def _ignore_parent(
    name: str, field: str, server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    """Look for the row below its own parent."""
    row = find_row(server, operation, request)
    parent = MISSING if row is None else follow(row, field)
    if parent is MISSING:
        return server.mock.handle(request)
    parts = request.path.split("/")
    parts[operation.path.split("/").index(f"{{{name}}}")] = quote(str(parent), safe="")
    return server.mock.handle(attrs.evolve(request, path="/".join(parts)))
