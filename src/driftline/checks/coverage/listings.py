"""The coverage of a listing: rows, later pages, filters, searches and orders."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from driftline.checks.coverage.marks import REQUEST, CoverageMark, to_json_key
from driftline.checks.outgoing import encode_text, encode_texts
from driftline.checks.request_arguments import Values
from driftline.openapi import (
    Listing,
    Operation,
    Order,
    Spec,
    is_array,
    list_directions,
    pointer as json_pointer,
)


class ListingCoverage:
    """The counted clauses of a listing, by its `x-listing`."""

    def __init__(self, spec: Spec, operation: Operation, listing: Listing) -> None:
        self._listing = listing
        self._pointer = operation.pointer + "/x-listing"
        self.rows = CoverageMark("rows", self._pointer + "/items", str(_find_success(operation)))
        page = listing.page
        self._later_page_mark = None if page.is_single else self._mark("second-page", "page")
        self._filter_marks = [
            (rule.parameter, self._mark("filter", "filter", rule.parameter))
            for rule in listing.filters
        ]
        self._filter_marks += [
            (rule.parameter, self._mark("filter", "range", rule.parameter))
            for rule in listing.ranges
        ]
        self._search_marks = [
            (rule.parameter, self._mark("search", "search", rule.parameter))
            for rule in listing.searches
        ]
        self._orders = list(self._order_marks(spec, operation))

    def _mark(self, kind: Any, *keys: str, value: str = "") -> CoverageMark:
        pointer = self._pointer + json_pointer.join(*keys)
        return CoverageMark(kind, pointer, REQUEST, keys[1] if len(keys) > 1 else "", value)

    def _order_marks(
        self, spec: Spec, operation: Operation
    ) -> Iterator[tuple[dict[str, str], str, CoverageMark]]:
        """Yield the arguments for each order, its field, and its mark."""
        rule = self._listing.order
        if rule is None:
            return
        directions = _list_directions(spec, operation, rule) if rule.by else []
        for name, field in rule.fields.items():
            for direction in directions or [""]:
                arguments = {rule.by: name} if rule.by else {}
                if direction and rule.direction:
                    arguments[rule.direction] = direction
                value = f"{name} {direction}".strip()
                mark = self._mark("sort", "order", "fields", name, value=value)
                mark.where = rule.by or ""
                yield arguments, field, mark

    def list_marks(self) -> Iterator[CoverageMark]:
        """Return the marks in the order of the vocabulary."""
        yield self.rows
        if self._later_page_mark:
            yield self._later_page_mark
        yield from (mark for _, mark in (*self._filter_marks, *self._search_marks))
        yield from (mark for _, _, mark in self._orders)

    def note(self, number: int, values: Values, request_body: bytes, body: Any) -> None:
        """Record a response with 2xx, and the arguments and the body of its request."""
        rows = json_pointer.follow(body, self._listing.items)
        if not is_array(rows):
            return
        values = values | self._read_body_fields(request_body)
        self.rows.note(number, bool(rows))
        if self._later_page_mark and self._is_later(values):
            self._later_page_mark.note(number, bool(rows))
        for name, mark in (*self._filter_marks, *self._search_marks):
            if ("query", name) in values:
                mark.note(number, bool(rows))
        for arguments, field, mark in self._orders:
            if all(_list_texts(values, name) == [string] for name, string in arguments.items()):
                distinct_values = {to_json_key(value) for value in _list_values(rows, field)}
                mark.note(number, len(distinct_values) > 1)

    def _read_body_fields(self, request_body: bytes) -> Values:
        """Return the values of the parameters that are fields of the request body."""
        if not self._listing.body_parameters:
            return {}
        try:
            fields = self._listing.read_body(json.loads(request_body))
        except (ValueError, RecursionError):
            return {}
        return {("query", name): value for name, value in fields.items()}

    def _is_later(self, values: Values) -> bool:
        page = self._listing.page
        strings = {name: "".join(_list_texts(values, name)[-1:]) for name in page.parameters}
        return not page.is_first(strings)


def _list_texts(values: Values, name: str | None) -> list[str]:
    """Return the sent values of a query parameter or header."""
    query_values = values.get(("query", str(name)))
    return encode_texts(
        values.get(("header", str(name)), []) if query_values is None else query_values
    )


def _list_directions(spec: Spec, operation: Operation, rule: Order) -> list[str]:
    """Return the possible values of the direction, as written in a URL."""
    parameter = operation.find_parameter(rule.direction) if rule.direction else None
    if parameter is None:
        return []
    return [encode_text(value) for value in list_directions(spec, parameter.schema_pointer)]


def _list_values(rows: list[Any], field: str) -> Iterator[Any]:
    for row in rows:
        value = json_pointer.follow(row, field)
        if value is not json_pointer.MISSING and value is not None:
            yield value


def _find_success(operation: Operation) -> str:
    return operation.success.status if operation.success else "200"
