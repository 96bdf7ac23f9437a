"""Collects the findings about one operation, one per cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import attrs

from driftline.checks.catalogue import CATALOGUE, EDITABLE, FROM_READINGS
from driftline.checks.exchange import Exchange
from driftline.checks.finding import Finding, Flaw, Severity, merge
from driftline.checks.observation import ObservedSchema, merge_observations, redact_observation
from driftline.openapi import Operation, Spec

KINDS: Mapping[str, str] = {
    name: entry.summary for name, entry in CATALOGUE.items() if name not in FROM_READINGS
}
_EVIDENCED = frozenset({"request.valid.rejected"})
"""Findings that an edit settles only if the run has shown which clause is missing."""


def is_editable(finding: Finding) -> bool:
    """Return whether an edit of the spec settles a finding."""
    is_evident = finding.id not in _EVIDENCED or bool(finding.observed)
    return finding.id in EDITABLE and is_evident


def choose_severity(kind: str, assumed: str | None) -> Severity:
    """Return the severity of a finding.

    `assumed` is the reason of an assumed clause, if it is one.
    """
    return "assumed" if assumed else CATALOGUE[kind].severity


TEXT = 300
Key = tuple[str, str, str, str, str, str]
# The number of locations of one violated clause that are distinguished; others count as the last.
MOST = 8
# The number of exchanges that are kept for one finding.
KEPT = 30


@attrs.frozen
class ExchangeTexts:
    """The texts and commands that show an exchange, without credentials."""

    scrub: Callable[[str, Exchange | None], str]
    curl: Callable[[Exchange], str]
    python: Callable[[Exchange], str]


class FindingCollector:
    """Collects findings about `operation`; nothing is sent here.

    `first_exchanges` has the first exchanges of each finding.
    """

    def __init__(self, spec: Spec, operation: Operation, showing: ExchangeTexts) -> None:
        self.spec = spec
        self.operation = operation
        self._exchange_texts = showing
        self._finding_by_key: dict[Key, Finding] = {}
        self.first_exchanges: dict[Key, list[Exchange]] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(self._finding_by_key.values())

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
        observed: ObservedSchema | None = None,
        variant: str = "",
    ) -> None:
        """Record a violation of the clause at `pointer`; one finding per cause.

        The severity depends on whether that clause, or `rests_on`, is assumed.
        """
        if kind not in KINDS:
            raise LookupError(f"finding {kind!r} is not in catalogue.toml")
        name = operation or (exchange.operation if exchange else self.operation.id)
        key = self._limit_key((self.spec.name, name, kind, pointer, where, variant))
        exchanges = self.first_exchanges.setdefault(key, [])
        if exchange is not None and len(exchanges) < KEPT:
            exchanges.append(exchange)
        observations = self._list_observed(observed, exchange)
        if key in self._finding_by_key:
            self._count_again(key, observations)
            return
        finding = Finding(
            id=kind,
            severity=choose_severity(kind, self.spec.find_assumption(rests_on or pointer)),
            api=self.spec.name,
            operation=name,
            location=self.spec.locate(pointer),
            message=message,
            expected=expected,
            got=got,
            where=where,
            variant=variant,
            observed=observations,
        )
        self._finding_by_key[key] = self._redact(finding, exchange)

    def _count_again(self, key: Key, observations: tuple[ObservedSchema, ...]) -> None:
        finding = self._finding_by_key[key]
        merged = (
            merge_observations((*finding.observed, *observations))
            if observations
            else finding.observed
        )
        self._finding_by_key[key] = attrs.evolve(finding, count=finding.count + 1, observed=merged)

    def _list_observed(
        self, observation: ObservedSchema | None, exchange: Exchange | None
    ) -> tuple[ObservedSchema, ...]:
        """Return the observed values without credentials."""
        if observation is None:
            return ()
        redacted = redact_observation(
            observation, lambda string: self._exchange_texts.scrub(string, exchange)
        )
        return () if redacted is None else (redacted,)

    def _limit_key(self, key: Key) -> Key:
        """Return the key, or that of the last location if a clause has too many."""
        alike = [other_key for other_key in self._finding_by_key if other_key[:4] == key[:4]]
        return alike[-1] if key not in self._finding_by_key and len(alike) >= MOST else key

    def _redact(self, finding: Finding, exchange: Exchange | None) -> Finding:
        """Return the finding without credentials, and with what shows it."""

        def scrub(string: str) -> str:
            return self._exchange_texts.scrub(string, exchange)

        clean = attrs.evolve(
            finding,
            message=_cut(scrub(finding.message)),
            expected=_cut(scrub(finding.expected)),
            got=_cut(scrub(finding.got)),
            where=scrub(finding.where),
            variant=scrub(finding.variant),
        )
        if exchange is None:
            return clean
        return attrs.evolve(
            clean,
            curl=self._exchange_texts.curl(exchange),
            client=self._exchange_texts.python(exchange),
            first=exchange.number,
            source=exchange.source,
        )

    def show(self, key: Key, exchange: Exchange, detail: str = "") -> None:
        """Show a finding by another exchange than the first; `detail` is added to its message."""
        finding = self._finding_by_key[key]
        message = finding.message
        if detail:
            message = _cut(self._exchange_texts.scrub(f"{finding.message}, {detail}", exchange))
        curl, client = self._exchange_texts.curl(exchange), self._exchange_texts.python(exchange)
        self._finding_by_key[key] = attrs.evolve(finding, message=message, curl=curl, client=client)

    def drop(self, key: Key) -> None:
        """Remove a finding that others describe better."""
        del self._finding_by_key[key]

    def take(self, findings: Iterable[Finding]) -> None:
        """Add findings that were made elsewhere."""
        self._finding_by_key = {
            finding.key: finding for finding in merge([*self.findings, *findings])
        }

    def report_flaw(self, flaw: Flaw, exchange: Exchange | None = None) -> None:
        """Record a flaw of an exchange, or one that a client reported."""
        self.report(
            flaw.kind,
            flaw.pointer,
            message=flaw.message,
            expected=flaw.expected,
            got=flaw.got,
            where=flaw.where,
            variant=flaw.variant,
            exchange=exchange,
            rests_on=flaw.rests_on,
            observed=flaw.observed,
        )


def _cut(string: str) -> str:
    return string if len(string) <= TEXT else string[: TEXT - 1] + "…"
