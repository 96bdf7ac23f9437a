"""Everything that a spec says and a server can break, and the mutants of each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from driftline.mutation.mutants import Clause, Mutant
from driftline.mutation.operators.bodies import generate_body_mutants
from driftline.mutation.operators.choices import generate_choice_mutants, generate_default_mutants
from driftline.mutation.operators.credentials import generate_credential_mutants
from driftline.mutation.operators.effects import generate_effect_mutants
from driftline.mutation.operators.forms import generate_form_mutants
from driftline.mutation.operators.letter_case import generate_letter_case_mutants
from driftline.mutation.operators.listings import ListingContext, generate_page_metadata_mutants
from driftline.mutation.operators.pages import generate_page_mutants
from driftline.mutation.operators.parameters import generate_parameter_mutants
from driftline.mutation.operators.responses import (
    generate_response_mutants,
    restrict_to_later_pages,
)
from driftline.mutation.operators.selection import (
    generate_parent_mutants,
    generate_selection_mutants,
)
from driftline.mutation.robustness import (
    mutate_hostile_strings,
    mutate_moving_rows,
    mutate_other_methods,
)
from driftline.openapi import Operation, Spec


@lru_cache(maxsize=16)
def generate_mutants(spec: Spec) -> tuple[Mutant, ...]:
    """Return every mutant of the spec, each with an ID of its own."""
    found: dict[str, Mutant] = {}
    for operation in spec.operations:
        for mutant in _generate_for_operation(spec, operation):
            found.setdefault(mutant.id, mutant)
    return tuple(found.values())


def list_clauses(spec: Spec) -> list[Clause]:
    """Return what the spec says, in order; each has at least one mutant."""
    return list(dict.fromkeys(mutant.clause for mutant in generate_mutants(spec)))


def _generate_for_operation(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    answered = list(generate_response_mutants(spec, operation))
    yield from answered
    yield from generate_parameter_mutants(spec, operation)
    yield from generate_body_mutants(spec, operation)
    yield from generate_form_mutants(spec, operation)
    yield from generate_default_mutants(spec, operation)
    yield from generate_letter_case_mutants(spec, operation)
    yield from generate_credential_mutants(spec, operation)
    yield from mutate_hostile_strings(spec, operation)
    yield from mutate_other_methods(spec, operation)
    yield from generate_effect_mutants(spec, operation)
    if operation.listing is None:
        return
    about = ListingContext(spec, operation, operation.listing)
    yield from generate_page_mutants(about)
    yield from generate_page_metadata_mutants(about)
    yield from generate_choice_mutants(about)
    yield from generate_selection_mutants(about)
    yield from generate_parent_mutants(about)
    yield from mutate_moving_rows(about)
    if not about.listing.page.is_single:
        yield from _generate_later_page_mutants(spec, operation, answered)


def _generate_later_page_mutants(
    spec: Spec, operation: Operation, answered: list[Mutant]
) -> Iterator[Mutant]:
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
            yield restrict_to_later_pages(spec, operation, mutant)
