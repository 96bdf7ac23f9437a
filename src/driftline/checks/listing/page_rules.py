"""The rules of pages; nothing is sent to judge them."""

from __future__ import annotations

from collections.abc import Collection
from math import ceil
from typing import Any

from driftline.checks.collector import FindingCollector
from driftline.checks.listing.walk import (
    Walk,
    WalkedPage,
    is_size_stated,
    locate_clause,
    page_size,
    require_listing,
    split_next_url,
    to_hashable,
)
from driftline.checks.observation import observe_value
from driftline.openapi import MISSING, describe, find_parameter_schema


def report(
    collector: FindingCollector,
    kind: str,
    keys: tuple[str, ...],
    page: WalkedPage,
    *,
    message: str,
    expected: str,
    got: str,
) -> None:
    """Record that a page violates a rule of `x-listing`."""
    pointer = locate_clause(collector.operation, *keys)
    collector.report(
        kind, pointer, exchange=page.exchange, message=message, expected=expected, got=got
    )


def check_repeats(collector: FindingCollector, walk: Walk) -> None:
    """Check that no row occurs twice."""
    numbers: dict[Any, int] = {}
    for number, page in enumerate(walk.pages, 1):
        for row in page.rows:
            row_id = to_hashable(walk.get_id(row))
            if row_id in numbers and row_id is not None:
                report(
                    collector,
                    "listing.page.repeats",
                    ("page",),
                    page,
                    message="a row is listed twice across the pages",
                    expected="each row once",
                    got=f"{describe(walk.get_id(row))} on page {numbers[row_id]} and page {number}",
                )
            numbers.setdefault(row_id, number)


def report_loop(collector: FindingCollector, walk: Walk) -> None:
    """Record that the pages loop."""
    report(
        collector,
        "listing.page.endless",
        ("page", walk.listing.page.word),
        walk.pages[-1],
        message="pagination loops",
        expected="a last page",
        got=f"{len(walk.pages)} pages, {len(set(walk.ids))} different rows",
    )


def check_next_url(collector: FindingCollector, page: WalkedPage, url: str) -> bool:
    """Check that the URL of the next page is under the API's own; return whether it is."""
    if split_next_url(page.exchange, url) is not None:
        return True
    report(
        collector,
        "listing.next.elsewhere",
        ("page", require_listing(collector.operation).page.word),
        page,
        message="the URL of the next page leads to another server",
        expected=f"a URL below {page.exchange.base_url}",
        got=describe(url),
    )
    return False


def check_too_long(collector: FindingCollector, walk: Walk) -> bool:
    """Check that a page does not have too many rows; return whether it has."""
    size, _, longest = _find_sizes(collector, walk)
    if size is None or len(longest.rows) <= size:
        return False
    message = "a page has more rows than requested"
    _report_size(collector, walk, "listing.size.ignored", message, f"at most {size} rows")
    return True


def check_too_short(collector: FindingCollector, walk: Walk) -> None:
    """Check that at least one of several pages has the requested number of rows."""
    size, _, longest = _find_sizes(collector, walk)
    if size and len(walk.pages) > 1 and len(longest.rows) < size and walk.pages[1].rows:
        message = "no page has as many rows as requested, although another page follows"
        _report_size(collector, walk, "listing.size.short", message, f"{size} rows")


def _report_size(
    collector: FindingCollector, walk: Walk, kind: str, message: str, expected: str
) -> None:
    size, key, longest = _find_sizes(collector, walk)
    if size is not None and not _report_default(collector, walk, longest, size):
        got = f"{len(longest.rows)} rows"
        keys = ("size", key)
        report(collector, kind, keys, longest, message=message, expected=expected, got=got)


def _report_default(collector: FindingCollector, walk: Walk, page: WalkedPage, size: int) -> bool:
    """Record that pages have another size than the default; return whether none was requested."""
    name = walk.listing.size.parameter
    schema = find_parameter_schema(collector.spec, collector.operation, name) if name else None
    if schema is None or is_size_stated(walk.listing, walk.pages[0].arguments):
        return False
    is_full = len(walk.pages) > 1 and bool(walk.pages[1].rows)
    collector.report(
        "parameter.default.wrong",
        f"{schema}/default",
        message=f"a page without {name} does not have the default number of rows",
        expected=f"{size} rows",
        got=f"{len(page.rows)} rows",
        exchange=page.exchange,
        observed=observe_value(len(page.rows)) if is_full else None,
    )
    return True


