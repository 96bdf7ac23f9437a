"""Compares `x-reference` with the spec."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from driftline.errors import Problem
from driftline.openapi.extensions.references import (
    REFERENCE,
    find_id_schema,
    parse_reference_rule,
)
from driftline.openapi.model import Spec
from driftline.openapi.pointer import join, split
from driftline.openapi.schema.walk import list_types

_ALONE: Final = frozenset({"schema", "items", "additionalProperties"})
_NAMED: Final = frozenset(
    {"$defs", "allOf", "anyOf", "oneOf", "patternProperties", "prefixItems", "properties"}
)


def lint_reference(spec: Spec, pointer: str) -> Iterator[Problem]:
    """Yield the problems of the `x-reference` of the node at `pointer`."""
    place = spec.locate(pointer + join(REFERENCE))
    if not _is_schema(pointer):
        message, hint = f"{REFERENCE} has no effect here", "Move it into a schema."
        yield Problem("extension.misplaced", place, message, hint, "warning")
        return
    of = parse_reference_rule(spec, pointer)
    listing = spec.find_operation(of) if of else None
    if listing is None or listing.listing is None:
        message = f"{REFERENCE} of {of!r} is not an operation with x-listing"
        hint = "Name the operationId of a listing."
        yield Problem("reference.listing-unknown", place, message, hint)
        return
    row = find_id_schema(spec, listing)
    kinds = list_types(spec, pointer) - {"null"}
    ids = list_types(spec, row) - {"null"} if row else set[str]()
    if kinds and ids and not kinds & ids:
        message = (
            f"{REFERENCE} of {of!r} stands at {', '.join(sorted(kinds))}, "
            f"but the id of its rows is {', '.join(sorted(ids))}"
        )
        hint = "Correct one of the two types, or remove it."
        yield Problem("reference.type", place, message, hint)


def _is_schema(pointer: str) -> bool:
    tokens = split(pointer)
    if tokens[-1:] and tokens[-1] in _ALONE:
        return True
    return tokens[:2] == ["components", "schemas"] or (len(tokens) > 1 and tokens[-2] in _NAMED)
