"""Filters: every returned row matches, and no matching row is missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import islice, product
from typing import Any

from driftline.checks import (
    FindingCollector,
    Walk,
    build_largest_size,
    check_metadata,
    encode_text,
    find_size_limits,
    locate_clause,
    require_listing,
    to_hashable,
)
from driftline.openapi import (
    MISSING,
    Filter,
    Parameter,
    Spec,
    describe,
    is_array,
    is_valid,
    pointer as json_pointer,
    resolve_value_schema,
)
from driftline.suite.examinations.listings.variety import walk_varied_rows
from driftline.suite.examinations.listings.walker import Walker
from driftline.suite.probe import Probe, confirm_twice

UNLIKELY = "qxzvjkwy"
_WORD = re.compile(r"\w{3,}")
_LITERAL = re.compile(r"\w[\w -]*")
"""No list, pattern or expression, whatever the parameter of a filter may be."""
_UNLIKELY_VALUES = (UNLIKELY, 2_147_483_001, "1901-02-03", "1901-02-03T04:05:06Z")
_PAGES = 3
"""How many pages show whether a filter also applies to later pages."""


@confirm_twice
def check_filters(probe: Probe) -> None:
    """Check that each value of each filter returns all matching rows and no others."""
    listing = require_listing(probe.operation)
    if not listing.filters:
        return
    walker, size = start_walks(probe)
    full_walk = walk_varied_rows(
        walker, size, [filter_rule.field for filter_rule in listing.filters]
    )
    for rule in listing.filters:
        values = _choose_values(probe, rule, full_walk)
        is_list = find_parameter_schema(probe, rule.parameter)[1].get("type") == "array"
        choices: list[list[Any]] = [[value] for value in values]
        # Whether a list has to have one or all of the values is not documented.
        if is_list and len(values) > 1 and not _has_lists(full_walk, rule):
            choices.append(values[:2])
        for chosen_values in choices:
            arguments = {rule.parameter: chosen_values if is_list else chosen_values[0]}
            walk = walker.walk({**size, **arguments})
            _filter(probe, rule, chosen_values, full_walk, walk)
        if choices:
            _filter_small_pages(probe, walker, rule, choices, full_walk)
            _filter_part(probe, walker, rule, values[0])
        if len(choices) < 2:
            _filter_unlikely(probe, walker, rule, full_walk)


def _has_lists(walk: Walk, rule: Filter) -> bool:
    return any(is_array(json_pointer.follow(row, rule.field)) for row in walk.rows)


def takes_part_of_value(spec: Spec, parameter: Parameter, rule: Filter) -> bool:
    """Return whether a filter takes any string, and returns only the rows that have it."""
    _, schema = resolve_value_schema(spec, parameter.schema_pointer)
    is_free = schema.get("type") == "string" and not schema.keys() & {"enum", "format", "pattern"}
    return is_free and rule.exact and not rule.values


def _filter_part(probe: Probe, walker: Walker, rule: Filter, value: Any) -> None:
    """Send a part of a value, which shows a filter that compares loosely."""
    parameter = probe.operation.find_parameter(rule.parameter)
    part = str(value)[:-1]
    if parameter is None or not takes_part_of_value(probe.spec, parameter, rule) or not part:
        return
    if not is_valid(probe.spec, parameter.schema_pointer, part):
        return
    page = walker.page({**walker.base, rule.parameter: part})
    if page is not None and page.exchange.ok:
        check_filter(probe, rule, [part], Walk(walker.listing, [page], is_complete=False))


def _filter_small_pages(
    probe: Probe, walker: Walker, rule: Filter, choices: list[list[Any]], full_walk: Walk
) -> None:
    """Filter by the most common value, with several pages: later ones may ignore the filter."""
    counts = [
        sum(is_match(rule, chosen_values, row) for row in full_walk.rows)
        if len(chosen_values) == 1
        else 0
        for chosen_values in choices
    ]
    max_count = max(counts)
    values = choices[counts.index(max_count)]
    is_list = find_parameter_schema(probe, rule.parameter)[1].get("type") == "array"
    arguments = {rule.parameter: values if is_list else values[0]}
    walk = walk_small_pages(probe, walker, arguments, max_count)
    if walk is not None:
        check_filter(probe, rule, values, walk)


def walk_small_pages(
    probe: Probe, walker: Walker, arguments: Mapping[str, Any], row_count: int
) -> Walk | None:
    """Return a walk over `row_count` rows on several pages, if the page sizes allow it."""
    limits = find_size_limits(probe.spec, probe.operation)
    size = max(limits[1], -(-row_count // _PAGES)) if limits else 0
    if limits is None or row_count <= size or size >= limits[2]:
        return None
    return walker.walk({**arguments, limits[0]: size}, max_pages=_PAGES)


def _filter_unlikely(probe: Probe, walker: Walker, rule: Filter, full_walk: Walk) -> None:
    """Send a value that no row has, which shows a filter even if all rows have one value."""
    parameter = probe.operation.find_parameter(rule.parameter)
    known_values = {value for row in full_walk.rows for value in list_field_values(row, rule.field)}
    schema = parameter.schema_pointer if parameter else ""
    is_list = find_parameter_schema(probe, rule.parameter)[1].get("type") == "array"
    for value in _UNLIKELY_VALUES:
        argument = [value] if is_list else value
        if rule.values or value in known_values or not is_valid(probe.spec, schema, argument):
            continue
        page = walker.page({**walker.base, rule.parameter: argument})
        if page is not None:  # what names no row may also be rejected
            pages = [page] if page.exchange.ok else []
            check_filter(probe, rule, [value], Walk(walker.listing, pages, is_complete=False))
        return


def start_walks(probe: Probe) -> tuple[Walker, dict[str, int]]:
    """Return a walker, and the arguments for the largest pages."""
    return Walker(probe), build_largest_size(probe.spec, probe.operation)


def find_parameter_schema(probe: Probe, name: str) -> tuple[str, Mapping[str, Any]]:
    """Return the schema of a parameter's values, and its pointer."""
    parameter = probe.operation.find_parameter(name)
    return resolve_value_schema(probe.spec, parameter.schema_pointer) if parameter else ("", {})


