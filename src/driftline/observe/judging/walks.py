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
from driftline.suite import check_filter, check_order, check_range, check_search
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

    def __init__(self, collector: FindingCollector) -> None:
        self._collector = collector
        self._listing = require_listing(collector.operation)
        self._open_walks: OrderedDict[Any, _OpenWalk] = OrderedDict()

    def add(self, exchange: JudgedExchange, arguments: Mapping[str, Any]) -> None:
        """Judge a page, alone and together with earlier pages."""
        body = exchange.json
        rows = json_pointer.follow(body, self._listing.items)
        if not is_array(rows):
            self._judge_empty_page(exchange)
            return
        if self._listing.body_parameters:
            body_arguments = self._listing.read_body(parse_json(exchange.request.body))
            arguments = {**arguments, **body_arguments}
        page = WalkedPage(exchange, body, rows, arguments)
        self._check_page(page)
        if not self._listing.page.is_single:
            self._follow(page)

    def end(self) -> None:
        """Judge the incomplete walks."""
        for walk in self._open_walks.values():
            self._close(walk.pages, complete=False)
        self._open_walks.clear()

    def _judge_empty_page(self, exchange: JudgedExchange) -> None:
        self._collector.report(
            "listing.items.missing",
            locate_clause(self._collector.operation, "items"),
            message="the response has no list of rows",
            expected=f"a list at {self._listing.items or 'the top of the body'}",
            got=f"{exchange.status} {exchange.excerpt}",
            exchange=exchange,
        )

    def _check_page(self, page: WalkedPage) -> None:
        """Check the rules of a single page."""
        collector, listing, arguments = self._collector, self._listing, page.arguments
        alone = Walk(listing, [page], is_complete=False)
        page_rules.check_repeats(collector, alone)
        page_rules.check_too_long(collector, alone)
        page_rules.check_totals(collector, alone)
        unless = () if listing.page.is_single else {"more"}
        page_rules.check_echoes(collector, alone, 0, unless=unless)
        if listing.order is not None:
            for name, descending in _list_orders(collector, listing.order, arguments):
                check_order(collector, alone, listing.order, name, descending)
        for filter_rule in listing.filters:
            argument = arguments.get(filter_rule.parameter)
            chosen_values = argument if is_array(argument) else [argument]
            is_literal = filter_rule.exact or all(
                WORD.fullmatch(str(value)) for value in chosen_values
            )
            if is_literal and argument not in (None, [], [""], ""):
                check_filter(collector, filter_rule, chosen_values, alone)
        for rule in listing.ranges:
            if arguments.get(rule.parameter) not in (None, ""):
                check_range(collector, rule, arguments[rule.parameter], alone)
        for search in listing.searches:
            string = arguments.get(search.parameter)
            if isinstance(string, str) and WORD.fullmatch(string):
                check_search(collector, search, string, alone)

    def _follow(self, page: WalkedPage) -> None:
        """Append the page to the walk that it continues, if there is one."""
        listing, collector = self._listing, self._collector
        requested_page = listing.page.read(page.arguments)
        key = _build_key(page, listing)
        if listing.page.is_first(page.arguments):
            walk: _OpenWalk | None = _OpenWalk([])
            before = self._open_walks.pop(key, None)
            if before is not None:
                self._close(before.pages, complete=False)
        else:
            walk = self._open_walks.pop(key, None) or _OpenWalk([])
            expected = (
                find_next_page(collector.spec, collector.operation, walk.pages)
                if walk.pages
                else None
            )
            if expected is None or str(listing.page.read_value(expected)) != str(requested_page):
                if walk.pages:
                    self._open_walks[key] = walk
                walk = None
        next_page = find_next_page(collector.spec, collector.operation, [page])
        if listing.page.is_followed and next_page is not None:
            page_rules.check_next_url(collector, page, next_page)
        comes_round = self._check_loop(page, walk, requested_page)
        if walk is None or comes_round:
            return
        walk.pages.append(_drop_page_bodies(page, listing))
        if find_next_page(collector.spec, collector.operation, walk.pages) is None:
            self._close(walk.pages, complete=True)
        elif len(walk.pages) >= PAGES:
            self._close(walk.pages, complete=False)
        else:
            self._open_walks[key] = walk
            if len(self._open_walks) > OPEN:
                _, oldest = self._open_walks.popitem(last=False)
                self._close(oldest.pages, complete=False)

    def _check_loop(self, page: WalkedPage, walk: _OpenWalk | None, requested_page: Any) -> bool:
        """Report a next page that is this or an earlier page; return whether it was reported."""
        if not self._listing.page.is_announced:
            return False
        style = self._listing.page
        after = find_next_page(self._collector.spec, self._collector.operation, [page])
        if after is None or page.get_metadata(style.more) is False:
            return False
        cursors = walk.cursors if walk is not None else set[Any]()
        is_repeated = to_hashable(after) in cursors or str(style.read_value(after)) == str(
            requested_page
        )
        cursors.add(to_hashable(after))
        if is_repeated:
            pages = [*(walk.pages if walk else ()), page]
            page_rules.report_loop(
                self._collector, Walk(self._listing, pages, is_complete=False, is_endless=True)
            )
        return is_repeated

    def _close(self, pages: list[WalkedPage], *, complete: bool) -> None:
        """Check the rules that need all pages of a walk."""
        collector, listing = self._collector, self._listing
        walk = Walk(listing, pages, is_complete=complete)
        if len(pages) > 1:
            self._judge_between_pages(walk)
        totals = [page.get_total(listing) for page in pages]
        has_ids = len(walk.ids) == len(walk.rows)
        # A total of one page that is too small was judged with the page.
        is_judged = (
            len(pages) == 1 and isinstance(totals[0], int) and totals[0] < len(pages[0].rows)
        )
        if complete and has_ids and len(set(map(to_hashable, totals))) == 1 and not is_judged:
            page_rules.check_totals(collector, walk)
        finished_pages = pages if complete else pages[:-1]
        for number in range(len(finished_pages)):
            page_rules.check_more(collector, walk, number)
            page_rules.check_echoes(collector, walk, number, unless=listing.echo.keys() - {"more"})

    def _judge_between_pages(self, walk: Walk) -> None:
        """Check the rules of several pages; with numbers or offsets, new rows shift others."""
        page_rules.check_too_short(self._collector, walk)
        if self._listing.page.is_keyed:
            page_rules.check_repeats(self._collector, _remove_repeats_within(walk))


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
    collector: FindingCollector, rule: Order, arguments: Mapping[str, Any]
) -> Iterator[tuple[str, bool]]:
    """Yield each field by which the rows must be ordered, and whether descending."""
    if rule.by is None:
        yield from ((name, rule.descending) for name in rule.fields)
        return
    name = arguments.get(rule.by)
    name = name[0] if is_array(name) and len(name) == 1 else name
    if not isinstance(name, str) or name not in rule.fields:
        return
    parameter = collector.operation.find_parameter(rule.direction) if rule.direction else None
    if parameter is None:
        yield name, rule.is_descending(name)
        return
    schema = resolve_schema(collector.spec, parameter.schema_pointer)
    descending = rule.read_direction(arguments.get(parameter.name, schema.get("default")))
    if descending is not None:
        yield name, descending


