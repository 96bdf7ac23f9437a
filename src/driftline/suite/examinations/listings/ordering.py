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
)
from driftline.openapi import (
    Order,
    describe,
    find_parameter_schema,
    list_types,
    parse_timestamp,
    pointer as json_pointer,
    resolve_value_schema,
)
from driftline.suite.examinations.listings.selection import walk_small_pages
from driftline.suite.examinations.listings.variety import walk_varied_rows
from driftline.suite.examinations.listings.walker import Walker
from driftline.suite.probe import Probe, confirm_twice

_DECIMAL = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)")


@confirm_twice
def order(probe: Probe) -> None:
    """Check that each sort value orders the rows in each direction, and loses none."""
    words = require_listing(probe.operation).order
    if words is None:
        return
    walker = Walker(probe)
    size = build_largest_size(probe.spec, probe.operation)
    everything = walk_varied_rows(walker, size, list(words.fields.values()))
    if words.by is None:
        for name in words.fields:
            check_order(probe, everything, words, name, words.descending)
        return
    for name in words.fields:
        for direction, descending in _list_directions(probe, words, name):
            arguments = {words.by: _write_value(probe, words.by, name), **direction}
            walk = walker.walk({**size, **arguments})
            check_order(probe, walk, words, name, descending)
            _compare_rows(probe, everything, walk, name)
            small = None
            if len(walk.pages) == 1 and name == [*words.fields][-1]:
                small = walk_small_pages(probe, walker, arguments, len(walk.rows))
            if small is not None:  # a server may order the rows of each page only
                check_order(probe, small, words, name, descending)


def _write_value(probe: Probe, parameter: str, name: str) -> str | list[str]:
    """Return the argument that sorts by `name`: a list if the parameter takes several."""
    pointer = find_parameter_schema(probe.spec, probe.operation, parameter)
    return [name] if pointer and list_types(probe.spec, pointer) - {"null"} == {"array"} else name


def _list_directions(
    probe: Probe, words: Order, name: str
) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """Yield the arguments for each direction, and whether it is descending."""
    parameter = probe.operation.find_parameter(words.direction) if words.direction else None
    if parameter is None:
        yield {}, words.is_descending(name)
        return
    _, schema = resolve_value_schema(probe.spec, parameter.schema_pointer)
    for value in schema.get("enum", ("asc", "desc")):
        descending = is_descending(value)
        if descending is not None:
            yield {parameter.name: value}, descending


def is_descending(value: Any) -> bool | None:
    """Return whether a value of the direction parameter means descending; None if unknown."""
    text = str(value).lower()
    known = text.startswith(("asc", "desc", "1", "-1"))
    return text.startswith(("desc", "-1")) if known else None


def check_order(
    found: FindingCollector, walk: Walk, words: Order, name: str, descending: bool
) -> None:
    """Check that the rows of the walk are in the order of the field for `name`."""
    if not walk.pages:
        return
    field = words.fields[name]
    located = [
        (page, value)
        for page in walk.pages
        for row in page.rows
        if (value := json_pointer.follow(row, field)) not in (json_pointer.MISSING, None)
    ]
    disorder = _find_disorder([value for _, value in located], descending)
    if not disorder:
        return
    # One response shows its own order, whatever happens to the rows between two of them.
    is_inside = [index for index in disorder if located[index][0] is located[index + 1][0]]
    broken = (is_inside or disorder)[0]
    page = located[broken + 1][0]
    way = "descending" if descending else "ascending"
    found.report(
        "listing.order.wrong",
        locate_clause(found.operation, "order", "fields", name),
        message=f"the rows are not in {way} order of {field}",
        expected=f"{way} {field}",
        got=f"{describe(located[broken][1])} before {describe(located[broken + 1][1])}",
        where=way,
        variant="" if is_inside else "across pages",
        exchange=page.exchange,
    )


def _compare_rows(probe: Probe, everything: Walk, walk: Walk, name: str) -> None:
    comparable = all(each.complete and not each.endless for each in (everything, walk))
    if not comparable or walk.listing.page.is_single or not walk.pages:
        return
    lost = set(everything.ids) ^ set(walk.ids)
    if lost:
        probe.report(
            "listing.row.lost",
            locate_clause(probe.operation, "order", "fields", name),
            message="sorting changes the set of rows",
            expected=f"{len(set(everything.ids))} rows",
            got=f"{len(set(walk.ids))} rows; the difference holds {describe(min(map(str, lost)))}",
            exchange=walk.pages[0].exchange,
        )


def _find_disorder(values: list[Any], descending: bool) -> list[int]:
    """Return the indexes of neighbors in the wrong order; none if they are right in one reading."""
    found: list[list[int]] = []
    for reading in _list_readings(values):
        pairs = enumerate(pairwise(reading(value) for value in values))
        found.append([i for i, (a, b) in pairs if (a < b if descending else a > b)])
    return found[0] if found and all(found) else []


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


def _keep_alphanumeric(text: str) -> str:
    """Return letters and digits only, as the collations of many databases compare."""
    return re.sub(r"[\W_]+", "", text).casefold()
