"""Mutants of paging while rows are created."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import Breaks, BrokenMock, Mutant, replace_json
from driftline.mutation.operators.listings.context import (
    ListingContext,
    listing_operator,
    parse_query,
)
from driftline.openapi import Operation, change_value, follow, is_array, split


@listing_operator
def mutate_moving_rows(about: ListingContext) -> Iterator[Mutant]:
    """Yield a mutant whose cursor counts rows.

    Once a row was created, each page begins one row too early.
    """
    creating = frozenset(
        operation.id
        for operation in about.spec.operations
        if operation.effect
        and operation.effect.kind == "create"
        and operation.effect.of == about.operation.id
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
        is_later = not about.listing.page.is_first(parse_query(operation, request))
        if not (is_later and before is not None and server.memory.get("created")):
            return response
        return replace_json(response, change_value(body, path, lambda rows: [before, *rows[:-1]]))

    return breaks
