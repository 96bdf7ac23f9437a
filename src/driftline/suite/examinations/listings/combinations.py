"""Pairs of filters and searches: both must apply, and the total counts the remaining rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import attrs

from driftline.checks import Walk, build_largest_size, check_metadata, require_listing
from driftline.openapi import (
    Filter,
    Range,
    Search,
    follow,
    is_array,
    is_object,
    is_valid,
)
from driftline.suite.examinations.listings.filtering import (
    check_filter,
    check_filters,
    find_parameter_schema,
    is_match,
    list_field_values,
    parse_value,
)
from driftline.suite.examinations.listings.ranges import check_range, check_ranges, list_bounds
from driftline.suite.examinations.listings.searching import (
    check_search,
    has_text,
    list_words,
)
from driftline.suite.examinations.listings.walker import Walker
from driftline.suite.probe import Probe, confirm_twice

_PAIRS = 6
_ROWS, _WORDS, _BOUNDS = 40, 4, 3
"""How many rows of the first page, words of each row, and bounds are tried."""


@attrs.frozen
class _Choice:
    """A filter, range or search, with a value of some row."""

    rule: Filter | Range | Search
    value: Any

    @property
    def argument(self) -> Mapping[str, Any]:
        return {self.rule.parameter: self.value}

    def matches(self, row: Any) -> bool:
        """Return whether the row matches."""
        if isinstance(self.rule, Search):
            return has_text(self.rule, self.value, row)
        if isinstance(self.rule, Range):
            return self.rule.admits(follow(row, self.rule.field), self.value) is not False
        return is_match(self.rule, self._values, row)

    def check(self, probe: Probe, walk: Walk) -> None:
        """Report each row of the walk that does not match."""
        if isinstance(self.rule, Search):
            check_search(probe, self.rule, self.value, walk)
        elif isinstance(self.rule, Range):
            check_range(probe, self.rule, self.value, walk)
        else:
            check_filter(probe, self.rule, self._values, walk)

    @property
    def _values(self) -> list[Any]:
        return self.value if is_array(self.value) else [self.value]


@confirm_twice
def check_all_filters(probe: Probe) -> None:
    """Walk the pages under each filter and range, and under pairs of filters and searches."""
    check_filters(probe)
    check_ranges(probe)
    check_combinations(probe)


def check_combinations(probe: Probe) -> None:
    """Send each filter and search together with the next one."""
    parts = require_listing(probe.operation).conditions
    if len(parts) < 2:
        return
    walker, size = Walker(probe), build_largest_size(probe.spec, probe.operation)
    rows = walker.walk(size, max_pages=1).rows
    neighbors = [*parts[1:], *parts[:1]] if len(parts) > 2 else parts[1:]
    for first_rule, second_rule in islice(zip(parts, neighbors, strict=False), _PAIRS):
        pair = _choose_pair(probe, first_rule, second_rule, rows)
        if pair is not None:
            walk = walker.walk({**size, **pair[0].argument, **pair[1].argument})
            for choice in pair:
                choice.check(probe, walk)
            check_metadata(probe, walk)


def _choose_pair(
    probe: Probe,
    first_rule: Filter | Range | Search,
    second_rule: Filter | Range | Search,
    rows: list[Any],
) -> tuple[_Choice, _Choice] | None:
    """Return values of one row, preferably such that either value alone matches more rows."""
    first: tuple[_Choice, _Choice] | None = None
    bounds = {
        part.parameter: [*islice(list_bounds(probe, part, rows), _BOUNDS)]
        for part in (first_rule, second_rule)
        if isinstance(part, Range)
    }
    for row in rows[:_ROWS]:
        for left in _list_choices(probe, first_rule, row, bounds):
            for right in _list_choices(probe, second_rule, row, bounds):
                masks = [
                    left.matches(candidate) + 2 * right.matches(candidate) for candidate in rows
                ]
                if 1 in masks and 2 in masks:
                    return left, right
                first = first or (left, right)
    return first


def _list_choices(
    probe: Probe,
    rule: Filter | Range | Search,
    row: Any,
    bounds: Mapping[str, Sequence[Any]],
) -> Iterator[_Choice]:
    """Yield arguments that match the row."""
    if isinstance(rule, Range):
        value, candidates = follow(row, rule.field), bounds[rule.parameter]
        yield from (_Choice(rule, bound) for bound in candidates if rule.admits(value, bound))
        return
    if isinstance(rule, Search):
        parameter = probe.operation.find_parameter(rule.parameter)
        pointer = parameter.schema_pointer if parameter else ""
        for word in islice(list_words(row, rule), _WORDS):
            if is_valid(probe.spec, pointer, word):
                yield _Choice(rule, word)
        return
    values = list_field_values(row, rule.field)
    _, schema = find_parameter_schema(probe, rule.parameter)
    names = [
        parse_value(name, schema)
        for name, mapped in (rule.values or {}).items()
        if any(value in mapped for value in values)
    ]
    parameter = probe.operation.find_parameter(rule.parameter)
    for item in names if rule.values else values:
        value = [item] if schema.get("type") == "array" else item
        pointer = parameter.schema_pointer if parameter else ""
        if not is_object(item) and is_valid(probe.spec, pointer, value):
            yield _Choice(rule, value)
            return
