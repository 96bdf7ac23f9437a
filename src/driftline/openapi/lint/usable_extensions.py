"""Removes extensions that refer to missing parts, so that no other code has to expect them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from driftline.errors import Problem
from driftline.openapi.lint.extensions import lint_effect, lint_lifecycle, lint_listing
from driftline.openapi.model import Operation, Spec
from driftline.openapi.pointer import split
from driftline.openapi.schema.walk import find_schema_at


def drop_unusable_extensions(spec: Spec) -> Spec:
    """Return a spec without listings that have no rows, and without references to them.

    Their lint messages become problems of the spec. A lifecycle with missing fields is removed from
    the document.
    """
    problems = list(_drop_lifecycles(spec))
    operations: list[Operation] = []
    for operation in spec.operations:
        if operation.listing is None or _has_rows(spec, operation):
            operations.append(operation)
        else:
            problems += lint_listing(spec, operation)
            operations.append(attrs.evolve(operation, listing=None))
    spec = attrs.evolve(spec, operations=tuple(operations))
    listings = {each.id for each in operations if each.listing is not None}
    for index, operation in enumerate(operations):
        effect = operation.effect
        if effect is not None and effect.of and effect.of not in listings:
            problems += lint_effect(spec, operation)
            operations[index] = attrs.evolve(operation, effect=None)
    problems = [*dict.fromkeys((*spec.problems, *problems))]
    return attrs.evolve(spec, operations=tuple(operations), problems=tuple(problems))


def _has_rows(spec: Spec, operation: Operation) -> bool:
    success, listing = operation.success, operation.listing
    body = success.json.schema_pointer if success and success.json else ""
    return bool(body and listing and find_schema_at(spec, body, listing.items + "/0"))


def _drop_lifecycles(spec: Spec) -> Iterator[Problem]:
    problems = list(lint_lifecycle(spec))
    schemas: Any = spec.get_node("/components/schemas")
    for name in {split(each.location.pointer)[2] for each in problems}:
        del schemas[name]["x-lifecycle"]
    yield from problems
