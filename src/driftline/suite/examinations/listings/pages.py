"""Checks of a listing's pages: repeated and lost rows, sizes, totals, and the last page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from driftline.checks import (
    Walk,
    WalkedPage,
    encode_text,
    find_size_limits,
    format_response,
    locate_clause,
    to_hashable,
)
from driftline.checks.listing import page_rules
from driftline.openapi import (
    MISSING,
    PathTemplate,
    describe,
    find_parent_fields,
    follow,
    join,
)
from driftline.suite.examinations.listings.walker import Walker
from driftline.suite.probe import Probe, confirm_twice

SMALL = 29
_PAGES = 3
"""How many pages a walk in small pages has at least, where there are enough rows."""
FAR = 100_000


@confirm_twice
def check_pages(probe: Probe) -> None:
    """Walk all pages in the default, a small and the largest size, and compare the walks."""
    walker = Walker(probe)
    default = walker.walk()
    if _report_unreadable(probe, default):
        return
    walks = [default]
    limits = find_size_limits(probe.spec, probe.operation)
    if limits and default.pages:
        name, low, high = limits
        small = min(SMALL, -(-len(default.ids) // _PAGES))
        for size in dict.fromkeys((high, min(max(low, small), high))):
            walks.append(walker.walk({name: size}))
        walks.append(walker.walk({name: low}, max_pages=2))
        full_size = _find_full_size(walks, low, high)
        if full_size:
            walks.append(walker.walk({name: full_size}))
    for walk in walks:
        _walk(probe, walk)
        _check_parents(probe, walk)
    _compare_rows(probe, walks)
    _check_out_of_range(probe, walker, default)


def _find_full_size(walks: list[Walk], low: int, high: int) -> int:
    """Return a page size that leaves the last page full, or 0: a careless server announces more."""
    page = walks[0].listing.page
    complete_walk = next((walk for walk in walks if walk.is_complete and not walk.is_endless), None)
    if complete_walk is None or not (page.more or page.is_announced):
        return 0
    count = len(set(complete_walk.ids))
    sizes = (count // number for number in range(2, 6) if count % number == 0)
    return next((size for size in sizes if low <= size <= high), 0)


def _report_unreadable(probe: Probe, walk: Walk) -> bool:
    """Report a listing that cannot be read at all; return whether it was reported."""
    if walk.pages and walk.pages[0].exchange.ok:
        return False
    listing, last = walk.listing, probe.session.last
    ok = last is not None and last.ok
    probe.report(
        "listing.items.missing" if ok else "request.valid.rejected",
        locate_clause(probe.operation, "items") if ok else probe.operation.pointer,
        message="the response has no list of rows"
        if ok
        else "the listing request without optional parameters was rejected",
        expected=f"a list at {listing.items or 'the top of the body'}",
        got=format_response(last),
        exchange=last,
    )
    return True


def _walk(probe: Probe, walk: Walk) -> None:
    """Check the rules of one walk."""
    if not walk.pages:
        return
    page_rules.check_repeats(probe, walk)
    if walk.is_endless:
        page_rules.report_loop(probe, walk)
    if not page_rules.check_too_long(probe, walk):
        page_rules.check_too_short(probe, walk)
    page_rules.check_metadata(probe, walk)


def _check_parents(probe: Probe, walk: Walk) -> None:
    """Check that rows listed below a parent belong to it: `/orgs/{org_id}/users` by `org_id`.

    Without `x-reference`, a mock has the same rows below each parent.
    """
    parents = dict(find_parent_fields(probe.spec, probe.operation, probe.operation))
    if not probe.session.target.is_mock:
        names = PathTemplate(probe.operation.path).names
        parents = {**{name: join(name) for name in names}, **parents}
    for (name, field), page in product(parents.items(), walk.pages):
        parent = encode_text(page.arguments.get(name))
        parent_ids = [follow(row, field) for row in page.rows]
        strangers = [
            parent_id
            for parent_id in parent_ids
            if parent_id is not MISSING and encode_text(parent_id) != parent
        ]
        parameter = probe.operation.find_parameter(name, "path")
        if strangers and parameter is not None:
            probe.report(
                "listing.filter.ignored",
                parameter.pointer,
                message=f"a row of another {name} is listed",
                expected=f"{name}={parent}",
                got=describe(strangers[0]),
                where=name,
                exchange=page.exchange,
            )


def _compare_rows(probe: Probe, walks: list[Walk]) -> None:
    """Check that every complete walk has the same rows, whatever the page size."""
    complete_walks = [walk for walk in walks if walk.is_complete and not walk.is_endless]
    if not complete_walks or complete_walks[0].listing.page.is_single:
        return
    fullest_walk = max(complete_walks, key=lambda walk: len(set(walk.ids)))
    all_ids = {row_id for walk in complete_walks for row_id in walk.ids}
    for walk in complete_walks:
        lost = all_ids - set(walk.ids)
        if lost:
            page_rules.report(
                probe,
                "listing.row.lost",
                ("page",),
                _find_incomplete_page(walk, fullest_walk.ids),
                message="a row is missing from the pages, although it appears with another page "
                "size",
                expected=f"{len(all_ids)} rows",
                got=f"{len(all_ids) - len(lost)} rows, without {describe(min(map(str, lost)))}",
            )


def _find_incomplete_page(walk: Walk, all_ids: Sequence[Any]) -> WalkedPage:
    """Return the page of a walk on which the first missing row would have been."""
    own_ids = set(walk.ids)
    index = next((n for n, row_id in enumerate(all_ids) if row_id not in own_ids), 0)
    for number, page in enumerate(walk.pages):
        page_ids = [to_hashable(walk.get_id(row)) for row in page.rows]
        if index and all_ids[index - 1] in page_ids:
            is_last_row = all_ids[index - 1] == page_ids[-1]
            return walk.pages[min(number + 1, len(walk.pages) - 1)] if is_last_row else page
    return walk.pages[0]


def _check_out_of_range(probe: Probe, walker: Walker, walk: Walk) -> None:
    page_rule = walk.listing.page
    if not page_rule.is_counted or not walk.is_complete or walk.is_endless:
        return
    page = walker.page({**walker.base, str(page_rule.parameter): FAR})
    if page is not None and page.exchange.ok and page.rows:
        page_rules.report(
            probe,
            "listing.page.out-of-range",
            ("page", "parameter"),
            page,
            message="a page far after the last one has rows",
            expected="no rows, or a rejection (4xx)",
            got=f"{len(page.rows)} rows",
        )
