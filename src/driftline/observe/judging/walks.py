"""Checks recorded pages of listings: each page, and consecutive pages.

Rows may have changed between two recorded pages, so rules that need a second request are not
checked.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from driftline.checks import (
    FindingCollector,
    Walk,
    WalkedPage,
    find_next_page,
    locate_clause,
    parse_json,
    require_listing,
    to_hashable,
)
from driftline.checks.listing import page_rules
from driftline.observe.judging.exchanges import JudgedExchange, drop_body
from driftline.openapi import (
    Listing,
    Order,
    is_array,
    is_object,
    pointer as json_pointer,
    resolve_schema,
)
from driftline.suite import check_filter, check_order, check_range, check_search, is_descending
from driftline.total_header import split_total_rule

# The maximum number of walks at a time, and of pages of each, which limits the memory.
OPEN = 8
PAGES = 200
WORD = re.compile(r"[^\W_]{4,}")


@attrs.define
class _OpenWalk:
    """A recorded walk from the first page on."""

    pages: list[WalkedPage]
    cursors: set[Any] = attrs.field(factory=set[Any])


class RecordedWalks:
    """The recorded pages of one listing."""

    def __init__(self, found: FindingCollector) -> None:
        self._found = found
        self._listing = require_listing(found.operation)
        self._open: OrderedDict[Any, _OpenWalk] = OrderedDict()

    def add(self, exchange: JudgedExchange, arguments: Mapping[str, Any]) -> None:
        """Judge a page, alone and together with earlier pages."""
        body = exchange.json
        rows = json_pointer.follow(body, self._listing.items)
        if not is_array(rows):
            self._judge_empty_page(exchange)
            return
        if self._listing.body_parameters:
            sent = self._listing.read_body(parse_json(exchange.request.body))
            arguments = {**arguments, **sent}
        page = WalkedPage(exchange, body, rows, arguments)
        self._page(page)
        if not self._listing.page.is_single:
            self._follow(page)

    def end(self) -> None:
        """Judge the incomplete walks."""
        for walk in self._open.values():
            self._close(walk.pages, complete=False)
        self._open.clear()

    def _judge_empty_page(self, exchange: JudgedExchange) -> None:
        self._found.report(
            "listing.items.missing",
            locate_clause(self._found.operation, "items"),
            message="the response has no list of rows",
            expected=f"a list at {self._listing.items or 'the top of the body'}",
            got=f"{exchange.status} {exchange.excerpt}",
            exchange=exchange,
        )

    def _page(self, page: WalkedPage) -> None:
        """Check the rules of a single page."""
        found, listing, arguments = self._found, self._listing, page.arguments
        alone = Walk(listing, [page], complete=False)
        page_rules.check_repeats(found, alone)
        page_rules.check_too_long(found, alone)
        page_rules.check_totals(found, alone)
        unless = () if listing.page.is_single else {"more"}
        page_rules.check_echoes(found, alone, 0, unless=unless)
        if listing.order is not None:
            for name, descending in _list_orders(found, listing.order, arguments):
                check_order(found, alone, listing.order, name, descending)
        for words in listing.filters:
            asked = arguments.get(words.parameter)
            chosen = asked if is_array(asked) else [asked]
            is_literal = words.exact or all(WORD.fullmatch(str(each)) for each in chosen)
            if is_literal and asked not in (None, [], [""], ""):
                check_filter(found, words, chosen, alone)
        for rule in listing.ranges:
            if arguments.get(rule.parameter) not in (None, ""):
                check_range(found, rule, arguments[rule.parameter], alone)
        for search in listing.searches:
            text = arguments.get(search.parameter)
            if isinstance(text, str) and WORD.fullmatch(text):
                check_search(found, search, text, alone)

    def _follow(self, page: WalkedPage) -> None:
        """Append the page to the walk that it continues, if there is one."""
        listing, found = self._listing, self._found
        asked = listing.page.read(page.arguments)
        key = _build_key(page, listing)
        if listing.page.is_first(page.arguments):
            walk: _OpenWalk | None = _OpenWalk([])
            before = self._open.pop(key, None)
            if before is not None:
                self._close(before.pages, complete=False)
        else:
            walk = self._open.pop(key, None) or _OpenWalk([])
            expected = (
                find_next_page(found.spec, found.operation, walk.pages) if walk.pages else None
            )
            if expected is None or str(listing.page.read_value(expected)) != str(asked):
                if walk.pages:
                    self._open[key] = walk
                walk = None
        following = find_next_page(found.spec, found.operation, [page])
        if listing.page.is_followed and following is not None:
            page_rules.check_next_url(found, page, following)
        comes_round = self._check_loop(page, walk, asked)
        if walk is None or comes_round:
            return
        walk.pages.append(_drop_page_bodies(page, listing))
        if find_next_page(found.spec, found.operation, walk.pages) is None:
            self._close(walk.pages, complete=True)
        elif len(walk.pages) >= PAGES:
            self._close(walk.pages, complete=False)
        else:
            self._open[key] = walk
            if len(self._open) > OPEN:
                _, oldest = self._open.popitem(last=False)
                self._close(oldest.pages, complete=False)

    def _check_loop(self, page: WalkedPage, walk: _OpenWalk | None, asked: Any) -> bool:
        """Report a next page that is this or an earlier page; return whether it was reported."""
        if not self._listing.page.is_announced:
            return False
        style = self._listing.page
        after = find_next_page(self._found.spec, self._found.operation, [page])
        if after is None or page.get_metadata(style.more) is False:
            return False
        known = walk.cursors if walk is not None else set[Any]()
        again = to_hashable(after) in known or str(style.read_value(after)) == str(asked)
        known.add(to_hashable(after))
        if again:
            pages = [*(walk.pages if walk else ()), page]
            page_rules.report_loop(
                self._found, Walk(self._listing, pages, complete=False, endless=True)
            )
        return again

    def _close(self, pages: list[WalkedPage], *, complete: bool) -> None:
        """Check the rules that need all pages of a walk."""
        found, listing = self._found, self._listing
        walk = Walk(listing, pages, complete=complete)
        if len(pages) > 1:
            self._judge_between_pages(walk)
        told = [page.get_total(listing) for page in pages]
        has_ids = len(walk.ids) == len(walk.rows)
        # A total of one page that is too small was judged with the page.
        judged = len(pages) == 1 and isinstance(told[0], int) and told[0] < len(pages[0].rows)
        if complete and has_ids and len(set(map(to_hashable, told))) == 1 and not judged:
            page_rules.check_totals(found, walk)
        seen = pages if complete else pages[:-1]
        for number in range(len(seen)):
            page_rules.check_more(found, walk, number)
            page_rules.check_echoes(found, walk, number, unless=listing.echo.keys() - {"more"})

    def _judge_between_pages(self, walk: Walk) -> None:
        """Check the rules of several pages; with numbers or offsets, new rows shift others."""
        page_rules.check_too_short(self._found, walk)
        if self._listing.page.is_keyed:
            page_rules.check_repeats(self._found, _remove_repeats_within(walk))


def _remove_repeats_within(walk: Walk) -> Walk:
    """Return each page with each of its rows once.

    A row twice on one page was judged with the page.
    """
    pages: list[WalkedPage] = []
    for page in walk.pages:
        rows = {to_hashable(walk.get_id(row)): row for row in page.rows}
        pages.append(attrs.evolve(page, rows=list(rows.values())))
    return attrs.evolve(walk, pages=pages)


def _build_key(page: WalkedPage, listing: Listing) -> Any:
    """Return the key that all pages of a walk share."""
    rest = listing.page.write(page.arguments, None)
    headers = page.exchange.request.headers
    caller = tuple(value for name, value in headers if name.lower() == "authorization")
    return page.exchange.base_url, to_hashable(rest), caller


def _list_orders(
    found: FindingCollector, words: Order, arguments: Mapping[str, Any]
) -> Iterator[tuple[str, bool]]:
    """Yield each field by which the rows must be ordered, and whether descending."""
    if words.by is None:
        yield from ((name, words.descending) for name in words.fields)
        return
    name = arguments.get(words.by)
    name = name[0] if is_array(name) and len(name) == 1 else name
    if not isinstance(name, str) or name not in words.fields:
        return
    parameter = found.operation.find_parameter(words.direction) if words.direction else None
    if parameter is None:
        yield name, words.is_descending(name)
        return
    schema = resolve_schema(found.spec, parameter.schema_pointer)
    descending = is_descending(arguments.get(parameter.name, schema.get("default")))
    if descending is not None:
        yield name, descending


def _drop_page_bodies(page: WalkedPage, listing: Listing) -> WalkedPage:
    """Return the page with only IDs and metadata, to save memory."""
    exchange = page.exchange
    facts = (listing.total, listing.page.next, listing.page.more, *listing.echo.values())
    body: Any = {}
    for pointer in filter(None, facts):
        found = page.get_metadata(pointer)
        if found is not json_pointer.MISSING:
            body = _put(body, json_pointer.split(pointer), found)
    rows = [
        _put({}, json_pointer.split(listing.id), json_pointer.follow(row, listing.id))
        for row in page.rows
    ]
    if isinstance(exchange, JudgedExchange):
        kept = {"link", split_total_rule(listing.total_header or "")[0].lower()}
        headers = tuple(each for each in exchange.headers if each[0].lower() in kept)
        exchange = attrs.evolve(drop_body(exchange), headers=headers)
    return WalkedPage(exchange, body, rows, page.arguments)


def _put(node: Any, tokens: list[str], value: Any) -> Any:
    """Return a copy of `node` with `value` at the path `tokens`."""
    if not tokens:
        return value
    here: dict[str, Any] = dict(node) if is_object(node) else {}
    here[tokens[0]] = _put(here.get(tokens[0]), tokens[1:], value)
    return here
