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
    found: FindingCollector,
    kind: str,
    words: tuple[str, ...],
    page: WalkedPage,
    *,
    message: str,
    expected: str,
    got: str,
) -> None:
    """Record that a page violates a rule of `x-listing`."""
    pointer = locate_clause(found.operation, *words)
    found.report(kind, pointer, exchange=page.exchange, message=message, expected=expected, got=got)


def check_repeats(found: FindingCollector, walk: Walk) -> None:
    """Check that no row occurs twice."""
    seen: dict[Any, int] = {}
    for number, page in enumerate(walk.pages, 1):
        for row in page.rows:
            row_id = to_hashable(walk.get_id(row))
            if row_id in seen and row_id is not None:
                report(
                    found,
                    "listing.page.repeats",
                    ("page",),
                    page,
                    message="a row is listed twice across the pages",
                    expected="each row once",
                    got=f"{describe(walk.get_id(row))} on page {seen[row_id]} and page {number}",
                )
            seen.setdefault(row_id, number)


def report_loop(found: FindingCollector, walk: Walk) -> None:
    """Record that the pages loop."""
    report(
        found,
        "listing.page.endless",
        ("page", walk.listing.page.word),
        walk.pages[-1],
        message="pagination loops",
        expected="a last page",
        got=f"{len(walk.pages)} pages, {len(set(walk.ids))} different rows",
    )


def check_next_url(found: FindingCollector, page: WalkedPage, url: str) -> bool:
    """Check that the URL of the next page is under the API's own; return whether it is."""
    if split_next_url(page.exchange, url) is not None:
        return True
    report(
        found,
        "listing.next.elsewhere",
        ("page", require_listing(found.operation).page.word),
        page,
        message="the URL of the next page leads to another server",
        expected=f"a URL below {page.exchange.base_url}",
        got=describe(url),
    )
    return False


def check_too_long(found: FindingCollector, walk: Walk) -> bool:
    """Check that a page does not have too many rows; return whether it has."""
    size, _, longest = _find_sizes(found, walk)
    if size is None or len(longest.rows) <= size:
        return False
    message = "a page has more rows than requested"
    _report_size(found, walk, "listing.size.ignored", message, f"at most {size} rows")
    return True


def check_too_short(found: FindingCollector, walk: Walk) -> None:
    """Check that some page has as many rows as requested, if there are several."""
    size, _, longest = _find_sizes(found, walk)
    if size and len(walk.pages) > 1 and len(longest.rows) < size and walk.pages[1].rows:
        message = "no page has as many rows as requested, although another page follows"
        _report_size(found, walk, "listing.size.short", message, f"{size} rows")


def _report_size(
    found: FindingCollector, walk: Walk, kind: str, message: str, expected: str
) -> None:
    size, word, longest = _find_sizes(found, walk)
    if size is not None and not _report_default(found, walk, longest, size):
        got = f"{len(longest.rows)} rows"
        place = ("size", word)
        report(found, kind, place, longest, message=message, expected=expected, got=got)


def _report_default(found: FindingCollector, walk: Walk, page: WalkedPage, size: int) -> bool:
    """Record that pages have another size than the default; return whether none was requested."""
    name = walk.listing.size.parameter
    schema = find_parameter_schema(found.spec, found.operation, name) if name else None
    if schema is None or is_size_stated(walk.listing, walk.pages[0].arguments):
        return False
    is_full = len(walk.pages) > 1 and bool(walk.pages[1].rows)
    found.report(
        "parameter.default.wrong",
        f"{schema}/default",
        message=f"a page without {name} does not have the default number of rows",
        expected=f"{size} rows",
        got=f"{len(page.rows)} rows",
        exchange=page.exchange,
        observed=observe_value(len(page.rows)) if is_full else None,
    )
    return True


def _find_sizes(found: FindingCollector, walk: Walk) -> tuple[int | None, str, WalkedPage]:
    """Return the requested size, its clause, and the largest page."""
    size = page_size(found.spec, found.operation, walk.pages[0].arguments)
    word = "parameter" if walk.listing.size.parameter else "fixed"
    return size, word, max(walk.pages, key=lambda page: len(page.rows))