def _choose_values(probe: Probe, rule: Filter, full_walk: Walk) -> list[Any]:
    """Return the values to send: all documented ones, or else the most common ones."""
    pointer, schema = find_parameter_schema(probe, rule.parameter)
    parameter = probe.operation.find_parameter(rule.parameter)
    schema_pointer = parameter.schema_pointer if parameter else ""
    if schema.get("type") == "array":
        schema_pointer, schema = resolve_value_schema(probe.spec, pointer + "/items")
    if schema.get("enum"):
        return [value for value in schema["enum"] if value is not None]
    if rule.values:
        return [parse_value(name, schema) for name in rule.values]
    if schema.get("type") == "boolean":
        return [True, False]
    counts = Counter(
        to_hashable(value)
        for row in full_walk.rows
        for value in list_field_values(row, rule.field)
        if not isinstance(value, (dict, list))
    )
    # A row may have a value that the filter does not allow, or does not read literally.
    usable = (
        value
        for value, _ in counts.most_common()
        if is_valid(probe.spec, schema_pointer, value)
        and (rule.exact or _LITERAL.fullmatch(str(value)))
    )
    return list(islice(usable, 3))


def parse_value(name: str, schema: Mapping[str, Any]) -> Any:
    """Return a key of `values` as the parameter's type."""
    if schema.get("type") == "boolean":
        return name == "true"
    return int(name) if schema.get("type") == "integer" else name


def list_field_values(row: Any, pointer: str) -> list[Any]:
    """Return the values at `pointer` of a row; for a list, its items."""
    value = json_pointer.follow(row, pointer)
    if value is MISSING or value is None:
        return []
    return value if is_array(value) else [value]


