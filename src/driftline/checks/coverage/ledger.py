"""Records the exchanges of a run, and computes coverage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from driftline.checks.coverage.evidence import Coverage
from driftline.checks.coverage.listings import ListingCoverage
from driftline.checks.coverage.marks import CoverageMark
from driftline.checks.coverage.requests import RequestCoverage
from driftline.checks.coverage.responses import ResponseCoverage
from driftline.checks.exchange import Exchange
from driftline.checks.request_arguments import read_values
from driftline.openapi import MISSING, Operation, Spec

_STRIDE: Final = 1_000_000
"""Things have numbers: that of their operation times this, and their own within its page."""


class CoverageLedger:
    """The coverage of one API; pages are created for operations that are called."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._operation_numbers = {operation.id: i for i, operation in enumerate(spec.operations)}
        self._pages: dict[str, _Page] = {}
        self._changed_operations: set[str] = set()
        self._reported_numbers: set[int] = set()

    def _open(self, operation: str) -> _Page:
        if operation not in self._pages:
            spec_operation = self._spec.operations[self._operation_numbers[operation]]
            self._pages[operation] = _Page(self._spec, spec_operation)
        return self._pages[operation]

    def note(self, exchange: Exchange) -> None:
        """Record an exchange; one with another method than the operation's is ignored."""
        if exchange.operation not in self._operation_numbers:
            return
        page = self._open(exchange.operation)
        if exchange.request.method == page.operation.method:
            page.note(exchange)
            self._changed_operations.add(exchange.operation)

    def take_news(self) -> tuple[tuple[int, int], ...]:
        """Return what was covered since the last call.

        The number of each clause with its request.
        """
        news = [
            (number, mark.first)
            for operation in sorted(
                self._changed_operations, key=self._operation_numbers.__getitem__
            )
            for number, mark in enumerate(
                self._pages[operation].list_marks(), self._operation_numbers[operation] * _STRIDE
            )
            if mark.first and number not in self._reported_numbers
        ]
        self._changed_operations.clear()
        self._reported_numbers.update(number for number, _ in news)
        return tuple(news)

    def recall(self, witnessed: Iterable[tuple[int, int]]) -> None:
        """Add what another part of the run has covered."""
        for number, first in witnessed:
            self._reported_numbers.add(number)
            operation, index = divmod(number, _STRIDE)
            if operation < len(self._spec.operations):
                marks = self._open(self._spec.operations[operation].id).open_marks()
                if index < len(marks):
                    marks[index].recall(first)

    def measure_coverage(self, operation: str) -> Coverage:
        """Return the coverage of all clauses of the operation."""
        return Coverage(
            tuple(m.build_evidence(self._spec) for m in self._open(operation).list_marks())
        )

    def describe_gap(self, operation: str) -> str:
        """Return why a run without findings proves nothing for this operation; "" if it does."""
        page = self._open(operation)
        if not any(mark.first for mark in page.list_marks()) and not page.calls:
            return f"no response of {operation} was judged"
        if not page.has_succeeded:
            return f"none of {page.calls} requests got a 2xx response"
        if page.listing_coverage and not page.listing_coverage.rows.first:
            return "no response had rows, so nothing is known of them"
        return ""


class _Page:
    """The coverage of one operation."""

    def __init__(self, spec: Spec, operation: Operation) -> None:
        self.operation = operation
        self.calls = 0
        self._has_succeeded = False
        self._spec = spec
        self._marks: Sequence[CoverageMark] = ()
        self._open_count = -1
        """For how many response bodies `_marks` has marks of their own."""
        self._request_coverage = RequestCoverage(spec, operation)
        self._response_coverage = ResponseCoverage(spec, operation)
        listing = operation.listing
        self.listing_coverage = ListingCoverage(spec, operation, listing) if listing else None

    @property
    def has_succeeded(self) -> bool:
        """Whether a success occurred, in this part of a run or in an earlier one."""
        return self._has_succeeded or self._response_coverage.has_succeeded

    def list_marks(self) -> Sequence[CoverageMark]:
        """Return all marks in the order of the spec, to be read."""
        open_count = self._response_coverage.count_open_bodies()
        if open_count != self._open_count:
            self._marks, self._open_count = tuple(self._find_marks()), open_count
        return self._marks

    def _find_marks(self) -> Iterator[CoverageMark]:
        yield from self._request_coverage.list_marks()
        yield from self._response_coverage.list_marks()
        yield from self.listing_coverage.list_marks() if self.listing_coverage else ()

    def open_marks(self) -> Sequence[CoverageMark]:
        """Return all marks in the order of the spec, to be changed."""
        self._response_coverage.open_bodies()
        return self.list_marks()

    def note(self, exchange: Exchange) -> None:
        self.calls += 1
        self._has_succeeded = self._has_succeeded or self.operation.is_success(exchange.status)
        try:
            body = exchange.json
        except ValueError:
            body = MISSING
        self._response_coverage.note(exchange, body)
        if not exchange.ok:
            return
        try:
            values, _ = read_values(self._spec, self.operation, exchange.request)
        except ValueError:
            return  # taken, and none of those that the operation describes
        self._request_coverage.note(exchange.number, exchange.request, values)
        if self.listing_coverage and body is not MISSING:
            self.listing_coverage.note(exchange.number, values, exchange.request.body, body)
