"""The rules of a listing's pages: no row twice, none lost, sizes, totals and an end."""

from __future__ import annotations

from math import ceil
from typing import Any

from driftline.contract.pages import Page, Walk, Walker, clause, hashable, size_limits
from driftline.contract.probe import Probe, confirmed
from driftline.spec.pointer import MISSING
from driftline.spec.schema import describe

__all__ = ["pages"]

SMALL = 7
FAR = 100_000


@confirmed
def pages(probe: Probe) -> None:
    """Walks all pages by the default, a small and the largest size, and compares the walks."""
    walker = Walker(probe)
    default = walker.walk()
    if _no_rows(probe, default):
        return
    walks = [default]
    limits = size_limits(probe.spec, probe.operation)
    if limits and default.pages:
        name, low, high = limits
        for size in dict.fromkeys((high, min(max(low, SMALL), high))):
            walks.append(walker.walk({name: size}))
        walks.append(walker.walk({name: low}, max_pages=2))
    for walk in walks:
        _walk(probe, walker, walk)
    _same_rows(probe, walks)
    _out_of_range(probe, walker, default)


def _no_rows(probe: Probe, walk: Walk) -> bool:
    """Whether the listing cannot be read at all; says so."""
    if walk.pages and walk.pages[0].exchange.ok:
        return False
    listing, last = walk.listing, probe.session.last
    ok = last is not None and last.ok
    probe.report(
        "listing.items.missing" if ok else "request.valid.refused",
        clause(probe.operation, "items") if ok else probe.operation.pointer,
        message="the answer has no list of rows" if ok else "the plain listing is refused",
        expected=f"a list at {listing.items or 'the top of the body'}",
        got=f"{last.status} {describe(last.body[:80].decode('utf-8', 'replace'))}" if last else "",
        exchange=last,
    )
    return True


def _walk(probe: Probe, walker: Walker, walk: Walk) -> None:
    """The rules of one walk."""
    if not walk.pages:
        return
    _repeats(probe, walk)
    if walk.endless:
        word = "next" if walk.listing.page.style == "cursor" else "parameter"
        _report(
            probe,
            "listing.page.endless",
            ("page", word),
            walk.pages[-1],
            message="the pages come round again and never end",
            expected="a last page",
            got=f"{len(walk.pages)} pages, {len(set(walk.ids))} different rows",
        )
    _sizes(probe, walker, walk)
    _totals(probe, walk)
    for number, page in enumerate(walk.pages):
        is_last = walk.complete and number == len(walk.pages) - 1
        if page.exchange.ok and (is_last or number < len(walk.pages) - 1):
            _more(probe, walk, number)
            _echoes(probe, walker, walk, number)


def _report(probe: Probe, kind: str, words: tuple[str, ...], page: Page, **texts: str) -> None:
    pointer = clause(probe.operation, *words)
    probe.report(kind, pointer, exchange=page.exchange, **texts)


def _repeats(probe: Probe, walk: Walk) -> None:
    seen: dict[Any, int] = {}
    for number, page in enumerate(walk.pages, 1):
        for row in page.rows:
            row_id = hashable(walk.id(row))
            if row_id in seen and row_id is not None:
                _report(
                    probe,
                    "listing.page.repeats",
                    ("page",),
                    page,
                    message="a row is listed twice in one walk over the pages",
                    expected="each row once",
                    got=f"{describe(walk.id(row))} on page {seen[row_id]} and page {number}",
                )
            seen.setdefault(row_id, number)


def _sizes(probe: Probe, walker: Walker, walk: Walk) -> None:
    size = walker.size(walk.pages[0].arguments)
    if size is None:
        return
    word = "parameter" if walk.listing.size.parameter else "fixed"
    longest = max(walk.pages, key=lambda page: len(page.rows))
    if len(longest.rows) > size:
        _report(
            probe,
            "listing.size.ignored",
            ("size", word),
            longest,
            message="a page has more rows than were asked for",
            expected=f"at most {size} rows",
            got=f"{len(longest.rows)} rows",
        )
    elif len(walk.pages) > 1 and len(longest.rows) < size and walk.pages[1].rows:
        _report(
            probe,
            "listing.size.short",
            ("size", word),
            longest,
            message="no page has as many rows as were asked for, and yet another page follows",
            expected=f"{size} rows",
            got=f"{len(longest.rows)} rows",
        )


