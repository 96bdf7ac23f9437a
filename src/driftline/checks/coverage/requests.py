"""The coverage of requests: parameters, their values and bounds, credentials, and the body."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs

from driftline.checks.coverage.marks import REQUEST, CoverageMark
from driftline.checks.coverage.values import ValueCoverage, build_tree
from driftline.checks.outgoing import Outgoing
from driftline.checks.request_arguments import Values, parse_pairs, read_cookies
from driftline.media import to_json
from driftline.openapi import (
    MISSING,
    Operation,
    Parameter,
    SecurityScheme,
    Spec,
)


@attrs.define(eq=False)
class _Parameter:
    """The marks of one parameter; `items` has those of an array's items."""

    parameter: Parameter
    sent_mark: CoverageMark
    value: ValueCoverage
    items: ValueCoverage

    def note(self, number: int, value: Any) -> None:
        """Record the value of a request, or MISSING."""
        self.sent_mark.note(number, value is not MISSING)
        if value is not MISSING:
            self.value.note(number, value)

    def list_marks(self) -> Iterator[CoverageMark]:
        yield self.sent_mark
        for tree in (self.value, self.items):
            yield from tree.values.values()
        yield from (mark for _, _, mark in self.value.bounds)


class RequestCoverage:
    """The counted clauses of an operation's requests; only accepted requests count."""

    def __init__(self, spec: Spec, operation: Operation) -> None:
        self._spec = spec
        self._operation = operation
        self._parameters = [_build_parameter(spec, parameter) for parameter in operation.parameters]
        self._body = self._build_body_tree()
        security = spec.locate_security(operation)
        self._credentials = [
            (names, CoverageMark("credentials", security, REQUEST, "", " and ".join(names)))
            for names in operation.security
        ]

    def _build_body_tree(self) -> ValueCoverage | None:
        media = self._operation.body.json if self._operation.body else None
        if media is None or not media.schema_pointer:
            return None
        return build_tree(self._spec, media.schema_pointer, REQUEST)

    def list_marks(self) -> Iterator[CoverageMark]:
        """Return the marks in the order of the spec."""
        for entry in self._parameters:
            yield from entry.list_marks()
        yield from self._body.list_marks() if self._body else ()
        yield from (mark for _, mark in self._credentials)

    def note(self, number: int, request: Outgoing, values: Values) -> None:
        """Record an accepted request and its arguments."""
        for entry in self._parameters:
            key = (entry.parameter.location, entry.parameter.name)
            entry.note(number, values.get(key, MISSING))
        for names, mark in self._credentials:
            schemes = [self._spec.security_schemes[name] for name in names]
            mark.note(number, all(_has_credential(request, scheme) for scheme in schemes))
        if self._body is None:
            return
        try:
            media = self._operation.body and self._operation.body.json
            content = to_json(request.body, media.name) if media else request.body
            self._body.note(number, json.loads(content))
        except ValueError:
            return  # another media type, or nothing


def _build_parameter(spec: Spec, parameter: Parameter) -> _Parameter:
    pointer = parameter.schema_pointer
    tree = build_tree(spec, pointer, REQUEST)
    items = tree.parts.get("[]", ValueCoverage())
    for mark in (*tree.list_marks(), *items.list_marks()):
        mark.where = parameter.name
    sent_mark = CoverageMark("parameter", parameter.pointer, REQUEST, parameter.name)
    return _Parameter(parameter, sent_mark, tree, items)


def _has_credential(request: Outgoing, scheme: SecurityScheme) -> bool:
    if scheme.kind == "query":
        return scheme.wire_name in dict(parse_pairs(request.query))
    if scheme.kind == "cookie":
        return scheme.wire_name in read_cookies(request)
    values = [v for name, v in request.headers if name.lower() == scheme.wire_name.lower()]
    prefix = {"bearer": "bearer ", "basic": "basic "}.get(scheme.kind, "")
    return any(value.lower().startswith(prefix) for value in values)
