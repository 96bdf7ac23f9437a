"""Mutants of parts of rows such as `/users/{id}/settings`: lost fields, and kept parts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

import attrs

from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import BrokenMock, Clause, Mutant, operator, replace_request_body
from driftline.mutation.operators.rejections import build_documented_response
from driftline.mutation.operators.stored_rows import list_values, read_body
from driftline.openapi import (
    Operation,
    Spec,
    find_part_item,
    find_part_reader,
    find_schema_at,
    is_hidden,
    join,
    list_value_paths,
)
from driftline.suite import is_same

_MOST_FIELDS: Final = 5


@operator
def generate_part_mutants(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield mutants that store another value of a field than the sent one, or delete nothing."""
    reader = find_part_reader(spec, operation)
    if reader is None or reader.path != operation.path:
        return
    also = frozenset({reader.id})
    for name, values in list(_list_fields(spec, operation, reader))[:_MOST_FIELDS]:
        clause = Clause(operation, "part.field", operation.pointer, name)
        breaks = partial(_send_other_value, name, values)
        yield Mutant.build(
            spec, clause, breaks, "effect.field.changed", locations=frozenset({name}), also=also
        )
    for deleter in spec.operations:
        if deleter.method == "DELETE" and deleter.path == operation.path and not deleter.effect:
            clause = Clause(deleter, "part.deletion", deleter.pointer)
            yield Mutant.build(spec, clause, _keep_part, "effect.not-deleted", also=also)


def _list_fields(
    spec: Spec, operation: Operation, reader: Operation
) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield the fields of a part that can change and that the GET shows, with a few values."""
    sent = operation.body.json if operation.body else None
    shown_media = reader.success.json if reader.success else None
    for field in list_value_paths(spec, sent.schema_pointer) if sent else ():
        item = find_part_item(spec, reader, field.path[:1]) if len(field.path) == 1 else None
        if item is None or shown_media is None:
            continue
        pointer = find_schema_at(spec, shown_media.schema_pointer, item + join(field.path[0]))
        values = list_values(spec, operation, field)
        if (
            pointer
            and len(values) > 1
            and not is_hidden(spec.document, spec.get_node(pointer), "writeOnly")
        ):
            yield field.path[0], values


def _send_other_value(
    name: str,
    values: Sequence[Any],
    server: BrokenMock,
    _: Operation,
    request: HttpRequest,
) -> HttpResponse:
    """Store another value of a field than the sent one."""
    body = read_body(request)
    others = [value for value in values if not is_same(value, body.get(name))]
    if name not in body or not others:
        return server.mock.handle(request)
    content = json.dumps({**body, name: others[0]}).encode()
    media_type = request.get_header("Content-Type") or "application/json"
    return server.mock.handle(replace_request_body(request, media_type, content))


def _keep_part(server: BrokenMock, operation: Operation, request: HttpRequest) -> HttpResponse:
    """Respond to a correct deletion, and keep the part."""
    if operation.method != "DELETE":
        return server.mock.handle(request)
    success = operation.success
    headers = tuple(pair for pair in request.headers if pair[0].lower() != "accept")
    read = server.mock.handle(attrs.evolve(request, method="GET", headers=headers))
    if read.status != 200 or success is None or not success.status.isdecimal():
        return server.mock.handle(request)
    return build_documented_response(server.spec, operation, int(success.status))
