"""Reads a listing page by page, as its `x-listing` says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftline.checks import (
    Walk,
    WalkedPage,
    check_next_url,
    find_next_page,
    find_size_limits,
    read_page,
    require_listing,
    to_hashable,
)
from driftline.openapi import pointer as json_pointer
from driftline.suite.http.session import NotChecked
from driftline.suite.probe import Probe
from driftline.suite.samples import describe_unknown_row, make_sample

LIVE_PAGES = 8
"""Maximum pages of one walk on a live server, which may hold millions of rows."""
MOCK_PAGES = 400
MIDDLING = 20
"""The page size to request if one is required."""


class Walker:
    """Requests the pages of the probe's operation."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.listing = require_listing(probe.operation)
        sample = make_sample(probe.session, probe.operation)
        self.body, self.is_invented = sample.body, sample.invented
        self.base = self._build_arguments(sample.arguments)
        self.max_pages = MOCK_PAGES if probe.session.target.is_mock else LIVE_PAGES

    def _build_arguments(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the required arguments, with the first page and a medium page size."""
        page_arguments = dict(arguments)
        page_rule, limits = (
            self.listing.page,
            find_size_limits(self.probe.spec, self.probe.operation),
        )
        if page_rule.read(page_arguments) is not None and page_rule.first_value is not None:
            page_arguments = page_rule.write(page_arguments, page_rule.first_value)
        if limits and limits[0] in page_arguments:
            page_arguments[limits[0]] = min(MIDDLING, limits[2])
        return page_arguments

    def walk(
        self,
        arguments: Mapping[str, Any] | None = None,
        *,
        max_pages: int = 0,
        after: WalkedPage | None = None,
    ) -> Walk:
        """Return every page for `arguments` or after a page, up to the limit of a live run."""
        pages: list[WalkedPage] = []
        page_arguments = {**self.base, **(arguments or {})}
        seen: set[Any] = set()
        rows: set[Any] = set()
        limit = max_pages or self.max_pages
        page = self.page(page_arguments) if after is None else self._read_next(after, [after])
        while True:
            self._report_rejection(page, first=not pages)
            if page is None or (pages and not page.exchange.ok):
                return Walk(self.listing, pages, is_complete=page is not None)
            pages.append(page)
            next_page = self._find_next(page, pages)
            if next_page is None:
                return Walk(self.listing, pages, is_complete=True)
            ids = {to_hashable(json_pointer.follow(row, self.listing.id)) for row in page.rows}
            if to_hashable(next_page) in seen or (len(pages) > 1 and ids and ids <= rows):
                return Walk(self.listing, pages, is_complete=True, is_endless=True)
            seen.add(to_hashable(next_page))
            rows |= ids
            if len(pages) >= limit:
                break
            page = self._read_next(page, pages)
        is_short = self.probe.session.target.is_mock and not max_pages
        return Walk(self.listing, pages, is_complete=False, is_endless=is_short)

    def _report_rejection(self, page: WalkedPage | None, *, first: bool) -> None:
        """Report a rejected page, unless its number may be past the last page.

        Raises:
            NotChecked: the server has no row with the ID that was made for the path.
        """
        status = page.exchange.status if page else 0
        if first and self.is_invented and status in {404, 410}:
            raise NotChecked(describe_unknown_row(self.probe.operation))
        is_known = first or not self.listing.page.is_counted
        if page is not None and is_known and 400 <= status < 500:
            message = "the server rejected the request for a page that the spec allows"
            self.probe.report_rejection(page.exchange, message)

    def page(self, arguments: Mapping[str, Any]) -> WalkedPage | None:
        """Return one page, or None if the response has no rows; a rejection is an empty page."""
        body = self.listing.write_body(self.body, arguments)
        return read_page(self.listing, self.probe.send(arguments, body=body), arguments)

    def _read_next(self, page: WalkedPage, pages: list[WalkedPage]) -> WalkedPage | None:
        """Return the page after the last of `pages`.

        None if it has no rows or must not be requested.
        """
        style, next_page = self.listing.page, self._find_next(page, pages)
        page_arguments = style.write(page.arguments, style.read_value(next_page))
        if not style.is_followed:
            return self.page(page_arguments)
        if not check_next_url(self.probe, page, next_page):
            return None
        return read_page(self.listing, self.probe.follow(page.exchange, next_page), page_arguments)

    def _find_next(self, page: WalkedPage, pages: list[WalkedPage]) -> Any:
        """Return the arguments for the next page, or None after the last."""
        return (
            find_next_page(self.probe.spec, self.probe.operation, pages)
            if page.exchange.ok
            else None
        )
