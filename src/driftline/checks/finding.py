"""Findings and results of checks as data, from which reports are rendered.

A finding is one cause, however often it occurs: two findings with the same `key` are merged.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import attrs

from driftline.checks.coverage.evidence import Coverage
from driftline.checks.observation import ObservedSchema, merge_observations
from driftline.errors import Location

Severity = Literal["breaking", "additive", "assumed"]
Outcome = Literal["passed", "drift", "error", "not-sent"]


@attrs.frozen(kw_only=True)
class Finding:
    """A clause of a spec that a server, mock, client or file violates.

    `id` is stable (`response.required.missing`), `where` the place in the message with array
    indexes collapsed (`data[].projectId`), `variant` which wrong value came where several may, such
    as `null` and `string`. `curl` a command that shows it and `client` the same as a call of the
    generated client, both without secrets. It was seen `count` times, first in the request of this
    number to the API (0: in none), by checks that sent `requests` requests of the operation;
    `source` is the recording of that request (`shop.har, entry 12`), if there is one.
    `observed` has the received values as a schema, which the spec would have to allow. `severity`:
    breaking (client code may fail), additive (something new, undocumented), assumed (the clause is
    a guess of driftline, which the vendor did not document).
    """

    id: str
    severity: Severity
    api: str
    operation: str
    location: Location
    message: str
    expected: str
    got: str
    where: str = ""
    variant: str = ""
    curl: str = ""
    client: str = ""
    first: int = 0
    count: int = 1
    requests: int = 0
    source: str = ""
    observed: tuple[ObservedSchema, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str, str, str]:
        """The fields that identify a finding."""
        pointer = self.location.pointer
        return (self.api, self.operation, self.id, pointer, self.where, self.variant)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; `from_dict` is the inverse."""
        fields = attrs.asdict(self, recurse=False)
        observations = [observation.to_dict() for observation in self.observed]
        return {**fields, "location": self.location.to_dict(), "observed": observations}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Finding:
        observations = tuple(map(ObservedSchema.from_dict, data.get("observed", ())))
        read = {"location": Location.from_dict(data["location"]), "observed": observations}
        fields: dict[str, Any] = {**data, **read}
        return cls(**fields)


@attrs.frozen(kw_only=True)
class Check:
    """The result of one check of one operation.

    `outcome`: passed, drift (see `findings`), error (the check could not be made; `detail` says
    why), not-sent (a write that the run may not send). `witnessed` maps the numbers of the clauses
    that this check covered first to the numbers of their requests; `coverage` is the coverage of
    the operation by all checks, in the check of that name.
    """

    api: str
    operation: str
    name: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    detail: str = ""
    seconds: float = 0.0
    requests: int = 0
    witnessed: tuple[tuple[int, int], ...] = ()
    coverage: Coverage | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; `from_dict` is the inverse."""
        fields = attrs.asdict(self, recurse=False)
        findings = [finding.to_dict() for finding in self.findings]
        coverage = self.coverage.to_list() if self.coverage else None
        return {**fields, "findings": findings, "coverage": coverage}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Check:
        findings = tuple(Finding.from_dict(finding) for finding in data["findings"])
        coverage = Coverage.from_list(data["coverage"]) if data.get("coverage") else None
        witnessed = tuple((number, first) for number, first in data.get("witnessed", ()))
        read = {"findings": findings, "coverage": coverage, "witnessed": witnessed}
        fields: dict[str, Any] = {**data, **read}
        return cls(**fields)


@attrs.frozen(kw_only=True)
class Usage:
    """The use of a live API by one run: sent and allowed requests, and their rate.

    `run` is the ID that each request had in its header. `notes` are for people: facts that are not
    findings, but worth knowing.
    """

    api: str
    run: str
    requests: int
    max_requests: int
    rate: int
    notes: tuple[str, ...] = ()


def merge(findings: Iterable[Finding]) -> list[Finding]:
    """Return one finding per cause, in order of first occurrence, with counts."""
    merged: dict[tuple[str, str, str, str, str, str], Finding] = {}
    for finding in findings:
        earlier = merged.get(finding.key)
        merged[finding.key] = _merge(earlier, finding) if earlier else finding
    return list(merged.values())


def _merge(earlier: Finding, later: Finding) -> Finding:
    count, requests = earlier.count + later.count, earlier.requests + later.requests
    observations = merge_observations((*earlier.observed, *later.observed))
    return attrs.evolve(earlier, count=count, requests=requests, observed=observations)


@attrs.frozen
class Flaw:
    """One violation in a message; `where` is its location, with indexes collapsed.

    `rests_on` is another clause on which the finding depends, if any, `variant` identifies the
    wrong value, `keyword` is the JSON Schema keyword that a request violates, and `observed` the
    schema of the received value.
    """

    kind: str
    pointer: str
    message: str
    expected: str
    got: str
    where: str = ""
    rests_on: str = ""
    variant: str = ""
    keyword: str = ""
    observed: ObservedSchema | None = None