def _find_sizes(collector: FindingCollector, walk: Walk) -> tuple[int | None, str, WalkedPage]:
    """Return the requested size, its clause, and the largest page."""
    size = page_size(collector.spec, collector.operation, walk.pages[0].arguments)
    key = "parameter" if walk.listing.size.parameter else "fixed"
    return size, key, max(walk.pages, key=lambda page: len(page.rows))


def check_totals(collector: FindingCollector, walk: Walk) -> None:
    """Check that each page's total is the number of rows, if all were read."""
    listing = walk.listing
    key = "totalHeader" if listing.total is None else "total"
    facts = [(page, page.get_total(listing)) for page in walk.pages if page.exchange.ok]
    stated_totals = [(page, total) for page, total in facts if isinstance(total, int)]
    row_count = len(set(walk.ids))
    is_complete = walk.is_complete and not walk.listing.page.is_single and not walk.is_endless
    for page, total in stated_totals:
        wrong = total != stated_totals[0][1] or (
            total != row_count if is_complete else total < len(page.rows)
        )
        if wrong:
            first = (
                f"; the first page has {stated_totals[0][1]}"
                if total != stated_totals[0][1]
                else ""
            )
            report(
                collector,
                "listing.total.wrong",
                (key,),
                page,
                message="the total is not the number of rows",
                expected=f"{row_count} (rows on all pages)"
                if is_complete
                else "the same total on every page",
                got=f"{total}{first}",
            )


def check_metadata(collector: FindingCollector, walk: Walk) -> None:
    """Check the pages' own metadata: total, whether another page follows, and echoes."""
    check_totals(collector, walk)
    for number, page in enumerate(walk.pages):
        is_last = walk.is_complete and number == len(walk.pages) - 1
        if page.exchange.ok and (is_last or number < len(walk.pages) - 1):
            check_more(collector, walk, number)
            check_echoes(collector, walk, number)


def check_more(collector: FindingCollector, walk: Walk, number: int) -> None:
    """Check that the page announces another one correctly; the walk must have continued."""
    page_rule, page = walk.listing.page, walk.pages[number]
    if page_rule.is_single:
        return
    follows = any(later.rows for later in walk.pages[number + 1 :])
    more = page.get_metadata(page_rule.more)
    is_boolean = isinstance(more, bool)
    if is_boolean and more and page_rule.lacks_next(page.body):
        report(
            collector,
            "listing.next.missing",
            ("page", "next"),
            page,
            message="another page is announced, but the response has no cursor for it",
            expected="a cursor",
            got=describe(page.get_metadata(page_rule.next) or None),
        )
    elif is_boolean and more != follows and not walk.is_endless:
        report(
            collector,
            "listing.more.wrong",
            ("page", "more"),
            page,
            message="the response is wrong about whether a page follows",
            expected=str(follows).lower(),
            got=str(more).lower(),
        )


def check_echoes(
    collector: FindingCollector, walk: Walk, number: int, unless: Collection[str] = frozenset()
) -> None:
    """Check what the page repeats of the request; facts in `unless` are skipped."""
    page = walk.pages[number]
    for key, pointer in walk.listing.echo.items():
        if key in unless:
            continue
        expected, got = _find_expected(collector, key, walk, number), page.get_metadata(pointer)
        if expected is None or got in (MISSING, None) or got == expected:
            continue
        report(
            collector,
            "listing.echo.wrong",
            ("echo", key),
            page,
            message=f"the response repeats page metadata wrongly: {key}",
            expected=describe(expected),
            got=describe(got),
        )


def _find_expected(collector: FindingCollector, key: str, walk: Walk, number: int) -> Any:
    """Return the expected metadata, or None if it is unknown."""
    page, page_rule = walk.pages[number], walk.listing.page
    # The check of defaults is about a size that is not requested.
    is_stated = is_size_stated(walk.listing, page.arguments)
    size = page_size(collector.spec, collector.operation, page.arguments) if is_stated else None
    total = page.get_total(walk.listing)
    if key == "count":
        return len(page.rows)
    if key == "size":
        return size
    if key == "page":
        return page_rule.find_page_number(page.arguments)
    if key == "previous":
        return not walk.listing.page.is_first(page.arguments)
    if key == "more":
        if page_rule.is_single:
            return total > len(page.rows) if isinstance(total, int) else None
        return any(later.rows for later in walk.pages[number + 1 :])
    if key == "totalPages" and size:
        rows = total if isinstance(total, int) else len(set(walk.ids)) if walk.is_complete else 0
        # Without rows, there is one empty page or none.
        return ceil(rows / size) or None
    return None
