"""Everything that a spec says and a server can break, and the mutants of each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from driftline.mutation.mutants import Clause, Mutant
from driftline.mutation.operators.bodies import bodies
from driftline.mutation.operators.choices import choices, defaults
from driftline.mutation.operators.credentials import credentials
from driftline.mutation.operators.effects import effects
from driftline.mutation.operators.listings import About
from driftline.mutation.operators.page_metadata import figures
from driftline.mutation.operators.pages import pages
from driftline.mutation.operators.parameters import parameters
from driftline.mutation.operators.responses import answers, later_pages
from driftline.mutation.robustness import hostile_strings, moving_rows, other_methods
from driftline.openapi.model import Operation, Spec

__all__ = ["clauses", "mutants"]


@lru_cache(maxsize=16)
def mutants(spec: Spec) -> tuple[Mutant, ...]:
    """Every mutant of the spec, each with an ID of its own."""
    found: dict[str, Mutant] = {}
    for operation in spec.operations:
        for mutant in _of(spec, operation):
            found.setdefault(mutant.id, mutant)
    return tuple(found.values())


def clauses(spec: Spec) -> list[Clause]:
    """What the spec says, in order; each has at least one mutant."""
    return list(dict.fromkeys(mutant.clause for mutant in mutants(spec)))


def _of(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    answered = list(answers(spec, operation))
    yield from answered
    yield from parameters(spec, operation)
    yield from bodies(spec, operation)
    yield from defaults(spec, operation)
    yield from credentials(spec, operation)
    yield from hostile_strings(spec, operation)
    yield from other_methods(spec, operation)
    yield from effects(spec, operation)
    if operation.listing is None:
        return
    about = About(spec, operation, operation.listing)
    yield from pages(about)
    yield from figures(about)
    yield from choices(about)
    yield from moving_rows(about)
    if not about.is_single:
        yield from _later(spec, operation, answered)


def _later(spec: Spec, operation: Operation, answered: list[Mutant]) -> Iterator[Mutant]:
    """Of each kind of clause of a row, one that only breaks on later pages."""
    listing = operation.listing
    seen: set[str] = set()
    for mutant in answered:
        clause = mutant.clause
        kind = clause.kind
        in_rows = bool(listing) and "[]." in clause.place
        # The ID is needed to walk on: without it, there is no later page.
        is_id = (
            bool(listing) and clause.place.endswith("]." + listing.id.strip("/")) if listing else 0
        )
        if in_rows and not is_id and kind not in seen and not mutant.equivalent:
            seen.add(kind)
            yield later_pages(spec, operation, mutant)
