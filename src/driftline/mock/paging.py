"""Filters, searches, sorts and pages rows, by the words of x-listing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from driftline.mock.arguments import Arguments
from driftline.mock.store import Row
from driftline.spec import Operation
from driftline.spec.instants import instant
from driftline.spec.pointer import MISSING, follow, is_array
from driftline.spec.vocabulary import Filter, Listing, Search

__all__ = ["Page", "page_of"]

DEFAULT_SIZE = 100


@attrs.frozen
class Page:
    """One page: its rows, how many there are in all, the next page's cursor (None: no more)."""

    rows: Sequence[Row]
    total: int
    number: int
    size: int
    next: Any
    more: bool
    previous: bool

    def facts(self) -> Mapping[str, Any]:
        """What x-listing's `echo` may repeat."""
        return {
            "page": self.number,
            "size": self.size,
            "totalPages": -(-self.total // self.size),
            "more": self.more,
            "previous": self.previous,
            "count": len(self.rows),
        }


def page_of(operation: Operation, rows: Sequence[Row], arguments: Arguments) -> Page:
    """The page of `rows` that `arguments` ask for."""
    listing = operation.listing
    assert listing is not None  # noqa: S101 (only listings are paged)
    given = {**_defaults(operation), **arguments}
    ordered = _sorted(listing, rows, given)
    filters = [rule for rule in listing.filters if rule.parameter in arguments]
    searches = [rule for rule in listing.searches if rule.parameter in arguments]
    kept = [
        row
        for row in ordered
        if all(_passes(rule, row, arguments) for rule in filters)
        and all(_found(rule, row, arguments) for rule in searches)
    ]
    size = max(1, int(_size(listing, given)))
    start = _start(listing, ordered, kept, given, size)
    shown = kept[start : start + size]
    more = start + size < len(kept)
    return Page(
        rows=shown,
        total=len(kept),
        number=start // size + listing.page.first,
        size=size,
        next=shown[-1].id if more and shown else None,
        more=more,
        previous=start > 0,
    )


def _defaults(operation: Operation) -> dict[str, Any]:
    return {p.name: p.schema["default"] for p in operation.parameters if "default" in p.schema}


def _passes(rule: Filter, row: Row, arguments: Arguments) -> bool:
    asked = arguments[rule.parameter]
    wanted: list[Any] = asked if is_array(asked) else [asked]
    if not wanted:
        return True
    if rule.values is not None:
        wanted = [value for name in wanted for value in rule.values.get(str(name), ())]
    return follow(row.data, rule.field) in wanted


def _found(rule: Search, row: Row, arguments: Arguments) -> bool:
    asked = arguments[rule.parameter]
    if asked is None:
        return True
    wanted = str(asked).casefold()
    texts = [follow(row.data, field) for field in rule.fields]
    texts += [row.hidden.get(name, "") for name in rule.hidden]
    return any(isinstance(text, str) and wanted in text.casefold() for text in texts)


def _sorted(listing: Listing, rows: Sequence[Row], given: Mapping[str, Any]) -> Sequence[Row]:
    order = listing.order
    if order is None:
        return rows
    by = given.get(order.by) if order.by else None
    field = order.fields.get(str(by), next(iter(order.fields.values())))
    descending = order.descending
    if order.direction:
        descending = str(given.get(order.direction, "asc")).lower().startswith("d")
    # The ID decides between equals, so that pages neither overlap nor leave a row out.
    found = [(follow(row.data, field), row) for row in sorted(rows, key=lambda row: str(row.id))]
    having = [(value, row) for value, row in found if value not in (None, MISSING)]
    lacking = [row for value, row in found if value in (None, MISSING)]
    rank = _ranking([value for value, _ in having])
    having.sort(key=lambda pair: rank(pair[0]), reverse=descending)
    return [*(row for _, row in having), *lacking]


def _ranking(values: Sequence[Any]) -> Callable[[Any], tuple[int, float, str]]:
    """How values compare: times by the moment they mean, numbers before texts."""
    if all(isinstance(value, str) and instant(value) is not None for value in values):
        return lambda value: (0, instant(value) or 0, "")
    return lambda value: (0, value, "") if isinstance(value, (int, float)) else (1, 0, str(value))


def _size(listing: Listing, given: Mapping[str, Any]) -> float:
    if listing.size.fixed is not None:
        return listing.size.fixed
    size: float = given.get(listing.size.parameter or "", DEFAULT_SIZE)
    return size


def _start(
    listing: Listing,
    ordered: Sequence[Row],
    kept: Sequence[Row],
    given: Mapping[str, Any],
    size: int,
) -> int:
    """How many of the kept rows come before the page."""
    page = listing.page
    asked = given.get(page.parameter or "")
    if asked is None or page.style == "single":
        return 0
    if page.style == "number":
        return max(0, int(asked) - page.first) * size
    if page.style == "offset":
        return max(0, int(asked))
    ids = [str(row.id) for row in ordered]
    if str(asked) not in ids:
        return len(kept)  # a row that is not there (any more): nothing comes after it
    before = set(ids[: ids.index(str(asked)) + 1])
    return sum(str(row.id) in before for row in kept)
