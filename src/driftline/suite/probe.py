"""The interface of a check to the suite (sending, reporting), and the run of one check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from time import perf_counter
from typing import Any
from urllib.parse import unquote

import attrs

from driftline.checks import (
    NOTHING,
    STATE_REJECTIONS,
    Check,
    Exchange,
    ExchangeTexts,
    Finding,
    FindingCollector,
    Flaw,
    describes_missing_row,
    find_possible_ids,
    find_secrets,
    format_response,
    is_tolerated,
    is_unclear,
    is_undocumented_rejection,
    response,
    split_next_url,
)
from driftline.errors import TargetError, UsageError
from driftline.openapi import Operation
from driftline.suite.http.flakiness import has_moved, is_unstable_finding
from driftline.suite.http.sender import Unsendable
from driftline.suite.http.session import BudgetExhausted, NotAllowed, NotChecked, Session
from driftline.suite.shrink.attribution import improve_findings
from driftline.suite.shrink.shrinker import VariationSender

_UNKNOWN_ROW = frozenset({400, 404, 422})
_UNKNOWN_SECRET = frozenset({400, 401, 403})


def _describe_unknown(operation: Operation, names: list[str], exchange: Exchange) -> str:
    problem = f"no existing value for {', '.join(names)}"
    outcome = f"the server responded {format_response(exchange)}"
    values = " and ".join(f'"{operation.id}.{name}"' for name in names)
    return f"{problem}: {outcome}; set {values} in the values of driftline.toml, or add x-reference"


class Probe(FindingCollector):
    """One running check of one operation: sends through the session, collects findings."""

    def __init__(self, session: Session, operation: Operation) -> None:
        scrub = session.target.scrub
        showing = ExchangeTexts(
            lambda string, _: scrub(string), session.format_curl, session.format_python
        )
        super().__init__(session.spec, operation, showing)
        self.session = session
        self.unchecked = ""

    def report(
        self, kind: str, pointer: str, *, exchange: Exchange | None = None, **details: Any
    ) -> None:
        """Report a flaw; a rejected request only if the server can know all of its values.

        A live server may reject an ID without a row (no schema says which fields are IDs),
        an unknown password, and a conflict with its rows.
        """
        is_rejection = kind == "request.valid.rejected"
        if is_rejection and exchange is not None and self._is_excused(exchange):
            return
        super().report(kind, pointer, exchange=exchange, **details)

    def _is_excused(self, exchange: Exchange) -> bool:
        """Return whether a server may reject a request that violates no schema; note why."""
        # A sequence also calls other operations than the checked one.
        operation = self.spec.find_operation(exchange.operation) or self.operation
        if is_unclear(self.spec, operation, exchange):
            return True
        if self.session.target.is_mock:
            return False
        names = self._list_unknown_values(operation, exchange)
        is_conflict = exchange.status in STATE_REJECTIONS
        is_missing = describes_missing_row(operation, exchange)
        if names:
            self.unchecked = _describe_unknown(operation, names, exchange)
            self.session.unknown_values[operation.id] = names
        elif is_conflict or is_missing:
            reason = "names no existing row" if is_missing else "conflicts with existing rows"
            message = f"{operation.id} {reason}"
            values = f'set "{operation.id}.FIELD" in the values of driftline.toml'
            self.unchecked = (
                f"{message}: the server responded {format_response(exchange)}; {values}"
            )
        return bool(names) or is_conflict or is_missing

    def report_rejection(
        self,
        exchange: Exchange | None,
        message: str,
        pointer: str = "",
        *,
        got: str = "",
        where: str = "",
    ) -> None:
        """Report that a request which the spec allows was rejected."""
        self.report(
            "request.valid.rejected",
            pointer or self.operation.pointer,
            message=message,
            expected="2xx",
            got=got or format_response(exchange),
            where=where,
            exchange=exchange,
        )

    def _list_unknown_values(self, operation: Operation, exchange: Exchange) -> list[str]:
        """Return parts whose value the server may have rejected, without configured values."""
        sent_values: dict[str, Any] = {}
        if exchange.status in _UNKNOWN_ROW | STATE_REJECTIONS:
            sent_values |= find_possible_ids(self.spec, operation, exchange)
        if exchange.status in _UNKNOWN_SECRET:
            sent_values |= find_secrets(exchange)
        configured_values = {name: self.session.get_value(operation, name) for name in sent_values}
        return [
            name for name in sent_values if str(sent_values[name]) != str(configured_values[name])
        ]

    def send(
        self,
        arguments: Mapping[str, Any] | None = None,
        *,
        body: Any = NOTHING,
        credentials: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Call this check's operation; see `Session.send`."""
        return self.session.send(self.operation, arguments, body=body, credentials=credentials)

    def try_send(
        self,
        arguments: Mapping[str, Any] | None = None,
        *,
        body: Any = NOTHING,
        credentials: Mapping[str, str] | None = None,
    ) -> Exchange | None:
        """Send as `send` does; return None if HTTP cannot carry the request."""
        with suppress(Unsendable):
            return self.send(arguments, body=body, credentials=credentials)
        return None

    def follow(self, exchange: Exchange, url: str) -> Exchange:
        """Send the request of `exchange` to a URL in its response, on the same server.

        Credentials in the query are those of the first request.
        """
        path, query = split_next_url(exchange, url) or (url, "")
        secret = {s.wire_name for s in self.spec.security_schemes.values() if s.kind == "query"}
        secret_pairs = [
            pair for pair in exchange.request.query.split("&") if _get_name(pair) in secret
        ]
        rest = [pair for pair in query.split("&") if pair and _get_name(pair) not in secret]
        request = attrs.evolve(exchange.request, path=path, query="&".join([*rest, *secret_pairs]))
        return self.session.send_raw(self.operation, request)

    def adopt(self, other: Probe, findings: Iterable[Finding]) -> None:
        """Add the findings of another probe, with their exchanges."""
        findings_by_key = {finding.key: finding for finding in findings}
        self._finding_by_key |= findings_by_key
        self.first_exchanges |= {
            key: exchanges
            for key, exchanges in other.first_exchanges.items()
            if key in findings_by_key
        }

    def check_responses(self) -> None:
        """Compare every response since the last call with the spec."""
        for exchange in self.session.take():
            flaws = [*response.find_flaws(self.spec, exchange)]
            if not self.session.target.is_mock:
                flaws += response.find_documented_failure(self.spec, exchange)
            for flaw in flaws:
                if not (is_tolerated(self.spec, exchange, flaw) or self._is_own(exchange, flaw)):
                    self.report_flaw(flaw, exchange)

    def _is_own(self, exchange: Exchange, flaw: Flaw) -> bool:
        """Return whether a mock rejects an invalid request without a documented rejection.

        Queries are ambiguous: two values may be a list or a mistake.
        """
        if not self.session.target.is_mock or not is_undocumented_rejection(
            self.operation, exchange, flaw
        ):
            return False
        from driftline.suite.fuzzing.failures import is_right  # noqa: PLC0415 - rarely needed

        return not is_right(self.spec, exchange.request)


