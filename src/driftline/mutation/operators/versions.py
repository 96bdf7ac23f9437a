"""Mutants of versions: If-Match that is ignored, and an ETag that stays the same."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

import attrs

from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import BrokenMock, Clause, Mutant, operator
from driftline.openapi import Operation, Spec
from driftline.suite import list_operations_about

_TAG: Final = '"1"'
_WRONG: Final = "effect.version.wrong"


@operator
def generate_version_mutants(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield the mutants of an operation that changes a row by If-Match."""
    effect, header = operation.effect, operation.version_header
    if effect is None or effect.id is None or header is None:
        return
    clause = Clause(operation, f"effect.{effect.kind}.version", header.pointer)
    breaks = partial(_ignore_version, header.name)
    yield Mutant.build(spec, clause, breaks, _WRONG, locations=frozenset({header.name}))
    readers = list_operations_about(spec, effect, "read")
    if effect.kind == "update" and readers:
        clause = Clause(operation, "effect.update.etag", f"{operation.pointer}/x-effect/kind")
        also, locations = frozenset(reader.id for reader in readers), frozenset({"ETag"})
        breaks = partial(_keep_etag, header.name)
        yield Mutant.build(spec, clause, breaks, _WRONG, locations=locations, also=also)


def _accept_any(name: str, request: HttpRequest) -> HttpRequest:
    """Return the request with an If-Match that every version matches."""
    headers = ((k, "*" if k.lower() == name.lower() else v) for k, v in request.headers)
    return attrs.evolve(request, headers=tuple(headers))


def _ignore_version(
    name: str, server: BrokenMock, _: Operation, request: HttpRequest
) -> HttpResponse:
    return server.mock.handle(_accept_any(name, request))


def _keep_etag(name: str, server: BrokenMock, _: Operation, request: HttpRequest) -> HttpResponse:
    """Respond with the same ETag to every request, and accept it as a version of every row."""
    if request.get_header(name) == _TAG:
        request = _accept_any(name, request)
    response = server.mock.handle(request)
    is_tagged = response.get_header("ETag") is not None
    return response.replace_headers(("ETag", _TAG)) if is_tagged else response
