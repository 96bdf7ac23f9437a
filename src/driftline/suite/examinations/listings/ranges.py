"""Ranges: a row is returned if its field is on the right side of the bound, on every page."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor
from typing import Any

from driftline.checks import (
    Sightings,
    Walk,
    build_largest_size,
    check_metadata,
    find_size_limits,
    locate_clause,
    require_listing,
)
from driftline.openapi import (
    MISSING,
    Range,
    describe,
    list_violations,
    make_comparable,
    pointer as json_pointer,
)
from driftline.suite.examinations.listings.selection import report_lost
from driftline.suite.examinations.listings.variety import walk_varied_rows
from driftline.suite.examinations.listings.walker import Walker
from driftline.suite.probe import Probe, confirm_twice

_PAGES = 3
_VALUES = 40
"""So many values of a field are tried as bounds."""


@confirm_twice
def check_ranges(probe: Probe) -> None:
    """Send a bound of each range that keeps some of the rows."""
    listing = require_listing(probe.operation)
    if not listing.ranges:
        return
    walker, size = Walker(probe), build_largest_size(probe.spec, probe.operation)
    everything = walk_varied_rows(walker, size, [rule.field for rule in listing.ranges])
    for rule in listing.ranges:
        bound = next(list_bounds(probe, rule, everything.rows), None)
        if bound is None:
            continue
        walk = walker.walk({**size, rule.parameter: bound})
        check_range(probe, rule, bound, walk)
        check_metadata(probe, walk)
        admitted = (
            (everything.get_id(row), rule.admits(json_pointer.follow(row, rule.field), bound))
            for row in everything.rows
        )
        pointer, shown = (
            locate_clause(probe.operation, "range", rule.parameter),
            f"{rule.parameter}={bound}",
        )
        report_lost(probe, pointer, shown, walk, {row_id for row_id, kept in admitted if kept})
        _check_later_pages(probe, walker, rule, bound, len(walk.rows))


def check_range(found: Sightings, rule: Range, bound: Any, walk: Walk) -> None:
    """Every row of the walk is on the right side of the bound."""
    for page in walk.pages:
        for row in page.rows:
            value = json_pointer.follow(row, rule.field)
            if rule.admits(value, bound) is False:
                found.report(
                    "listing.filter.ignored",
                    locate_clause(found.operation, "range", rule.parameter),
                    message=f"the range {rule.parameter} lets a row through that it should not",
                    expected=f"{rule.parameter}={bound}",
                    got=describe(value),
                    exchange=page.exchange,
                )


def list_bounds(probe: Probe, rule: Range, rows: list[Any]) -> Iterator[Any]:
    """Yield values to send that keep some of the rows and not others, the middle one first."""
    parameter = probe.operation.find_parameter(rule.parameter)
    values = {
        key: value
        for value in (json_pointer.follow(row, rule.field) for row in rows)
        if value is not MISSING and (key := make_comparable(value)) is not None
    }
    ordered = [values[key] for key in sorted(values)]
    ordered = ordered[:: -(-len(ordered) // _VALUES) or 1]
    middle = len(ordered) // 2
    for value in (*ordered[middle:], *ordered[:middle]):
        for bound in (value, *_shorten(value)):
            sides = {rule.admits(each, bound) for each in ordered}
            is_valid = parameter and not list_violations(
                probe.spec, parameter.schema_pointer, bound
            )
            if is_valid and {True, False} <= sides:
                yield bound
                break


def _shorten(value: Any) -> Iterator[Any]:
    """Yield the day of a time, and the whole number below a number, for parameters of these."""
    if isinstance(value, str):
        yield value[: len("2024-01-15")]
    elif isinstance(value, float):
        yield floor(value)


def _check_later_pages(
    probe: Probe, walker: Walker, rule: Range, bound: Any, matching: int
) -> None:
    """Read the rows on several pages: a later one may forget the range."""
    limits = find_size_limits(probe.spec, probe.operation)
    size = max(limits[1], -(-matching // _PAGES)) if limits else 0
    if limits is None or matching <= size or size >= limits[2]:
        return
    walk = walker.walk({rule.parameter: bound, limits[0]: size}, max_pages=_PAGES)
    check_range(probe, rule, bound, walk)
