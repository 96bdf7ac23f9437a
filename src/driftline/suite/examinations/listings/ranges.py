"""Ranges: a row is listed only if its field is within the bound, on every page."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor
from typing import Any

from driftline.checks import (
    FindingCollector,
    Walk,
    build_largest_size,
    check_metadata,
    locate_clause,
    require_listing,
)
from driftline.openapi import (
    MISSING,
    Range,
    is_valid,
    make_comparable,
    pointer as json_pointer,
)
from driftline.suite.examinations.listings.filtering import (
    report_lost,
    report_strays,
    walk_small_pages,
)
from driftline.suite.examinations.listings.variety import walk_varied_rows
from driftline.suite.examinations.listings.walker import Walker
from driftline.suite.probe import Probe, confirm_twice

_VALUES = 40
"""How many values of a field are tried as bounds."""


@confirm_twice
def check_ranges(probe: Probe) -> None:
    """Send bounds that match some of the rows, for each range."""
    listing = require_listing(probe.operation)
    if not listing.ranges:
        return
    walker, size = Walker(probe), build_largest_size(probe.spec, probe.operation)
    full_walk = walk_varied_rows(walker, size, [rule.field for rule in listing.ranges])
    for rule in listing.ranges:
        bounds = [*list_bounds(probe, rule, full_walk.rows)]
        # A careless server takes 0 for no bound.
        for bound in dict.fromkeys((*bounds[:1], *(bound for bound in bounds if bound == 0))):
            _check_bound(probe, walker, rule, bound, full_walk)


def _check_bound(probe: Probe, walker: Walker, rule: Range, bound: Any, full_walk: Walk) -> None:
    """Check that a bound keeps all rows within it, and no others."""
    size = build_largest_size(probe.spec, probe.operation)
    walk = walker.walk({**size, rule.parameter: bound})
    check_range(probe, rule, bound, walk)
    check_metadata(probe, walk)
    admitted = (
        (full_walk.get_id(row), rule.admits(json_pointer.follow(row, rule.field), bound))
        for row in full_walk.rows
    )
    pointer = locate_clause(probe.operation, "range", rule.parameter)
    belong = {row_id for row_id, is_kept in admitted if is_kept}
    report_lost(probe, pointer, f"{rule.parameter}={bound}", walk, belong)
    later = walk_small_pages(probe, walker, {rule.parameter: bound}, len(walk.rows))
    if later is not None:
        check_range(probe, rule, bound, later)


def check_range(collector: FindingCollector, rule: Range, bound: Any, walk: Walk) -> None:
    """Check that every row of the walk is within the bound."""
    report_strays(
        collector,
        walk,
        ("range", rule.parameter),
        lambda row: rule.admits(json_pointer.follow(row, rule.field), bound) is not False,
        expected=f"{rule.parameter}={bound}",
        show=lambda row: json_pointer.follow(row, rule.field),
    )


def list_bounds(probe: Probe, rule: Range, rows: list[Any]) -> Iterator[Any]:
    """Yield bounds that match some but not all rows, the middle one first."""
    parameter = probe.operation.find_parameter(rule.parameter)
    values = {
        key: value
        for value in (json_pointer.follow(row, rule.field) for row in rows)
        if value is not MISSING and (key := make_comparable(value)) is not None
    }
    sorted_values = [values[key] for key in sorted(values)]
    sorted_values = sorted_values[:: -(-len(sorted_values) // _VALUES) or 1]
    middle = len(sorted_values) // 2
    for value in (*sorted_values[middle:], *sorted_values[:middle]):
        for bound in (value, *_shorten(value)):
            sides = {rule.admits(row_value, bound) for row_value in sorted_values}
            fits = parameter and is_valid(probe.spec, parameter.schema_pointer, bound)
            if fits and {True, False} <= sides:
                yield bound
                break


def _shorten(value: Any) -> Iterator[Any]:
    """Yield the day of a time, and the whole number below a number."""
    if isinstance(value, str):
        yield value[: len("2024-01-15")]
    elif isinstance(value, float):
        yield floor(value)
