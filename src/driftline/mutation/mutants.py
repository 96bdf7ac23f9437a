"""Mutants: mocks with one violated clause, and the findings that the suite should report.

Mutants are deterministic: the same requests in the same order get the same responses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from driftline.checks import Finding, find_check_for_mutant
from driftline.errors import Location
from driftline.media import from_json
from driftline.mock import Handle, HttpRequest, HttpResponse, Mock
from driftline.openapi import Operation, PathTemplate, Spec, join


@attrs.frozen
class Clause:
    """One clause of a spec: its location, and the part of a message that it describes."""

    operation: Operation = attrs.field(eq=lambda operation: operation.id)
    kind: str
    pointer: str
    part: str = ""


class BrokenMock:
    """A mock that violates one clause; `memory` is cleared with the rows."""

    def __init__(self, mock: Mock, mutant: Mutant, seed: int = 0) -> None:
        self.mock = mock
        self.spec = mock.spec
        self.operation = mutant.clause.operation
        self.memory: dict[str, Any] = {}
        self.seed = seed
        self.requests = 0
        self._mutant = mutant

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.requests += 1
        is_affected_method = request.method in self._mutant.methods
        effective_request = (
            attrs.evolve(request, method=self.operation.method) if is_affected_method else request
        )
        operation = find_operation(self.spec, effective_request)
        if operation is None or operation.id not in self._mutant.operations:
            return self.mock.handle(request)
        return self._mutant.breaks(self, operation, request)

    def build_sibling(self, spec: Spec) -> Mock:
        """Return another mock with the same rows, but a slightly different spec."""
        return Mock(spec, rows=self.mock.rows, seed=self.seed)

    def reset(self) -> None:
        """Restore the rows, and clear the memory."""
        self.mock.reset()
        self.memory.clear()


Breaks = Callable[[BrokenMock, Operation, HttpRequest], HttpResponse]
"""Responds to a request for one of the mutant's operations, and violates the clause."""


def _respond_faithfully(server: BrokenMock, _: Operation, request: HttpRequest) -> HttpResponse:
    return server.mock.handle(request)


@attrs.frozen(kw_only=True, eq=False)
class Mutant:
    """One way to violate a clause.

    `expected` are the ids of findings that name it correctly, `pointers` the clauses that they may
    name, `finding_locations` their locations in the message (none: any), `variant` the wrong value,
    if a baseline may have another one. `equivalent` is the reason why the mutant cannot be
    distinguished from the mock, if so. `check` is the check that should notice it first.
    `operations` are the affected ones; `methods` are undocumented ones that are affected too.
    """

    id: str
    clause: Clause
    location: Location
    expected: frozenset[str]
    pointers: frozenset[str]
    finding_locations: frozenset[str] = frozenset()
    variant: str = ""
    breaks: Breaks = _respond_faithfully
    equivalent: str = ""
    check: str = ""
    operations: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()

    @classmethod
    def build(
        cls,
        spec: Spec,
        clause: Clause,
        breaks: Breaks | None,
        *expected: str,
        how: str = "",
        pointers: frozenset[str] = frozenset(),
        locations: frozenset[str] = frozenset(),
        variant: str = "",
        equivalent: str = "",
        also: frozenset[str] = frozenset(),
        methods: frozenset[str] = frozenset(),
    ) -> Mutant:
        """Return the mutant of `clause`.

        `how` distinguishes it from others of the clause, `also` are further affected operations.
        """
        parts = (spec.name, clause.operation.id, clause.kind, clause.part, how)
        return cls(
            id="/".join(filter(None, parts)),
            clause=clause,
            location=spec.locate(clause.pointer),
            expected=frozenset(expected),
            pointers=pointers | {clause.pointer},
            finding_locations=locations,
            variant=variant,
            breaks=breaks or _respond_faithfully,
            equivalent=equivalent,
            check=find_check_for_mutant(clause.kind),
            operations=also | {clause.operation.id},
            methods=methods,
        )

    def handle(self, mock: Mock, seed: int = 0) -> Handle:
        """Return a handler that responds as `mock`, but violates the clause."""
        return BrokenMock(mock, self, seed)

    def is_reported_by(self, finding: Finding) -> bool:
        """Return whether a finding names this clause."""
        return (
            finding.id in self.expected
            and finding.operation in self.operations
            and finding.location.pointer in self.pointers
            and (not self.finding_locations or finding.where in self.finding_locations)
            and self.variant in {"", finding.variant}
        )


Operator = Callable[[Spec, Operation], Iterable[Mutant]]
"""Returns the mutants of one kind for an operation."""
_OPERATORS: list[Operator] = []


def operator(generate: Operator) -> Operator:
    """Register the decorated function, whose mutants the mutation test tries."""
    _OPERATORS.append(generate)
    return generate


def list_operators() -> list[Operator]:
    """Return the registered operators, sorted by module."""
    return sorted(_OPERATORS, key=lambda generate: generate.__module__)


def find_operation(spec: Spec, request: HttpRequest) -> Operation | None:
    """Return the operation of a request, preferring fewer path parameters."""
    matches = [
        operation
        for operation in spec.operations
        if operation.method == request.method and matches_path(operation.path, request.path)
    ]
    return min(matches, key=lambda operation: operation.path.count("{"), default=None)


def matches_path(template: str, path: str) -> bool:
    """Return whether a path has the form of the template."""
    path_template = PathTemplate(template)
    paths = (path, path.removesuffix("/"))
    return any(path_template.split(text) is not None for text in paths)


def replace_json(
    response: HttpResponse, value: Any, *, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Return the response with another JSON body, and some headers replaced."""
    body = json.dumps(value, ensure_ascii=False).encode()
    kind = response.get_header("Content-Type") or ""
    return replace_body(response, from_json(body, kind), headers=headers)


def replace_body(
    response: HttpResponse, body: bytes, *, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Return the response with another body, and some headers replaced."""
    new = {"Content-Length": str(len(body)), **(headers or {})}
    names = {name.lower() for name in new}
    other_headers = [pair for pair in response.headers if pair[0].lower() not in names]
    return attrs.evolve(response, headers=(*other_headers, *new.items()), body=body)


def replace_request_body(request: HttpRequest, media_type: str, body: bytes) -> HttpRequest:
    """Return the request with another body, and its media type."""
    names = {"content-type", "content-length"}
    other_headers = [pair for pair in request.headers if pair[0].lower() not in names]
    new = (("Content-Type", media_type), ("Content-Length", str(len(body))))
    return attrs.evolve(request, headers=(*other_headers, *new), body=body)


def list_keyword_pointers(*pointers: str, keywords: tuple[str, ...] = ()) -> frozenset[str]:
    """Return the pointers, and each of `keywords` below the first."""
    return frozenset((*pointers, *(pointers[0] + join(keyword) for keyword in keywords)))
