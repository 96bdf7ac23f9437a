"""What every check works with: a way to send, and a way to report; and the running of one check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import Any

import attrs

from driftline.contract import responses
from driftline.contract.exchange import Exchange
from driftline.contract.kinds import KINDS, severity
from driftline.contract.session import Exhausted, NotAllowed, Session
from driftline.contract.steady import moved, shaky
from driftline.contract.wire import NOTHING
from driftline.errors import TargetError
from driftline.findings import Check, Finding
from driftline.spec.model import Operation, Spec

__all__ = ["Examination", "Probe", "confirmed", "examine"]

TEXT = 300
# How many places of one broken clause are told apart; more are counted with the last.
MOST = 8


class Probe:
    """One check of one operation under way: sends through the session, collects findings."""

    def __init__(self, session: Session, operation: Operation) -> None:
        self.session = session
        self.operation = operation
        self._found: dict[tuple[str, str, str, str, str], Finding] = {}

    @property
    def spec(self) -> Spec:
        return self.session.spec

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(self._found.values())

    def send(
        self,
        arguments: Mapping[str, Any] | None = None,
        *,
        body: Any = NOTHING,
        credentials: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Calls this check's operation; see `Session.send`."""
        return self.session.send(self.operation, arguments, body=body, credentials=credentials)

    def report(
        self,
        kind: str,
        pointer: str,
        *,
        message: str,
        expected: str,
        got: str,
        where: str = "",
        exchange: Exchange | None = None,
        operation: str | None = None,
        rests_on: str = "",
    ) -> None:
        """Notes that the clause at `pointer` does not hold; one finding a cause, however often.

        How much it matters depends on whether that clause, or `rests_on`, is only assumed.
        """
        if kind not in KINDS:
            raise LookupError(f"kinds.py does not know {kind!r}")
        name = operation or (exchange.operation if exchange else self.operation.id)
        key = (self.spec.name, name, kind, pointer, where)
        alike = [each for each in self._found if each[:4] == key[:4]]
        if key not in self._found and len(alike) >= MOST:
            key = alike[-1]
        if key in self._found:
            self._found[key] = attrs.evolve(self._found[key], count=self._found[key].count + 1)
            return
        scrub = self.session.target.scrub
        self._found[key] = Finding(
            id=kind,
            severity=severity(kind, self.spec.assumed(rests_on or pointer)),
            api=self.spec.name,
            operation=name,
            location=self.spec.location(pointer),
            message=_cut(scrub(message)),
            expected=_cut(scrub(expected)),
            got=_cut(scrub(got)),
            where=scrub(where),
            curl=self.session.curl(exchange) if exchange else "",
            client=self.session.python(exchange) if exchange else "",
            first=exchange.number if exchange else 0,
        )

    def adopt(self, findings: Iterable[Finding]) -> None:
        """Takes over what another probe found."""
        self._found |= {finding.key: finding for finding in findings}

    def check_answers(self) -> None:
        """Every answer since the last call against the spec."""
        for exchange in self.session.take():
            for flaw in responses.flaws(self.spec, exchange):
                self.report(
                    flaw.kind,
                    flaw.pointer,
                    message=flaw.message,
                    expected=flaw.expected,
                    got=flaw.got,
                    where=flaw.where,
                    exchange=exchange,
                    rests_on=flaw.rests_on,
                )


Examination = Callable[[Probe], None]


def examine(session: Session, operation: Operation, name: str, examination: Examination) -> Check:
    """Runs one check on one operation, from the server's first state, and says what came of it."""
    session.start()
    probe = Probe(session, operation)
    started, sent, calls = perf_counter(), session.sent, session.calls.copy()
    detail, stopped = "", False
    try:
        examination(probe)
    except NotAllowed as reason:
        detail = str(reason)
    except (Exhausted, TargetError) as reason:
        detail, stopped = str(reason), True
    except Exception as error:  # a hole in the suite must be seen, and must not end the run
        detail, stopped = session.target.scrub(f"{type(error).__name__}: {error}"), True
    probe.check_answers()
    calls = session.calls - calls
    findings = tuple(attrs.evolve(f, requests=calls[f.operation]) for f in probe.findings)
    return Check(
        api=session.spec.name,
        operation=operation.id,
        name=name,
        outcome=_outcome(session, findings, detail, stopped),
        findings=findings,
        detail=detail,
        seconds=perf_counter() - started,
        requests=session.sent - sent,
    )


def confirmed(examination: Examination) -> Examination:
    """On a live server rows may change under the walk: only what is seen twice counts."""

    def run(probe: Probe) -> None:
        first = Probe(probe.session, probe.operation)
        examination(first)
        if probe.session.target.is_mock or not first.findings:
            probe.adopt(first.findings)
            return
        second = Probe(probe.session, probe.operation)
        examination(second)
        again = {finding.key: finding.count for finding in second.findings}
        twice = [finding for finding in first.findings if finding.key in again]
        doubtful = [finding for finding in twice if shaky(finding.id, probe.operation)]
        if doubtful and moved(probe.operation, probe.session.recent):
            kinds = ", ".join(sorted({finding.id for finding in doubtful}))
            probe.session.notes.append(
                f"{probe.operation.id}: its rows changed while they were read; that may be all "
                f"there is to {kinds}"
            )
            twice = [finding for finding in twice if finding not in doubtful]
        probe.adopt(
            attrs.evolve(finding, count=finding.count + again[finding.key]) for finding in twice
        )

    return run


def _outcome(session: Session, findings: tuple[Finding, ...], detail: str, stopped: bool) -> Any:
    """A live server may differ from what is only assumed; the mock may not."""
    if any(session.target.is_mock or f.severity != "assumed" for f in findings):
        return "drift"
    if stopped:
        return "error"
    return "not-sent" if detail else "passed"


def _cut(text: str) -> str:
    return text if len(text) <= TEXT else text[: TEXT - 1] + "…"