def _get_name(pair: str) -> str:
    return unquote(pair.partition("=")[0])


Examination = Callable[[Probe], None]


def examine(session: Session, operation: Operation, name: str, examination: Examination) -> Check:
    """Run one check on one operation, from the server's initial state, and return the result."""
    session.start()
    probe = Probe(session, operation)
    start, sent_before, calls = perf_counter(), session.sent_count, session.calls.copy()
    detail, is_error = _attempt(probe, examination)
    calls = session.calls - calls
    detail = detail or session.target.scrub(probe.unchecked)
    if probe.findings and not is_error:
        _, is_error = _attempt(probe, _improve_findings)
    findings = tuple(attrs.evolve(f, requests=calls[f.operation]) for f in probe.findings)
    return Check(
        api=session.spec.name,
        operation=operation.id,
        name=name,
        outcome=_build_outcome(session, findings, detail, is_error),
        findings=findings,
        detail=detail,
        seconds=perf_counter() - start,
        requests=session.sent_count - sent_before,
        witnessed=session.ledger.take_news(),
    )


def _attempt(probe: Probe, examination: Examination) -> tuple[str, bool]:
    """Run an examination; return why it ended early, and whether that is an error of the run."""
    hiding = probe.session.target.find_hiding(probe.operation)
    if hiding is not None:
        message = f"all its requests are routed to {hiding.id}, too"
        return f"{message}; rename one of the two paths", False
    try:
        try:
            examination(probe)
        finally:
            probe.check_responses()
    except (NotAllowed, NotChecked) as reason:
        return str(reason), False
    except (RecursionError, MemoryError):
        message = "the document is nested too deeply for this check"
        return f"{message}; pass --operation '!{probe.operation.id}'", False
    except (BudgetExhausted, TargetError) as reason:
        return str(reason), True
    except UsageError as reason:
        return probe.session.target.scrub(f"{reason.message}. {reason.hint}"), True
    except Exception as error:  # a hole in the suite must be seen, and must not end the run
        return probe.session.target.scrub(f"{type(error).__name__}: {error}"), True
    return "", False


def _improve_findings(probe: Probe) -> None:
    session, operation = probe.session, probe.operation
    improve_findings(probe, VariationSender(session, operation), session.accepted[operation.id])
    session.take()  # what was only tried is not a response of the check


def confirm_twice(examination: Examination) -> Examination:
    """Run a check twice on a live server, whose rows may change; keep repeated findings."""

    def run(probe: Probe) -> None:
        first = Probe(probe.session, probe.operation)
        examination(first)
        if probe.session.target.is_mock or not first.findings:
            probe.adopt(first, first.findings)
            return
        second = Probe(probe.session, probe.operation)
        examination(second)
        again = {finding.key: finding.count for finding in second.findings}
        twice = [finding for finding in first.findings if finding.key in again]
        doubtful = [finding for finding in twice if is_unstable_finding(finding, probe.operation)]
        if doubtful and has_moved(probe.operation, probe.session.recent):
            kinds = ", ".join(sorted({finding.id for finding in doubtful}))
            probe.session.notes.append(
                f"{probe.operation.id}: its rows changed while they were read, which may be "
                f"the only reason for {kinds}"
            )
            twice = [finding for finding in twice if finding not in doubtful]
        confirmed = (
            attrs.evolve(finding, count=finding.count + again[finding.key]) for finding in twice
        )
        probe.adopt(first, confirmed)

    return run


def _build_outcome(
    session: Session, findings: tuple[Finding, ...], detail: str, is_error: bool
) -> Any:
    """Return the result of a check; assumed findings do not fail a live server."""
    if any(session.target.is_mock or f.severity != "assumed" for f in findings):
        return "drift"
    if is_error:
        return "error"
    return "not-sent" if detail else "passed"
