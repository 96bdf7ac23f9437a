"""Judges the recorded exchanges of one operation: responses, requests, pages, coverage."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import attrs

from driftline.checks import (
    COVERAGE,
    Check,
    CoverageLedger,
    Finding,
    FindingCollector,
    Flaw,
    collapse,
    find_flaws,
    parse_request,
    redact_value,
    request_flaws,
)
from driftline.media import FORM_KINDS
from driftline.mock import HttpRequest, Rejection, find_media_type, parse_body
from driftline.observe.judging.exchanges import JudgedExchange, build_exchange_texts
from driftline.observe.judging.walks import RecordedWalks
from driftline.observe.readers import Event
from driftline.openapi import (
    Operation,
    Spec,
    describe,
    describe_stream,
    find_schema_at,
    list_violations,
    pointer as json_pointer,
)
from driftline.redaction import is_secret_name

NAMES = ("responses", "requests", "listing")
"""The checks, as reports call them."""

# Checks that need the body, which was not recorded.
_OF_BODIES = frozenset(
    {
        *("response.body.unreadable", "response.content-type.missing"),
        *("response.json.unreadable", "response.stream.incomplete"),
    }
)
# The same where no header was recorded.
_OF_HEADERS = frozenset({"response.content-type.missing", "response.header.missing"})


class Judge:
    """The recorded exchanges of one operation, and their findings."""

    def __init__(self, spec: Spec, operation: Operation) -> None:
        self.spec = spec
        self.operation = operation
        self.count = self.bodiless = 0
        self._unchecked_entries: list[str] = []
        self._collectors = {
            name: FindingCollector(spec, operation, build_exchange_texts(spec)) for name in NAMES
        }
        self._ledger = CoverageLedger(attrs.evolve(spec, operations=(operation,)))
        self._walks = RecordedWalks(self._collectors["listing"]) if operation.listing else None

    def add(self, exchange: JudgedExchange) -> None:
        """Judge one exchange; an error is recorded, and does not end the run."""
        self.count += 1
        self.bodiless += not exchange.has_body
        try:
            self._judge(exchange)
        except Exception as error:  # a hole in the judging must be seen, and must not end the run
            self._unchecked_entries.append(f"{exchange.source}: {type(error).__name__}")

    def note(self, event: Event, file: str) -> bool:
        """Add the flaw of a client's drift event; return False for an unknown kind of event."""
        flaw = find_event_flaw(self.spec, self.operation, event)
        if flaw is None:
            return False
        self.count += 1
        collector = FindingCollector(self.spec, self.operation, build_exchange_texts(self.spec))
        collector.report_flaw(flaw)
        source = f"{file}, line {event.number}"
        self._collectors["responses"].take(
            attrs.evolve(finding, first=event.number, source=source)
            for finding in collector.findings
        )
        return True

    def _judge(self, exchange: JudgedExchange) -> None:
        for flaw in find_flaws(self.spec, exchange):
            is_recorded = exchange.has_body or flaw.kind not in _OF_BODIES
            if is_recorded and (exchange.has_headers or flaw.kind not in _OF_HEADERS):
                self._collectors["responses"].report_flaw(_redact_flaw(flaw), exchange)
        if exchange.has_body:
            self._ledger.note(exchange)
        request = parse_request(self.spec, self.operation, exchange)
        if request is None:
            return
        flaws = (
            *request_flaws(self.spec, self.operation, exchange, request),
            *find_body_flaws(self.spec, self.operation, exchange),
        )
        for flaw in flaws:
            self._collectors["requests"].report_flaw(_redact_flaw(flaw), exchange)
        readable = exchange.ok and exchange.has_body and not request.faults
        if self._walks is not None and readable and _is_json(exchange):
            self._walks.add(exchange, request.arguments)

    def build_checks(self) -> list[Check]:
        """Return the rows of a report about this operation."""
        if self._walks is not None:
            self._walks.end()
        detail = ""
        if self._unchecked_entries:
            entries = self._unchecked_entries
            detail = f"{len(entries)} entries could not be checked: {entries[0]}"
        names = NAMES if self._walks is not None else NAMES[:2]
        checks = [
            self._check(name, self.count * (name == NAMES[0]), detail * (name == NAMES[0]))
            for name in names
        ]
        coverage = self._ledger.measure_coverage(self.operation.id)
        return [*checks, attrs.evolve(self._check(COVERAGE, 0, ""), coverage=coverage)]

    def _check(self, name: str, requests: int, detail: str) -> Check:
        raw_findings = self._collectors[name].findings if name in self._collectors else ()
        findings = tuple(self._count_finding(finding) for finding in raw_findings)
        drift = any(finding.severity != "assumed" for finding in findings)
        return Check(
            api=self.spec.name,
            operation=self.operation.id,
            name=name,
            outcome="error" if detail else "drift" if drift else "passed",
            findings=findings,
            detail=detail,
            requests=requests,
        )

    def _count_finding(self, finding: Finding) -> Finding:
        return attrs.evolve(finding, requests=self.count)


