"""Rows that are created during a walk: a cursor must neither repeat nor lose a row."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from driftline.checks import (
    Walk,
    find_next_page,
    find_size_limits,
    locate_clause,
    to_hashable,
)
from driftline.openapi import Operation, describe
from driftline.suite.examinations.listings.walker import Walker
from driftline.suite.http.session import NotChecked
from driftline.suite.new_rows import send_new
from driftline.suite.probe import Probe
from driftline.suite.samples import make_samples
from driftline.suite.unique_values import set_unique_fields

FEW = 5


def check_moving_rows(probe: Probe) -> None:
    """Create a row after the first page, and continue the walk.

    Only for pages that begin after a row: pages by number or offset shift.
    """
    effect = probe.operation.effect
    listing = probe.spec.find_operation(effect.of) if effect and effect.of else None
    if listing is None or listing.listing is None or not listing.listing.page.is_keyed:
        return
    listing_probe = Probe(probe.session, listing)
    walker = Walker(listing_probe)
    before, size = _walk_pages(walker, find_size_limits(probe.spec, listing))
    page = walker.page({**walker.base, **size})
    if page is None or not page.rows or not _create(probe):
        return
    next_page = find_next_page(probe.spec, listing, [page])
    if not before.is_complete or next_page is None:
        return
    # Many services have such cursors, and no document excludes them.
    if not probe.session.target.is_mock and _is_position(next_page, len(page.rows)):
        message = "the cursor is a position, and rows move when one is created"
        raise NotChecked(f"{message}; have the cursor name the last row of a page")
    walk = walker.walk(after=page)
    after = [*(to_hashable(before.get_id(row)) for row in page.rows), *walk.ids]
    expected = set(before.ids)
    if expected - set(after) and not probe.session.target.is_mock:
        expected &= set(walker.walk(size).ids)  # others may have deleted a row meanwhile
    _judge(probe, listing, expected, after, is_complete=walk.is_complete)


def _is_position(cursor: object, rows: int) -> bool:
    """Return whether a cursor is a row or page count, plain or in base64."""
    strings = [str(cursor)]
    with suppress(ValueError):
        strings.append(base64.urlsafe_b64decode(f"{cursor}===").decode())
    return any(re.findall(r"\w+", string)[-1:] in ([str(rows)], ["1"], ["2"]) for string in strings)


def _walk_pages(
    walker: Walker, limits: tuple[str, int, int] | None
) -> tuple[Walk, Mapping[str, Any]]:
    """Return all rows, read in the largest size that gives two pages.

    Also return the arguments for that size.
    """
    if limits is None:
        return walker.walk(), {}
    name, low, high = limits
    walk = walker.walk({name: high})
    if len(walk.pages) > 1:
        return walk, {name: high}
    few = {name: min(max(low, FEW), high)}
    return walker.walk(few), few


def _create(probe: Probe) -> bool:
    """Create a row with new unique values; return whether that succeeded."""
    request = next(make_samples(probe.session, probe.operation))
    body = set_unique_fields(probe.spec, probe.operation, request.body, "driftline-moving")
    return send_new(probe.session, probe.operation, request.arguments, body)[0].ok


def _judge(
    probe: Probe, listing: Operation, before: set[object], after: list[object], *, is_complete: bool
) -> None:
    last = probe.session.last
    repeated_ids = {row_id for row_id in after if after.count(row_id) > 1}
    lost_ids = before - set(after) if is_complete else set[object]()
    for kind, row_ids, problem in (
        ("listing.page.repeats", repeated_ids, "is listed twice"),
        ("listing.row.lost", lost_ids, "is on no page"),
    ):
        if row_ids:
            probe.report(
                kind,
                locate_clause(listing, "page"),
                message=f"a row {problem} when another is created during the walk",
                expected=f"{len(before)} rows, each once",
                got=describe(min(map(str, row_ids))),
                exchange=last,
                operation=listing.id,
            )