def check_totals(found: FindingCollector, walk: Walk) -> None:
    """Check that each page's total is the number of rows, if all were read."""
    listing = walk.listing
    word = "totalHeader" if listing.total is None else "total"
    facts = [(page, page.get_total(listing)) for page in walk.pages if page.exchange.ok]
    told = [(page, total) for page, total in facts if isinstance(total, int)]
    seen = len(set(walk.ids))
    whole = walk.complete and not walk.listing.page.is_single and not walk.endless
    for page, total in told:
        wrong = total != told[0][1] or (total != seen if whole else total < len(page.rows))
        if wrong:
            first = f"; the first page has {told[0][1]}" if total != told[0][1] else ""
            report(
                found,
                "listing.total.wrong",
                (word,),
                page,
                message="the total is not the number of rows",
                expected=f"{seen} (rows on all pages)" if whole else "the same total on every page",
                got=f"{total}{first}",
            )


def check_metadata(found: FindingCollector, walk: Walk) -> None:
    """Check the pages' own metadata: total, whether another page follows, and echoes."""
    check_totals(found, walk)
    for number, page in enumerate(walk.pages):
        is_last = walk.complete and number == len(walk.pages) - 1
        if page.exchange.ok and (is_last or number < len(walk.pages) - 1):
            check_more(found, walk, number)
            check_echoes(found, walk, number)


def check_more(found: FindingCollector, walk: Walk, number: int) -> None:
    """Check that the page announces another one correctly; the walk must have continued."""
    words, page = walk.listing.page, walk.pages[number]
    if words.is_single:
        return
    follows = any(later.rows for later in walk.pages[number + 1 :])
    told = page.get_metadata(words.more)
    is_told = isinstance(told, bool)
    if is_told and told and words.lacks_next(page.body):
        report(
            found,
            "listing.next.missing",
            ("page", "next"),
            page,
            message="another page is announced, but the response has no cursor for it",
            expected="a cursor",
            got=describe(page.get_metadata(words.next) or None),
        )
    elif is_told and told != follows and not walk.endless:
        report(
            found,
            "listing.more.wrong",
            ("page", "more"),
            page,
            message="the response is wrong about whether a page follows",
            expected=str(follows).lower(),
            got=str(told).lower(),
        )


def check_echoes(
    found: FindingCollector, walk: Walk, number: int, unless: Collection[str] = frozenset()
) -> None:
    """Check what the page repeats of the request; facts in `unless` are skipped."""
    page = walk.pages[number]
    for word, pointer in walk.listing.echo.items():
        if word in unless:
            continue
        expected, got = _find_expected(found, word, walk, number), page.get_metadata(pointer)
        if expected is None or got in (MISSING, None) or got == expected:
            continue
        report(
            found,
            "listing.echo.wrong",
            ("echo", word),
            page,
            message=f"the response repeats page metadata wrongly: {word}",
            expected=describe(expected),
            got=describe(got),
        )


def _find_expected(found: FindingCollector, word: str, walk: Walk, number: int) -> Any:
    """Return the expected metadata, or None if it is unknown."""
    page, words = walk.pages[number], walk.listing.page
    # The check of defaults is about a size that is not requested.
    is_stated = is_size_stated(walk.listing, page.arguments)
    size = page_size(found.spec, found.operation, page.arguments) if is_stated else None
    total = page.get_total(walk.listing)
    if word == "count":
        return len(page.rows)
    if word == "size":
        return size
    if word == "page":
        return words.find_page_number(page.arguments)
    if word == "previous":
        return not walk.listing.page.is_first(page.arguments)
    if word == "more":
        if words.is_single:
            return total > len(page.rows) if isinstance(total, int) else None
        return any(later.rows for later in walk.pages[number + 1 :])
    if word == "totalPages" and size:
        rows = total if isinstance(total, int) else len(set(walk.ids)) if walk.complete else 0
        # Without rows, there is one empty page or none.
        return ceil(rows / size) or None
    return None