def _totals(probe: Probe, walk: Walk) -> None:
    pointer = walk.listing.total
    if pointer is None:
        return
    totals = [(page, page.fact(pointer)) for page in walk.pages if page.exchange.ok]
    told = [(page, total) for page, total in totals if isinstance(total, int)]
    seen = len(set(walk.ids))
    single = walk.listing.page.style == "single"
    whole = walk.complete and not single and not walk.endless
    for page, total in told:
        wrong = total != told[0][1] or (total != seen if whole else total < len(page.rows))
        if wrong:
            _report(
                probe,
                "listing.total.wrong",
                ("total",),
                page,
                message="the total is not the number of rows",
                expected=f"{seen} (rows seen on all pages)"
                if whole
                else "one total, not too small",
                got=f"{total}; the first page said {told[0][1]}",
            )


def _more(probe: Probe, walk: Walk, number: int) -> None:
    words, page = walk.listing.page, walk.pages[number]
    if words.style == "single":
        return
    follows = any(later.rows for later in walk.pages[number + 1 :])
    more = page.fact(words.more)
    is_told = isinstance(more, bool)
    if (
        is_told
        and more
        and words.style == "cursor"
        and page.fact(words.next) in (MISSING, None, "")
    ):
        _report(
            probe,
            "listing.next.missing",
            ("page", "next"),
            page,
            message="another page is announced, and the answer has no cursor for it",
            expected="a cursor",
            got=describe(page.fact(words.next) or None),
        )
    elif is_told and more != follows and not walk.endless:
        _report(
            probe,
            "listing.more.wrong",
            ("page", "more"),
            page,
            message="the answer is wrong about whether a page follows",
            expected=str(follows).lower(),
            got=str(more).lower(),
        )


def _echoes(probe: Probe, walker: Walker, walk: Walk, number: int) -> None:
    page = walk.pages[number]
    for word, pointer in walk.listing.echo.items():
        expected, got = _fact(word, walker, walk, number), page.fact(pointer)
        if expected is None or got in (MISSING, None) or got == expected:
            continue
        _report(
            probe,
            "listing.echo.wrong",
            ("echo", word),
            page,
            message=f"the answer repeats a fact about the page wrongly: {word}",
            expected=describe(expected),
            got=describe(got),
        )


def _fact(word: str, walker: Walker, walk: Walk, number: int) -> Any:
    """What the answer should say about itself, or None where that cannot be known."""
    page, words = walk.pages[number], walk.listing.page
    size, total = walker.size(page.arguments), page.fact(walk.listing.total)
    is_single = words.style == "single"
    if word == "count":
        return len(page.rows)
    if word == "size":
        return size
    if word == "page" and words.style in {"number", "single"}:
        return words.first + number
    if word == "previous":
        return number > 0
    if word == "more":
        if is_single:
            return total > len(page.rows) if isinstance(total, int) else None
        return any(later.rows for later in walk.pages[number + 1 :])
    if word == "totalPages" and size and isinstance(total, int):
        return ceil(total / size)
    return None


def _same_rows(probe: Probe, walks: list[Walk]) -> None:
    """Every complete walk must see the same rows, however they are cut into pages."""
    whole = [walk for walk in walks if walk.complete and not walk.endless]
    if not whole or whole[0].listing.page.style == "single":
        return
    everything = {row_id for walk in whole for row_id in walk.ids}
    for walk in whole:
        lost = everything - set(walk.ids)
        if lost:
            _report(
                probe,
                "listing.row.lost",
                ("page",),
                walk.pages[0],
                message="a row that another page size shows is on no page",
                expected=f"{len(everything)} rows",
                got=f"{len(everything) - len(lost)} rows, without {describe(min(map(str, lost)))}",
            )


def _out_of_range(probe: Probe, walker: Walker, walk: Walk) -> None:
    words = walk.listing.page
    if words.style not in {"number", "offset"} or not walk.complete or walk.endless:
        return
    page = walker.page({**walker.base, str(words.parameter): FAR})
    if page is not None and page.exchange.ok and page.rows:
        _report(
            probe,
            "listing.page.out-of-range",
            ("page", "parameter"),
            page,
            message="a page far after the last one has rows",
            expected="no rows, or a refusal",
            got=f"{len(page.rows)} rows",
        )
