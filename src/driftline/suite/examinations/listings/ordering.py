"""The order of a listing's rows: by every documented field, up and down, across all pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from driftline.checks import (
    FindingCollector,
    Walk,
    build_largest_size,
    locate_clause,
    require_listing,
    to_hashable,
)
from driftline.checks.listing import page_rules
from driftline.openapi import (
    Order,
    describe,
    find_parameter_schema,
    list_directions,
    list_types,
    parse_timestamp,
    pointer as json_pointer,
)
from driftline.suite.examinations.listings.filtering import walk_small_pages
from driftline.suite.examinations.listings.variety import walk_varied_rows
from driftline.suite.examinations.listings.walker import Walker
from driftline.suite.probe import Probe, confirm_twice

_DECIMAL = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)")


@confirm_twice
def order(probe: Probe) -> None:
    """Check that each sort value orders the rows in each direction, and loses none."""
    rule = require_listing(probe.operation).order
    if rule is None:
        return
    walker = Walker(probe)
    size = build_largest_size(probe.spec, probe.operation)
    full_walk = walk_varied_rows(walker, size, list(rule.fields.values()))
    if rule.by is None and rule.direction is None:
        for name in rule.fields:
            check_order(probe, full_walk, rule, name, rule.descending)
        return
    # Rows that are alike may come in another order with each page.
    alike = min(rule.fields.values(), key=lambda field: _count_values(full_walk, field))
    for name in rule.fields:
        for direction, descending in _list_directions(probe, rule, name):
            by = {rule.by: _write_value(probe, rule.by, name)} if rule.by else {}
            arguments = {**by, **direction}
            walk = walker.walk({**size, **arguments})
            check_order(probe, walk, rule, name, descending)
            _compare_rows(probe, full_walk, walk, name)
            small = None
            if len(walk.pages) == 1 and (name == [*rule.fields][-1] or rule.fields[name] == alike):
                small = walk_small_pages(probe, walker, arguments, len(walk.rows))
            if small is not None:  # a server may order the rows of each page only
                check_order(probe, small, rule, name, descending)
                page_rules.check_repeats(probe, small)


def _count_values(walk: Walk, field: str) -> int:
    return len({to_hashable(json_pointer.follow(row, field)) for row in walk.rows})


def _write_value(probe: Probe, parameter: str, name: str) -> str | list[str]:
    """Return the argument that sorts by `name`: a list if the parameter takes several."""
    pointer = find_parameter_schema(probe.spec, probe.operation, parameter)
    return [name] if pointer and list_types(probe.spec, pointer) - {"null"} == {"array"} else name


def _list_directions(
    probe: Probe, rule: Order, name: str
) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """Yield the arguments for each direction, and whether it is descending."""
    parameter = probe.operation.find_parameter(rule.direction) if rule.direction else None
    if parameter is None:
        yield {}, rule.is_descending(name)
        return
    for value in list_directions(probe.spec, parameter.schema_pointer) or ("asc", "desc"):
        descending = rule.read_direction(value)
        if descending is not None:
            yield {parameter.name: value}, descending


def check_order(
    collector: FindingCollector, walk: Walk, rule: Order, name: str, descending: bool
) -> None:
    """Check that the rows of the walk are in the order of the field for `name`."""
    if not walk.pages:
        return
    field = rule.fields[name]
    located = [
        (page, value)
        for page in walk.pages
        for row in page.rows
        if (value := json_pointer.follow(row, field)) not in (json_pointer.MISSING, None)
    ]
    disorder = _find_disorder([value for _, value in located], descending)
    if not disorder:
        return
    # The order within one response does not depend on changes between two responses.
    is_inside = [index for index in disorder if located[index][0] is located[index + 1][0]]
    position = (is_inside or disorder)[0]
    page = located[position + 1][0]
    direction = "descending" if descending else "ascending"
    collector.report(
        "listing.order.wrong",
        locate_clause(collector.operation, "order", "fields", name),
        message=f"the rows are not in {direction} order of {field}",
        expected=f"{direction} {field}",
        got=f"{describe(located[position][1])} before {describe(located[position + 1][1])}",
        where=direction,
        variant="" if is_inside else "across pages",
        exchange=page.exchange,
    )


def _compare_rows(probe: Probe, full_walk: Walk, walk: Walk, name: str) -> None:
    comparable = all(
        compared.is_complete and not compared.is_endless for compared in (full_walk, walk)
    )
    if not comparable or walk.listing.page.is_single or not walk.pages:
        return
    lost = set(full_walk.ids) ^ set(walk.ids)
    if lost:
        probe.report(
            "listing.row.lost",
            locate_clause(probe.operation, "order", "fields", name),
            message="sorting changes the set of rows",
            expected=f"{len(set(full_walk.ids))} rows",
            got=f"{len(set(walk.ids))} rows; different: {describe(min(map(str, lost)))}",
            exchange=walk.pages[0].exchange,
        )


def _find_disorder(values: list[Any], descending: bool) -> list[int]:
    """Return the indexes of neighbors in the wrong order; none if they are right in one reading."""
    disorders: list[list[int]] = []
    for reading in _list_readings(values):
        pairs = enumerate(pairwise(reading(value) for value in values))
        disorders.append([i for i, (a, b) in pairs if (a < b if descending else a > b)])
    return disorders[0] if disorders and all(disorders) else []


def _list_readings(values: list[Any]) -> list[Callable[[Any], Any]]:
    """Return the accepted comparisons: times and numbers by value, strings with and without case.

    Strings that are all decimal numbers, such as prices, may also be compared by value.
    """
    if all(isinstance(value, (int, float)) for value in values):
        return [float]
    if not all(isinstance(value, str) for value in values):
        return []
    if all(parse_timestamp(value) is not None for value in values):
        return [parse_timestamp]
    readings: list[Callable[[Any], Any]] = [str, str.casefold, _keep_alphanumeric]
    if all(_DECIMAL.fullmatch(value) for value in values):
        readings.append(Decimal)
    return readings


def _keep_alphanumeric(string: str) -> str:
    """Return letters and digits only, as the collations of many databases compare."""
    return re.sub(r"[\W_]+", "", string).casefold()
