"""Mutants of what a spec need not say: a server fails on nothing that it is sent, and keeps its
place in a listing while rows are created."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import Breaks, BrokenMock, Clause, Mutant, replace_json
from driftline.mutation.operators.listings import ListingContext, parse_query
from driftline.openapi import Operation, Parameter, Spec, change_value, follow, is_array, split

EMOJI = "\N{WOMAN}"
_SHAPES = ("enum", "const", "format", "pattern")


def mutate_hostile_strings(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield a server that fails on an emoji, for each query parameter that may be any string."""
    listing = operation.listing
    for parameter in operation.parameters:
        is_cursor = listing is not None and parameter.name == listing.page.parameter
        if parameter.place == "query" and not is_cursor and _is_free(spec, parameter):
            clause = Clause(operation, "parameter.odd-string", parameter.pointer, parameter.name)
            yield _build_failure(spec, clause, lambda request: EMOJI in unquote(request.query))


def mutate_other_methods(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield a server that fails on HEAD, or on OPTIONS, where the spec documents a read."""
    if not operation.is_read:
        return
    documented = {each.method for each in spec.operations if each.path == operation.path}
    for method in ("HEAD", "OPTIONS"):
        if method not in documented:
            clause = Clause(operation, "method.failure", operation.pointer, method)
            yield _build_failure(spec, clause, lambda _: True, methods=frozenset({method}))


def _is_free(spec: Spec, parameter: Parameter) -> bool:
    _, schema = spec.resolve(parameter.schema_pointer)
    return schema.get("type") == "string" and not any(word in schema for word in _SHAPES)


def _build_failure(
    spec: Spec,
    clause: Clause,
    fails: Callable[[HttpRequest], bool],
    *,
    methods: frozenset[str] = frozenset(),
) -> Mutant:
    """Return the mutant that responds with a 5xx that the spec does not document."""
    operation = clause.operation
    candidates = (status for status in range(500, 512) if not _is_documented(operation, status))
    status = next(candidates, 0)

    def breaks(server: BrokenMock, _: Operation, request: HttpRequest) -> HttpResponse:
        is_meant = request.method in methods if methods else fails(request)
        return HttpResponse(status, (), b"") if is_meant else server.mock.handle(request)

    return Mutant.build(
        spec,
        clause,
        breaks,
        "response.server-error",
        pointers=frozenset({operation.pointer + "/responses"}),
        equivalent="" if status else "every server error is documented",
        methods=methods,
    )


def _is_documented(operation: Operation, status: int) -> bool:
    response = operation.find_response(status)
    return response is not None and response.status != "default"


def mutate_moving_rows(about: ListingContext) -> Iterator[Mutant]:
    """Yield a cursor that counts rows.

    Once a row was created, each page begins with one too early.
    """
    creating = frozenset(
        each.id
        for each in about.spec.operations
        if each.effect and each.effect.kind == "create" and each.effect.of == about.operation.id
    )
    if about.listing.page.is_keyed and creating:
        yield about.build_mutant(
            "page.moving", ("page",), _shift_cursor(about), "listing.page.repeats", also=creating
        )


def _shift_cursor(about: ListingContext) -> Breaks:
    path = tuple(split(about.listing.items))

    def breaks(server: BrokenMock, operation: Operation, request: HttpRequest) -> HttpResponse:
        response = server.mock.handle(request)
        if operation.id != about.operation.id:
            server.memory["created"] = True
            return response
        if not 200 <= response.status < 300:
            return response
        body: Any = response.parse_json()
        rows = follow(body, about.listing.items)
        if not is_array(rows) or not rows:
            return response
        before = server.memory.get("last")
        server.memory["last"] = rows[-1]
        page = about.listing.page
        is_later = not page.is_first(parse_query(request).get(str(page.parameter)))
        if not (is_later and before is not None and server.memory.get("created")):
            return response
        return replace_json(response, change_value(body, path, lambda rows: [before, *rows[:-1]]))

    return breaks
