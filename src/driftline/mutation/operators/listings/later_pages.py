"""Mutants of rows that are wrong only on pages after the first."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from driftline.checks import find_check_for_mutant
from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import BrokenMock, Mutant
from driftline.mutation.operators.listings.context import (
    ListingContext,
    listing_operator,
    parse_query,
)
from driftline.mutation.operators.listings.pages import is_later_page
from driftline.mutation.operators.responses import generate_response_mutants
from driftline.openapi import Operation


@listing_operator
def generate_later_page_mutants(about: ListingContext) -> Iterator[Mutant]:
    """Yield a mutant that affects only later pages for each kind of clause of a row."""
    if about.listing.page.is_single:
        return
    seen: set[str] = set()
    for mutant in generate_response_mutants(about.spec, about.operation):
        clause = mutant.clause
        # The ID is needed for the next page: without it, no later page exists.
        is_id = clause.part.endswith("]." + about.listing.id.strip("/"))
        is_meant = "[]." in clause.part and not is_id and not mutant.equivalent
        if is_meant and clause.kind not in seen:
            seen.add(clause.kind)
            yield _restrict_to_later_pages(about, mutant)


def _restrict_to_later_pages(about: ListingContext, mutant: Mutant) -> Mutant:
    def breaks(server: BrokenMock, target: Operation, request: HttpRequest) -> HttpResponse:
        is_later = is_later_page(about, parse_query(target, request))
        return mutant.breaks(server, target, request) if is_later else server.mock.handle(request)

    check = find_check_for_mutant("later-pages")
    return attrs.evolve(mutant, id=f"{mutant.id}/later-pages", breaks=breaks, check=check)
