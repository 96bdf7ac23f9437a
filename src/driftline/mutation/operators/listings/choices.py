"""Mutants of order, filters, searches and defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import attrs

from driftline.checks import encode_text
from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import Breaks, BrokenMock, Mutant
from driftline.mutation.operators.listings.context import (
    ListingContext,
    Query,
    edit_rows,
    has_word,
    listing_operator,
    parse_query,
    replace_query,
)
from driftline.mutation.operators.query import remove_parameter, replace_parameter
from driftline.openapi import (
    Filter,
    Operation,
    Parameter,
    Range,
    Search,
    follow,
    is_object,
    list_directions,
)
from driftline.suite import takes_part_of_value


@listing_operator
def generate_choice_mutants(about: ListingContext) -> Iterator[Mutant]:
    """Yield every mutant of order, filters and searches."""
    yield from _mutate_orders(about)
    for rule in about.listing.filters:
        yield from _mutate_filters(about, rule)
    for bounded in about.listing.ranges:
        yield from _mutate_ranges(about, bounded)
    for search in about.listing.searches:
        yield from _mutate_searches(about, search)


def _find_parameter(about: ListingContext, name: str | None) -> Parameter | None:
    return about.operation.find_parameter(name) if name else None


def _list_documented_values(about: ListingContext, parameter: Parameter | None) -> list[str]:
    if parameter is None:
        return []
    _, schema = about.spec.resolve(parameter.schema_pointer)
    return [str(value) for value in schema.get("enum", ())] if is_object(schema) else []


def _mutate_orders(about: ListingContext) -> Iterator[Mutant]:
    order = about.listing.order
    if order is None:
        return
    kind = "listing.order.wrong"
    fields = tuple(("order", "fields", name) for name in order.fields)
    for key, name in (("by", order.by), ("direction", order.direction)):
        parameter = _find_parameter(about, name)
        if parameter is not None:
            related = (*fields, ("order",), ("order", key))
            make = partial(about.build_mutant, "order", ("order", key), part=name)
            yield make(_ignore_parameter(parameter), kind, near=related)
    if order.descending and not order.by:
        breaks = edit_rows(about, lambda rows, _: rows[::-1])
        yield about.build_mutant(
            "order", ("order", "descending"), breaks, kind, near=fields, how="up"
        )
    chooser = _find_parameter(about, order.direction)
    values = list_directions(about.spec, chooser.schema_pointer) if chooser else ()
    directions = list(map(encode_text, values))
    for name in order.fields:
        keys = ("order", "fields", name)
        make = partial(about.build_mutant, "order", keys, part=name)
        if order.by is None:
            breaks = edit_rows(about, lambda rows, _: rows[::-1])
            yield make(breaks, kind, how="turned")
            yield make(
                edit_rows(about, lambda rows, _: [*rows[1:], *rows[:1]]), kind, how="first-last"
            )
            continue
        for index, direction in enumerate(directions):
            query = {order.by: name, str(order.direction): direction}
            other_direction = directions[1 - index] if len(directions) == 2 else directions[0]
            breaks = _substitute(query, {str(order.direction): other_direction})
            yield make(breaks, kind, how=f"{direction}-turned", locations=frozenset[str]())
        other_fields = [field for field in order.fields if field != name]
        if other_fields:
            yield make(
                _substitute({order.by: name}, {order.by: other_fields[0]}), kind, how="ignored"
            )


def _substitute(expected_query: Query, change: Query) -> Breaks:
    """Respond with a substitute to exactly this request."""

    def breaks(server: BrokenMock, operation: Operation, request: HttpRequest) -> HttpResponse:
        query = parse_query(operation, request)
        if all(query.get(name) == value for name, value in expected_query.items()):
            request = replace_query(operation, request, {**query, **change})
        return server.mock.handle(request)

    return breaks


def _ignore_parameter(parameter: Parameter) -> Breaks:
    """Ignore the parameter if it is valid."""

    def breaks(server: BrokenMock, operation: Operation, request: HttpRequest) -> HttpResponse:
        response = server.mock.handle(request)
        rest, values = remove_parameter(operation, parameter, request)
        return server.mock.handle(rest) if response.status == 200 and values else response

    return breaks


def _mutate_filters(about: ListingContext, rule: Filter) -> Iterator[Mutant]:
    parameter = _find_parameter(about, rule.parameter)
    if parameter is None:
        return
    keys = ("filter", rule.parameter)
    make = partial(about.build_mutant, "filter", part=rule.parameter)
    yield make(keys, _ignore_parameter(parameter), "listing.filter.ignored", how="ignored")
    breaks = edit_rows(about, lambda rows, query: rows[1:] if rule.parameter in query else rows)
    field = (*keys, "field") if has_word(about, *keys, "field") else keys
    yield make(field, breaks, "listing.filter.lost", how="lost")
    if takes_part_of_value(about.spec, parameter, rule):
        loose = partial(_filter_loosely, about, rule)
        yield make(keys, loose, "listing.filter.ignored", how="loose")
    yield from _mutate_single_values(about, rule, parameter)


def _filter_loosely(
    about: ListingContext, rule: Filter, server: BrokenMock, _: Operation, request: HttpRequest
) -> HttpResponse:
    """Return the rows that contain the value, as a search does."""
    other_filters = (filter_rule for filter_rule in about.listing.filters if filter_rule != rule)
    searches = (*about.listing.searches, Search(rule.parameter, (rule.field,)))
    mock = about.build_mock(server, rule, filters=tuple(other_filters), searches=searches)
    return mock.handle(request)


def _mutate_single_values(
    about: ListingContext, rule: Filter, parameter: Parameter
) -> Iterator[Mutant]:
    """Yield mutants that take one documented value of the filter for another."""
    values = dict(rule.values or {})
    names = [*values] if values else _list_documented_values(about, parameter)
    related = (("filter", rule.parameter),)
    for name in names:
        other_names = [
            candidate
            for candidate in names
            if values.get(candidate) != values.get(name) or not values
        ]
        other_name = next((candidate for candidate in other_names if candidate != name), None)
        keys = ("filter", rule.parameter, *(("values", name) if values else ()))
        yield about.build_mutant(
            "filter.value",
            keys,
            partial(_confuse_values, parameter, {name: other_name or name}),
            "listing.filter.ignored",
            "listing.filter.lost",
            part=rule.parameter,
            how=name,
            near=related,
            equivalent="" if other_name else "all its values mean the same",
        )


def _confuse_values(
    parameter: Parameter,
    substitutes: Mapping[str, str],
    server: BrokenMock,
    operation: Operation,
    request: HttpRequest,
) -> HttpResponse:
    response = server.mock.handle(request)
    _, values = remove_parameter(operation, parameter, request)
    if response.status != 200 or substitutes.keys().isdisjoint(values):
        return response
    wrong = [substitutes.get(value, value) for value in values]
    return server.mock.handle(replace_parameter(operation, parameter, request, wrong))


def _mutate_ranges(about: ListingContext, rule: Range) -> Iterator[Mutant]:
    parameter = _find_parameter(about, rule.parameter)
    if parameter is None:
        return
    keys = ("range", rule.parameter)
    make = partial(about.build_mutant, "range", part=rule.parameter)
    kinds = ("listing.filter.ignored", "listing.filter.lost")
    yield make(keys, _ignore_parameter(parameter), *kinds, how="ignored")
    other_rule = attrs.evolve(rule, bound="upper" if rule.bound == "lower" else "lower")
    yield make((*keys, "bound"), partial(_use_other_range, about, other_rule), *kinds, how="turned")
    if rule.inclusive is not None:
        other_rule = attrs.evolve(rule, inclusive=not rule.inclusive)
        edge = partial(_use_other_range, about, other_rule)
        yield make((*keys, "inclusive"), edge, *kinds, how="edge")


def _use_other_range(
    about: ListingContext, rule: Range, server: BrokenMock, _: Operation, request: HttpRequest
) -> HttpResponse:
    """Respond as a mock on the same rows whose spec has this range."""
    ranges = (rule if r.parameter == rule.parameter else r for r in about.listing.ranges)
    return about.build_mock(server, rule, ranges=tuple(ranges)).handle(request)


def _mutate_searches(about: ListingContext, search: Search) -> Iterator[Mutant]:
    parameter = _find_parameter(about, search.parameter)
    if parameter is None:
        return
    keys = ("search", search.parameter)
    make = partial(about.build_mutant, "search", part=search.parameter)
    yield make(keys, _ignore_parameter(parameter), "listing.search.ignored", how="ignored")
    breaks = edit_rows(about, lambda rows, query: rows[1:] if query.get(search.parameter) else rows)
    reason = "" if search.exact else "which fields are searched is not documented"
    yield make(keys, breaks, "listing.search.lost", how="lost", equivalent=reason)
    field_keys = (*keys, "fields") if has_word(about, *keys, "fields") else keys
    for field in search.fields:
        unseen = edit_rows(about, partial(_drop_field_matches, search, field))
        yield make(field_keys, unseen, "listing.search.lost", how=f"not{field}", equivalent=reason)
    for name in search.hidden:
        reason = "what rows do not show cannot be compared"
        yield make(
            (*keys, "hidden"),
            None,
            "listing.search.lost",
            how=f"not-hidden-{name}",
            equivalent=reason,
        )


def _drop_field_matches(search: Search, field: str, rows: list[Any], query: Query) -> list[Any]:
    """Return the rows without those that match only in this field."""
    term = query.get(search.parameter, "").casefold()
    if not term:
        return rows

    def has(row: Any, pointer: str) -> bool:
        return term in str(follow(row, pointer) or "").casefold()

    other_fields = [candidate for candidate in search.fields if candidate != field]
    return [
        row
        for row in rows
        if not has(row, field) or any(has(row, other_field) for other_field in other_fields)
    ]
