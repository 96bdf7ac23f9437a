"""Finds schemas without a usable value: every value is infinite, or the smallest is too large."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import isinf

from driftline.errors import Problem
from driftline.openapi.model import Spec
from driftline.openapi.schema.cost import get_costs
from driftline.openapi.schema.walk import list_roots

_MOST = 50
"""Problems that are reported; a document made to be costly may have one for each schema."""


def lint_costs(spec: Spec) -> Iterator[Problem]:
    """Yield a problem for each schema without a usable value, only the innermost ones."""
    costs = get_costs(spec)
    needed = set(_list_needed(spec))
    endless = {place for place, _ in list_roots(spec.document) if isinf(costs.estimate_size(place))}
    for place in islice(costs.list_endless_loops(sorted(endless)), _MOST) if endless else ():
        message = "no finite value meets the schema: every value contains another one of it"
        hint = "Make the field that leads back optional or nullable."
        yield Problem("schema.no-finite-value", spec.locate(place), message, hint, "warning")
    yield from islice(_list_costly(spec, sorted(needed - endless)), _MOST)


def _list_costly(spec: Spec, places: Sequence[str]) -> Iterator[Problem]:
    reported: set[str] = set()
    for place in places:
        costly = get_costs(spec).find_problem(place)
        if costly and costly.pointer not in reported and spec.get_node(costly.pointer) is not False:
            reported.add(costly.pointer)
            location = spec.locate(costly.pointer)
            hint = "Lower its bounds; the mock responds with 501 where it needs such a value."
            yield Problem("schema.too-costly", location, costly.reason, hint, "warning")


def _list_needed(spec: Spec) -> Iterator[str]:
    """Yield the schemas of request bodies and of successes."""
    for operation in spec.operations:
        bodies = operation.body.content if operation.body else ()
        successes = [each for each in operation.responses if each.status.startswith("2")]
        for media in (*bodies, *(media for each in successes for media in each.content)):
            if media.schema_pointer:
                yield media.schema_pointer
