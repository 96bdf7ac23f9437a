"""Detects rows of a live server that change while they are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import attrs

from driftline.checks import Exchange, Finding
from driftline.openapi import Operation, is_array, pointer as json_pointer

_ACROSS = frozenset(
    {
        "listing.filter.lost",
        "listing.more.wrong",
        "listing.order.wrong",
        "listing.page.endless",
        "listing.page.out-of-range",
        "listing.page.repeats",
        "listing.row.lost",
        "listing.search.lost",
        "listing.size.short",
        "listing.total.wrong",
        "parameter.default.wrong",
    }
)
"""Findings about several responses, which are valid only if the rows do not change."""


def is_unstable_finding(finding: Finding, operation: Operation) -> bool:
    """Return whether changing rows may cause a finding.

    With a cursor, a row must not repeat even then, and one response is in order by itself.
    """
    listing, kind = operation.listing, finding.id
    is_keyed = listing is not None and listing.page.is_keyed
    is_inside = kind == "listing.order.wrong" and not finding.variant
    return kind in _ACROSS and not is_inside and not (is_keyed and kind == "listing.page.repeats")


def has_moved(operation: Operation, exchanges: Sequence[Exchange]) -> bool:
    """Return whether the same request got other rows or another total the second time.

    Rows that are all the same in another order have not moved: the server keeps no order.
    """
    versions_by_request: defaultdict[Any, list[_Version]] = defaultdict(list)
    for exchange in exchanges:
        if exchange.ok and exchange.operation == operation.id:
            versions_by_request[exchange.request].append(_read_version(operation, exchange))
    moved = [
        versions
        for versions in versions_by_request.values()
        if any(version.order != versions[0].order for version in versions)
    ]
    is_shuffled = any(len({version.content for version in versions}) == 1 for versions in moved)
    return bool(moved) and not is_shuffled


@attrs.frozen
class _Version:
    """A response to a request: the IDs of its rows in order, and all of them without one."""

    order: Any
    content: str


def _read_version(operation: Operation, exchange: Exchange) -> _Version:
    try:
        body: Any = exchange.json
    except ValueError:
        return _Version(exchange.body, repr(exchange.body))
    listing = operation.listing
    rows = json_pointer.follow(body, listing.items) if listing else None
    if listing is None or not is_array(rows):
        return _Version(body, repr(body))
    total = json_pointer.follow(body, listing.total) if listing.total else None
    ids = [json_pointer.follow(row, listing.id) for row in rows]
    return _Version((total, ids), repr((total, sorted(map(repr, rows)))))
