"""Mutants of filters and searches that only show with several pages or filters."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import attrs

from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import BrokenMock, Clause, Mutant, replace_json
from driftline.mutation.operators.listings.context import (
    ListingContext,
    edit_rows,
    listing_operator,
    parse_query,
)
from driftline.mutation.operators.listings.pages import is_later_page
from driftline.mutation.operators.query import remove_parameter
from driftline.openapi import (
    MISSING,
    Parameter,
    change_value,
    find_parent_fields,
    follow,
    split,
)


@listing_operator
def generate_selection_mutants(about: ListingContext) -> Iterator[Mutant]:
    """Yield filters lost on later pages, ignored beside others, or missing in the total."""
    listing = about.listing
    rules = [("filter", rule.parameter) for rule in listing.filters]
    rules += [("range", rule.parameter) for rule in listing.ranges]
    rules += [("search", rule.parameter) for rule in listing.searches]
    filters = [(rule_key, about.operation.find_parameter(name)) for rule_key, name in rules]
    parameters = [parameter for _, parameter in filters if parameter is not None]
    for key, parameter in filters:
        if parameter is None:
            continue
        keys, name = (key, parameter.name), parameter.name
        group = "search" if key == "search" else "filter"
        kinds = (f"listing.{group}.ignored", f"listing.{group}.lost")
        make = partial(about.build_mutant, part=name)
        if key != "search" and not listing.page.is_single and listing.size.parameter:
            breaks = partial(_ignore_on_later_pages, about, parameter)
            yield make(f"{key}.later", keys, breaks, *kinds)
        if listing.total is not None and not listing.page.is_single:
            breaks = partial(_count_all_rows, about, parameter)
            yield make(f"{key}.total", ("total",), breaks, "listing.total.wrong")
        other_parameters = [candidate for candidate in parameters if candidate != parameter]
        if other_parameters:
            breaks = partial(_ignore_beside_others, parameter, other_parameters)
            is_hidden = any(s.parameter == name and not s.is_visible for s in listing.searches)
            reason = "what rows do not show cannot be compared" if is_hidden else ""
            yield make(f"{key}.combined", keys, breaks, *kinds, equivalent=reason)


@listing_operator
def generate_parent_mutants(about: ListingContext) -> Iterator[Mutant]:
    """Yield mutants that list the rows of another parent."""
    spec, operation = about.spec, about.operation
    for name, field in find_parent_fields(spec, operation, operation):
        parameter = operation.find_parameter(name, "path")
        if parameter is not None:
            clause = Clause(operation, "listing.parent", parameter.pointer, name)
            breaks = edit_rows(about, partial(_list_strangers, field))
            yield Mutant.build(spec, clause, breaks, "listing.filter.ignored", how="other")


def _list_strangers(field: str, rows: list[Any], _: object) -> list[Any]:
    """Return the rows, each with the id of another parent."""
    name = split(field)[0]
    return [{**row, name: change_id(row[name])} if name in row else row for row in rows]


def change_id(value: Any) -> Any:
    """Return another id of the same form."""
    if isinstance(value, int):
        return value + 1
    last = str(value)[-1:]
    return str(value)[:-1] + ("1" if last != "1" else "2")


def _remove(request: HttpRequest, about: Any, parameter: Parameter) -> HttpRequest:
    return remove_parameter(about, parameter, request)[0]


def _ignore_on_later_pages(
    about: ListingContext, parameter: Parameter, server: BrokenMock, _: Any, request: HttpRequest
) -> HttpResponse:
    if is_later_page(about, parse_query(about.operation, request)):
        request = _remove(request, about.operation, parameter)
    return server.mock.handle(request)


def _count_all_rows(
    about: ListingContext, parameter: Parameter, server: BrokenMock, _: Any, request: HttpRequest
) -> HttpResponse:
    """Set the total to the number of rows without this filter."""
    response = server.mock.handle(request)
    plain = _remove(request, about.operation, parameter)
    if response.status != 200 or plain == request:
        return response
    pages = {*about.listing.page.parameters, about.listing.size.parameter}
    for candidate in about.operation.parameters:
        if candidate.name in pages and not candidate.required:
            plain = _remove(plain, about.operation, candidate)
    unfiltered = server.mock.handle(attrs.evolve(plain, method="GET"))
    total = follow(unfiltered.parse_json(), about.listing.total or "")
    if unfiltered.status != 200 or total is MISSING:
        return response
    path = tuple(split(about.listing.total or ""))
    return replace_json(response, change_value(response.parse_json(), path, lambda _: total))


def _ignore_beside_others(
    parameter: Parameter,
    other_parameters: list[Parameter],
    server: BrokenMock,
    operation: Any,
    request: HttpRequest,
) -> HttpResponse:
    """Apply only one of two filters."""
    is_combined = any(remove_parameter(operation, other, request)[1] for other in other_parameters)
    valid = server.mock.handle(request)
    if not is_combined or valid.status != 200:
        return valid
    return server.mock.handle(_remove(request, operation, parameter))