def _drop_page_bodies(page: WalkedPage, listing: Listing) -> WalkedPage:
    """Return the page with only IDs and metadata, to save memory."""
    exchange = page.exchange
    facts = (listing.total, listing.page.next, listing.page.more, *listing.echo.values())
    body: Any = {}
    for pointer in filter(None, facts):
        value = page.get_metadata(pointer)
        if value is not json_pointer.MISSING:
            body = _put(body, json_pointer.split(pointer), value)
    rows = [
        _put({}, json_pointer.split(listing.id), json_pointer.follow(row, listing.id))
        for row in page.rows
    ]
    if isinstance(exchange, JudgedExchange):
        kept_names = {"link", split_total_rule(listing.total_header or "")[0].lower()}
        headers = tuple(header for header in exchange.headers if header[0].lower() in kept_names)
        exchange = attrs.evolve(drop_body(exchange), headers=headers)
    return WalkedPage(exchange, body, rows, page.arguments)


def _put(node: Any, tokens: list[str], value: Any) -> Any:
    """Return a copy of `node` with `value` at the path `tokens`."""
    if not tokens:
        return value
    fields: dict[str, Any] = dict(node) if is_object(node) else {}
    fields[tokens[0]] = _put(fields.get(tokens[0]), tokens[1:], value)
    return fields