def _redact_flaw(flaw: Flaw) -> Flaw:
    """Return the flaw without the value of a field whose name indicates a secret."""
    names_secret = any(map(is_secret_name, flaw.where.split(".")))
    if not names_secret:
        return flaw
    observation = flaw.observed and redact_value(flaw.observed)
    return attrs.evolve(flaw, got="(not shown)", observed=observation)


def _is_json(exchange: JudgedExchange) -> bool:
    try:
        body: Any = exchange.json
    except ValueError:
        return False
    return body is not None


# Kind of event: id of the finding, keyword of the clause, whether it stands a level higher.
_KINDS = {
    "field.missing": ("response.required.missing", "required", True),
    "field.null": ("response.type.wrong", "type", False),
    "field.undocumented": ("response.field.undocumented", "properties", True),
    "enum.undocumented": ("response.enum.undocumented", "enum", False),
    "type.mismatch": ("response.type.wrong", "type", False),
    "format.mismatch": ("response.format.wrong", "format", False),
}


def find_event_flaw(spec: Spec, operation: Operation, event: Event) -> Flaw | None:
    """Return the flaw of a drift event; None for an unknown kind of event."""
    if event.kind not in _KINDS:
        return None
    kind, keyword, is_above = _KINDS[event.kind]
    where = collapse(event.pointer)
    return Flaw(
        kind=kind,
        pointer=_find_clause(spec, operation, event, keyword, is_above=is_above),
        message=f"the client noticed {event.kind} at {where or 'the body'}",
        expected=event.expected,
        got=event.got,
        where=where,
    )


def _find_clause(
    spec: Spec, operation: Operation, event: Event, keyword: str, *, is_above: bool
) -> str:
    """Return the clause, or its nearest known ancestor."""
    media = operation.success.json if operation.success else None
    if media is None or not media.schema_pointer:
        return operation.pointer + "/responses"
    value_pointer = event.pointer
    if is_above:
        value_pointer = value_pointer.rpartition("/")[0]
    schema_pointer = find_schema_at(spec, media.schema_pointer, value_pointer)
    if schema_pointer is None:
        return media.schema_pointer
    pointer, schema = spec.resolve(schema_pointer)
    for branch in ("", "/anyOf/0", "/oneOf/0"):
        inner, schema = spec.resolve(pointer + branch)
        if json_pointer.is_object(schema) and keyword in schema:
            return f"{inner}/{keyword}"
    return pointer


def find_body_flaws(spec: Spec, operation: Operation, exchange: JudgedExchange) -> Iterator[Flaw]:
    """Yield the flaws of an accepted form or JSON line; for JSON, see `request_flaws`."""
    outgoing = exchange.request
    request = HttpRequest(
        outgoing.method, outgoing.path, outgoing.query, outgoing.headers, outgoing.body
    )
    if not exchange.ok or not outgoing.body or operation.body is None:
        return
    try:
        media = find_media_type(operation, request)
        if media.kind not in {*FORM_KINDS, "json_lines"}:
            return
        body = parse_body(spec, media, request)
    except (Rejection, ValueError, RecursionError):
        return  # what cannot be read may have been recorded in part
    is_lines = media.kind == "json_lines"
    pointer = describe_stream(spec, media).data.pointer if is_lines else media.schema_pointer
    values = body.values if is_lines else [body]
    violations = (list_violations(spec, pointer, value, "request") for value in values if pointer)
    for violation in chain.from_iterable(violations):
        path = (
            f"{violation.path}/{violation.expected}"
            if violation.keyword == "required"
            else violation.path
        )
        where = collapse(path)
        reason = f"{'line' if is_lines else 'body'}: {where or 'it'} violates {violation.keyword}"
        yield Flaw(
            kind="request.invalid.accepted",
            pointer=operation.body.pointer,
            message=f"the server accepted a request that the spec rejects: {reason}",
            expected=f"a rejection (4xx); {violation.keyword}: {describe(violation.expected)}",
            got=str(exchange.status),
            where=where,
            keyword=violation.keyword,
        )
