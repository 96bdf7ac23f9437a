"""The coverage of responses: statuses, headers, media types, and bodies.

Most documented responses never occur, and many operations document the same errors. So a body gets
marks of its own with its first value; until then, operations share the marks of the schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import attrs

from driftline.checks.coverage.marks import CoverageMark
from driftline.checks.coverage.values import ValueCoverage, build_tree
from driftline.checks.exchange import Exchange
from driftline.openapi import MISSING, Operation, Response, Spec


@attrs.define(eq=False)
class _Response:
    """The marks of one documented response."""

    spec: Spec
    response: Response
    status: CoverageMark
    headers: list[tuple[str, CoverageMark]]
    media: list[tuple[str, CoverageMark]]
    body: ValueCoverage | None = None

    def list_marks(self) -> Iterator[CoverageMark]:
        yield self.status
        yield from (mark for _, mark in self.headers)
        yield from (mark for _, mark in self.media)
        if self.schema_pointer:
            body = self.body or _build_shared_tree(
                self.spec, self.schema_pointer, self.response.status
            )
            yield from body.list_marks()

    @property
    def schema_pointer(self) -> str:
        media = self.response.json
        return media.schema_pointer if media else ""

    def open_body(self) -> ValueCoverage | None:
        """Return the tree of the body, with marks of its own."""
        if self.body is None and self.schema_pointer:
            self.body = build_tree(self.spec, self.schema_pointer, self.response.status)
        return self.body


@lru_cache(maxsize=8)
def _build_shared_tree(spec: Spec, schema_pointer: str, part: str) -> ValueCoverage:
    """Return the tree of a body that no response had; nothing is recorded in it."""
    return build_tree(spec, schema_pointer, part)


class ResponseCoverage:
    """The counted clauses of an operation's responses."""

    def __init__(self, spec: Spec, operation: Operation) -> None:
        self._operation = operation
        self._responses = [_build_response(spec, response) for response in operation.responses]

    def list_marks(self) -> Iterator[CoverageMark]:
        """Return the marks in the order of the spec."""
        for entry in self._responses:
            yield from entry.list_marks()

    def count_open_bodies(self) -> int:
        """Return how many bodies have marks of their own."""
        return sum(entry.body is not None for entry in self._responses)

    def open_bodies(self) -> None:
        """Give each body marks of its own."""
        for entry in self._responses:
            entry.open_body()

    @property
    def has_succeeded(self) -> bool:
        """Whether a documented response with 2xx occurred."""
        entries = (r for r in self._responses if r.status.first)
        return any(entry.response.status.startswith(("2", "default")) for entry in entries)

    def note(self, exchange: Exchange, body: Any) -> None:
        """Record a response; `body` is its JSON, or MISSING."""
        documented_response = self._operation.find_response(exchange.status)
        for entry in self._responses:
            entry.status.note(exchange.number, entry.response is documented_response)
            if entry.response is documented_response:
                _note(entry, exchange, body)


def _note(entry: _Response, exchange: Exchange, body: Any) -> None:
    for name, mark in entry.headers:
        mark.note(exchange.number, exchange.get_header(name) is not None)
    media_type = (exchange.get_header("content-type") or "").partition(";")[0].strip().lower()
    for name, mark in entry.media:
        mark.note(exchange.number, media_type == name.partition(";")[0].strip().lower())
    tree = entry.open_body() if body is not MISSING else None
    if tree is not None:
        tree.note(exchange.number, body)


def _build_response(spec: Spec, response: Response) -> _Response:
    part = response.status
    return _Response(
        spec,
        response,
        CoverageMark("status", response.pointer, part),
        [(h.name, CoverageMark("header", h.pointer, part, h.name)) for h in response.headers],
        [
            (m.name, CoverageMark("media-type", m.pointer, part, "", m.name))
            for m in response.content
        ],
    )