def is_match(rule: Filter, chosen_values: list[Any], row: Any) -> bool:
    """Return whether a row matches a filter with the chosen values."""
    accepted_values: list[Any] = []
    for value in chosen_values:
        mapped = (rule.values or {}).get(encode_text(value))
        accepted_values += [value] if mapped is None else mapped
    strings = {encode_text(value) for value in accepted_values}
    field_value = json_pointer.follow(row, rule.field)
    if field_value in (MISSING, None):
        return None in accepted_values
    return any(encode_text(value) in strings for value in list_field_values(row, rule.field))


def _is_allowed(rule: Filter, chosen_values: list[Any], row: Any) -> bool:
    """Return whether a filter may keep a row: it matches, or that is not documented."""
    if rule.exact or is_match(rule, chosen_values, row):
        return is_match(rule, chosen_values, row)
    if json_pointer.follow(row, rule.field) is MISSING:
        return True
    strings = [encode_text(value).casefold() for value in list_field_values(row, rule.field)]
    chosen_strings = [encode_text(value).casefold() for value in chosen_values]
    # A full-text search finds "running" by "run", and the reverse.
    pairs = [*product(chosen_strings, strings), *product(strings, chosen_strings)]
    return any(
        part in haystack
        for needle, haystack in pairs
        for part in (needle, *_WORD.findall(needle))
        if part
    )


def _filter(
    probe: Probe, rule: Filter, chosen_values: list[Any], full_walk: Walk, walk: Walk
) -> None:
    check_filter(probe, rule, chosen_values, walk)
    check_metadata(probe, walk)
    pointer = locate_clause(probe.operation, "filter", rule.parameter)
    query = _format_filter(rule, chosen_values)
    belong = {full_walk.get_id(row) for row in full_walk.rows if is_match(rule, chosen_values, row)}
    report_lost(probe, pointer, query, walk, belong)


def check_filter(
    collector: FindingCollector, rule: Filter, chosen_values: list[Any], walk: Walk
) -> None:
    """Check that every row of the walk has one of the chosen values."""
    report_strays(
        collector,
        walk,
        ("filter", rule.parameter),
        lambda row: _is_allowed(rule, chosen_values, row),
        expected=_format_filter(rule, chosen_values),
        show=lambda row: json_pointer.follow(row, rule.field) or None,
    )


def report_strays(
    collector: FindingCollector,
    walk: Walk,
    clause: tuple[str, str],
    belongs: Callable[[Any], bool],
    *,
    expected: str,
    show: Callable[[Any], Any],
) -> None:
    """Report each row of a walk that a filter, range or search should have excluded.

    `clause` is which of them it is, and its parameter; `show` returns what the row has.
    """
    key, parameter = clause
    for page in walk.pages:
        for row in page.rows:
            if not belongs(row):
                collector.report(
                    "listing.search.ignored" if key == "search" else "listing.filter.ignored",
                    locate_clause(collector.operation, key, parameter),
                    message=f"the {key} {parameter} returns a row that does not match",
                    expected=expected,
                    got=describe(show(row)),
                    exchange=page.exchange,
                )


def _format_filter(rule: Filter, chosen_values: list[Any]) -> str:
    return f"{rule.parameter}={','.join(map(encode_text, chosen_values))}"


def report_lost(probe: Probe, pointer: str, query: str, walk: Walk, belong: set[Any]) -> None:
    """Report the matching rows that are missing in a complete walk."""
    if not walk.is_complete or walk.is_endless or walk.listing.page.is_single:
        return
    lost_ids = belong - set(walk.ids)
    if lost_ids:
        exchange = walk.pages[0].exchange if walk.pages else None
        probe.report(
            "listing.search.lost" if "/search/" in pointer else "listing.filter.lost",
            pointer,
            message=f"rows are missing from the response to {query}",
            expected=f"{len(belong)} rows",
            got=f"{len(belong) - len(lost_ids)} rows, without {describe(min(map(str, lost_ids)))}",
            exchange=exchange,
        )
