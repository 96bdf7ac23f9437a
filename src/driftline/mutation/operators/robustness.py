"""Mutants of what a spec need not say: a server fails on nothing that it is sent, keeps its
place in a listing while rows are created, and has every operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import unquote

from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import BrokenMock, Clause, Mutant, operator
from driftline.openapi import Operation, Parameter, Spec

MISSING_OPERATION = "operation.missing"
EMOJI = "\N{WOMAN}"
_SHAPES = ("enum", "const", "format", "pattern")


@operator
def mutate_hostile_strings(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield a server that fails on an emoji, for each query parameter with free strings."""
    listing = operation.listing
    for parameter in operation.parameters:
        is_cursor = listing is not None and parameter.name in listing.page.parameters
        if parameter.location == "query" and not is_cursor and _is_free(spec, parameter):
            clause = Clause(operation, "parameter.odd-string", parameter.pointer, parameter.name)
            yield _build_failure(spec, clause, lambda request: EMOJI in unquote(request.query))


@operator
def mutate_other_methods(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield a server that fails on HEAD, or on OPTIONS, where the spec documents a read."""
    if not operation.is_read:
        return
    documented_methods = {
        candidate.method for candidate in spec.operations if candidate.path == operation.path
    }
    for method in ("HEAD", "OPTIONS"):
        if method not in documented_methods:
            clause = Clause(operation, "method.failure", operation.pointer, method)
            yield _build_failure(spec, clause, lambda _: True, methods=frozenset({method}))


@operator
def mutate_presence(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield a server without the operation: it rejects the method of each request."""
    clause = Clause(operation, MISSING_OPERATION, operation.pointer)
    documented_statuses = {response.status for response in operation.responses}
    status = next(
        (candidate for candidate in (405, 501) if str(candidate) not in documented_statuses), 0
    )

    def breaks(_: BrokenMock, __: Operation, ___: HttpRequest) -> HttpResponse:
        return HttpResponse(status, (), b"")

    reason = "" if status else "the document says that the server may not have it"
    yield Mutant.build(spec, clause, breaks, MISSING_OPERATION, equivalent=reason)


def _is_free(spec: Spec, parameter: Parameter) -> bool:
    _, schema = spec.resolve(parameter.schema_pointer)
    return schema.get("type") == "string" and not any(keyword in schema for keyword in _SHAPES)


def _build_failure(
    spec: Spec,
    clause: Clause,
    fails: Callable[[HttpRequest], bool],
    *,
    methods: frozenset[str] = frozenset(),
) -> Mutant:
    """Return the mutant that responds with a 5xx that the spec does not document."""
    operation = clause.operation
    # A server that does not know a method responds with 501.
    usable = [candidate for candidate in range(500, 512) if candidate != 501 or not methods]
    status = next(
        (candidate for candidate in usable if not _is_documented(operation, candidate)), 0
    )

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
