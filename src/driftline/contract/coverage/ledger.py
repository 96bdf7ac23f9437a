"""The book of one run's traffic: each exchange is entered, and coverage is read from it."""

from __future__ import annotations

from collections.abc import Iterator

from driftline.contract.coverage.answers import Answered
from driftline.contract.coverage.listings import Listed
from driftline.contract.coverage.marks import Mark
from driftline.contract.coverage.requests import Sent, sent_texts
from driftline.contract.exchange import Exchange
from driftline.coverage import Coverage
from driftline.spec.model import Operation, Spec
from driftline.spec.pointer import MISSING

__all__ = ["Ledger"]


class Ledger:
    """What the exchanges of one API bear out."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._pages = {operation.id: _Page(spec, operation) for operation in spec.operations}

    def note(self, exchange: Exchange) -> None:
        """Enters an exchange; one that is not by the operation's method says nothing."""
        page = self._pages.get(exchange.operation)
        if page is not None and exchange.request.method == page.operation.method:
            page.note(exchange)

    def coverage(self, operation: str) -> Coverage:
        """What there is evidence for, of all that the spec says of the operation."""
        return Coverage(tuple(m.evidence(self._spec) for m in self._pages[operation].marks()))

    def gap(self, operation: str) -> str:
        """Why a run that found nothing proves nothing for this operation; "" if it does."""
        page = self._pages[operation]
        if not page.calls:
            return f"no test called {operation}"
        if not page.taken:
            return f"none of {page.calls} requests was answered with 2xx"
        if page.listed and not page.listed.rows.first:
            return "no answer had rows, so nothing is known of them"
        return ""


class _Page:
    """What is counted for one operation."""

    def __init__(self, spec: Spec, operation: Operation) -> None:
        self.operation = operation
        self.calls = self.taken = 0
        self._sent = Sent(spec, operation)
        self._answered = Answered(spec, operation)
        listing = operation.listing
        self.listed = Listed(spec, operation, listing) if listing else None

    def marks(self) -> Iterator[Mark]:
        yield from self._sent.marks()
        yield from self._answered.marks()
        yield from self.listed.marks() if self.listed else ()

    def note(self, exchange: Exchange) -> None:
        self.calls += 1
        try:
            body = exchange.json
        except ValueError:
            body = MISSING
        self._answered.note(exchange, body)
        if not exchange.ok:
            return
        self.taken += 1
        texts = sent_texts(self.operation, exchange.request)
        self._sent.note(exchange.number, exchange.request, texts)
        if self.listed and body is not MISSING:
            self.listed.note(exchange.number, texts, body)
