"""Mutants of streams: an item that is not JSON, one that is not documented, and an early end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from driftline.checks import find_undocumented_fields
from driftline.mock import WRONG, HttpResponse, spoil_stream
from driftline.mutation.mutants import Breaks, Mutant
from driftline.mutation.operators.replies import Change
from driftline.openapi import ItemSchema, MediaType, Spec, describe_stream, list_violations


def mutate_stream(
    spec: Spec, media: MediaType, wrap: Callable[[Change], Breaks], build: Callable[..., Mutant]
) -> Iterator[Mutant]:
    """Yield the mutants of a stream; `wrap` and `build` are those of the response."""
    described = describe_stream(spec, media)
    schemas = [*described.events.values()] or [described.data]
    item = schemas[len(schemas) // 2]  # the one that is spoiled
    is_text = item.is_text or (not item.pointer and media.kind == "event_stream")
    yield build(
        "stream.item",
        media.pointer,
        wrap(partial(_spoil, "garbage")),
        "response.item.unreadable",
        equivalent="any text is allowed" if is_text else "",
    )
    yield build(
        "stream.end", media.pointer, wrap(partial(_spoil, "cut")), "response.stream.incomplete"
    )
    is_named = bool(described.events) and described.data == ItemSchema()
    is_open = is_named or described.data.is_text
    clauses = frozenset[str]() if is_open else _list_broken_clauses(spec, described.data.pointer)
    yield build(
        "stream.wrong",
        media.pointer,
        wrap(partial(_spoil, "wrong")),
        "response.event.undocumented",
        "response.field.undocumented",
        "response.required.missing",
        "response.type.wrong",
        "response.schema.broken",
        pointers=clauses,
        equivalent="" if is_named or clauses else "any item is allowed",
    )


def _spoil(fault: str, response: HttpResponse) -> HttpResponse:
    return spoil_stream(response, fault)


def _list_broken_clauses(spec: Spec, pointer: str) -> frozenset[str]:
    """Return the clauses that an undocumented item breaks."""
    if not pointer:
        return frozenset()
    broken = [each.clause for each in list_violations(spec, pointer, WRONG, "response")]
    broken += [each.clause for each in find_undocumented_fields(spec, pointer, WRONG)]
    return frozenset(broken)
