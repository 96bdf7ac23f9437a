"""Mutants that accept a documented string in any case."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import BrokenMock, Clause, Mutant, operator, replace_request_body
from driftline.mutation.operators.query import remove_parameter, replace_parameter
from driftline.openapi import (
    EACH,
    KEYS,
    Operation,
    Parameter,
    Spec,
    change_value,
    list_value_paths,
    resolve_value_schema,
)

ACCEPTED = "request.invalid.accepted"


@operator
def generate_letter_case_mutants(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield a mutant for each parameter and body field with an enum of strings."""
    for parameter in operation.parameters:
        pointer, schema = resolve_value_schema(spec, parameter.schema_pointer)
        if schema.get("type") == "array":
            pointer, schema = resolve_value_schema(spec, pointer + "/items")
        spellings = _list_spellings(schema.get("enum", ()))
        if spellings:
            clause = Clause(operation, "parameter.enum.case", f"{pointer}/enum", parameter.name)
            breaks = partial(_accept_parameter, parameter, spellings)
            pointers = frozenset({parameter.pointer, parameter.schema_pointer})
            locations = frozenset({parameter.name})
            yield Mutant.build(
                spec, clause, breaks, ACCEPTED, pointers=pointers, locations=locations
            )
    media = operation.body.json if operation.body else None
    for value_path in list_value_paths(spec, media.schema_pointer) if media else ():
        for pointer, schema in value_path.schemas:
            spellings = _list_spellings(schema.get("enum", ()))
            if spellings and value_path.path and not {EACH, KEYS} & set(value_path.path):
                clause = Clause(operation, "body.enum.case", f"{pointer}/enum", value_path.name)
                breaks = partial(_accept_field, value_path.path, spellings)
                yield Mutant.build(
                    spec,
                    clause,
                    breaks,
                    ACCEPTED,
                    pointers=value_path.clauses,
                    locations=frozenset({value_path.name}),
                )


def _list_spellings(values: Any) -> dict[str, str]:
    """Return each documented string by its folded form; none if only case distinguishes two."""
    strings = [value for value in values if isinstance(value, str)]
    folded = {value.casefold(): value for value in strings}
    has_case = any(value.swapcase() != value for value in strings)
    return folded if has_case and len(folded) == len(strings) else {}


def _accept_parameter(
    parameter: Parameter,
    spellings: Mapping[str, str],
    server: BrokenMock,
    operation: Operation,
    request: HttpRequest,
) -> HttpResponse:
    _, values = remove_parameter(operation, parameter, request)
    documented_texts = [spellings.get(value.casefold(), value) for value in values]
    if documented_texts != values:
        request = replace_parameter(operation, parameter, request, documented_texts)
    return server.mock.handle(request)


def _accept_field(
    path: tuple[str, ...],
    spellings: Mapping[str, str],
    server: BrokenMock,
    _: Operation,
    request: HttpRequest,
) -> HttpResponse:
    def correct(value: Any) -> Any:
        return spellings.get(value.casefold(), value) if isinstance(value, str) else value

    try:
        body = json.loads(request.body)
    except ValueError:
        return server.mock.handle(request)
    right = change_value(body, path, correct)
    if right != body:
        kind = request.get_header("Content-Type") or "application/json"
        request = replace_request_body(request, kind, json.dumps(right).encode())
    return server.mock.handle(request)
