"""A report as one frozen value, from which every format is rendered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, get_args

import attrs

from driftline.checks import (
    Check,
    Finding,
    Severity,
    Usage,
    merge,
)
from driftline.openapi import Spec
from driftline.report.baseline import Accepted, Baseline
from driftline.report.causes import Cause, group_findings
from driftline.report.previous import SCHEMA_VERSION, EarlierReport
from driftline.shard import Shard

FailOn = Literal["breaking", "additive", "assumed", "never"]
FAIL_ON: Final[Sequence[str]] = get_args(FailOn)
SEVERITIES: Final[Sequence[Severity]] = get_args(Severity)


@attrs.frozen(kw_only=True)
class FailureRules:
    """The rules by which findings fail a run.

    `fail_on` is the lowest severity that fails. None: additive on a live server, assumed on a mock,
    which is made from the spec and must match it. `only_new`: findings of `since` fail no run.
    """

    fail_on: FailOn | None = None
    baseline: Baseline | None = None
    since: EarlierReport | None = None
    only_new: bool = False

    def can_fail(self, severity: Severity, is_mock: bool) -> bool:
        """Return whether a finding of this severity may fail the run."""
        threshold = self.fail_on or ("assumed" if is_mock else "additive")
        return threshold != "never" and SEVERITIES.index(severity) <= SEVERITIES.index(threshold)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data without the files."""
        return {"fail_on": self.fail_on, "fail_on_new": self.only_new}


MOCK: Final = "mock"
RECORDED: Final = "recorded"


@attrs.frozen
class OperationLine:
    """An operation as reports show it."""

    id: str
    method: str
    path: str
    summary: str


@attrs.frozen
class ReportedApi:
    """A checked API; `target` is "mock", "recorded", or a URL without user and query.

    `usage` has the requests and limits of a live run.
    """

    name: str
    title: str
    target: str
    operations: tuple[OperationLine, ...]
    usage: Usage | None = None

    @classmethod
    def build(cls, spec: Spec, target: str = MOCK, usage: Usage | None = None) -> ReportedApi:
        """Return the reported part of `spec`."""
        lines = (OperationLine(o.id, o.method, o.path, o.summary) for o in spec.operations)
        return cls(spec.name, spec.title, target, tuple(lines), usage)


@attrs.frozen(kw_only=True, slots=False)
class Report:
    """One run: the APIs, the checks, the findings and the verdict.

    `folder` is the directory that its files are written to, for the commands that read them.
    """

    apis: tuple[ReportedApi, ...]
    checks: tuple[Check, ...]
    started: datetime
    seconds: float
    version: str
    seed: int = 0
    shard: Shard = attrs.field(factory=Shard)
    rules: FailureRules = attrs.field(factory=FailureRules)
    folder: Path | None = None

    @property
    def targets(self) -> Mapping[str, str]:
        """What each API was checked against."""
        return {api.name: api.target for api in self.apis}

    @cached_property
    def findings(self) -> Sequence[Finding]:
        """One finding per cause: by API, the most severe first, then in order of occurrence."""
        order = {api.name: number for number, api in enumerate(self.apis)}
        merged = merge(finding for check in self.checks for finding in check.findings)
        return sorted(merged, key=lambda f: (order.get(f.api, -1), SEVERITIES.index(f.severity)))

    @cached_property
    def causes(self) -> Sequence[Cause]:
        """The findings by cause; those in the baseline and known ones separately."""

        def classify(finding: Finding) -> tuple[bool, str | None]:
            return self.find_acceptance(finding) is not None, self.compare_with_earlier(finding)

        paths = {
            (api.name, operation.id): operation.path
            for api in self.apis
            for operation in api.operations
        }
        return group_findings(self.findings, classify, paths)

    @cached_property
    def errors(self) -> Sequence[Check]:
        """The checks that could not run."""
        return [check for check in self.checks if check.outcome == "error"]

    def is_failure(self, finding: Finding) -> bool:
        """Return whether the finding fails the run.

        By default, whatever is not an assumption about a live server.
        """
        rules = self.rules
        if self.is_accepted(finding):
            return False
        if rules.only_new and self.compare_with_earlier(finding) == "still":
            return False
        return rules.can_fail(finding.severity, self.targets.get(finding.api) == MOCK)

    def find_acceptance(self, finding: Finding) -> Accepted | None:
        """Return the baseline entry that accepts the finding, or has expired."""
        baseline = self.rules.baseline
        return baseline.find_entry(finding, self.started.date()) if baseline else None

    def is_accepted(self, finding: Finding) -> bool:
        """Return whether a valid baseline entry covered the finding at the time of the run."""
        entry = self.find_acceptance(finding)
        return entry is not None and not self.is_over(entry)

    def is_over(self, entry: Accepted) -> bool:
        """Return whether a baseline entry had expired at the time of the run."""
        return entry.is_over(self.started.date())

    def compare_with_earlier(self, finding: Finding) -> Literal["new", "still"] | None:
        """Return whether the earlier report had the finding; None without one."""
        earlier = self.rules.since
        return None if earlier is None else "still" if earlier.has(finding) else "new"

    @cached_property
    def settled(self) -> frozenset[str]:
        """The APIs whose checks could all be made, so that missing findings are gone.

        Empty in one of several shards, as another may have them.
        """
        if self.shard.count > 1 or any(not check.api for check in self.errors):
            return frozenset()
        return frozenset(self.targets) - {check.api for check in self.errors}

    def has_checked(self, api: str, operation: str, finding_id: str, where: str) -> bool:
        """Return whether the run would have had the finding if its cause were still there.

        A check of a server sends what it needs, but a recording may lack the operation, or the
        field that the finding is about.
        """
        if self.targets.get(api) != RECORDED or not operation:
            return api in self.settled
        part = finding_id.partition(".")[0]
        return api in self.settled and any(
            check.coverage.covers(where, part)
            for check in self.checks
            if check.coverage and (check.api, check.operation) == (api, operation)
        )

    @cached_property
    def stale(self) -> Sequence[Accepted]:
        """The baseline entries that match no finding."""
        baseline = self.rules.baseline
        return baseline.list_stale(self.findings, self.settled) if baseline else ()

    @cached_property
    def gone(self) -> Sequence[Finding]:
        """The findings of the earlier report that this run checked and did not have."""
        earlier = self.rules.since
        return [
            finding
            for finding in (earlier.list_gone(self.findings, self.settled) if earlier else ())
            if self.has_checked(finding.api, finding.operation, finding.id, finding.where)
        ]

    @property
    def exit_code(self) -> int:
        """0: no drift. 1: drift. 2: something could not be checked."""
        if self.errors or not (self.checks or self.is_empty_part):
            return 2
        return int(any(map(self.is_failure, self.findings)))

    @property
    def is_empty_part(self) -> bool:
        """Whether there are more shards than operations, and this one has none."""
        return self.shard.count > 1 and not self.apis

    @property
    def requests(self) -> int:
        """The number of requests of the run."""
        return sum(check.requests for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data in a fixed order of keys; report.schema.json describes it."""
        return {
            "schema_version": SCHEMA_VERSION,
            "driftline": self.version,
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 3),
            "seed": self.seed,
            "shard": str(self.shard) if self.shard.count > 1 else None,
            "exit_code": self.exit_code,
            **self.rules.to_dict(),
            "apis": [attrs.asdict(api) for api in self.apis],
            "findings": [
                self._format_finding(finding, number)
                for number, cause in enumerate(self.causes, 1)
                for finding in cause.findings
            ],
            "checks": [_describe_check(check) for check in self.checks],
            "baseline": self._format_baseline(),
            "since": self._format_earlier(),
        }

    def _format_finding(self, finding: Finding, cause: int) -> dict[str, Any]:
        entry = self.find_acceptance(finding)
        accepted = None
        if entry is not None:
            expires, over = entry.expires.isoformat(), self.is_over(entry)
            accepted = {"reason": entry.reason, "expires": expires, "expired": over}
        counts, since = self.is_failure(finding), self.compare_with_earlier(finding)
        extra = {"cause": cause, "counts": counts, "since": since, "accepted": accepted}
        return {**finding.to_dict(), **extra}

    def _format_baseline(self) -> dict[str, Any] | None:
        baseline = self.rules.baseline
        if baseline is None:
            return None
        stale = [{**entry.to_dict(), "line": entry.line} for entry in self.stale]
        return {"file": baseline.path.as_posix(), "stale": stale}

    def _format_earlier(self) -> dict[str, Any] | None:
        earlier = self.rules.since
        if earlier is None:
            return None
        gone_findings = [finding.to_dict() for finding in self.gone]
        return {"file": earlier.path.as_posix(), "started": earlier.started, "gone": gone_findings}


def _describe_check(check: Check) -> dict[str, Any]:
    """Return a check without its findings, which are listed separately."""
    return {
        "api": check.api,
        "operation": check.operation,
        "name": check.name,
        "outcome": check.outcome,
        "findings": len(check.findings),
        "detail": check.detail,
        "seconds": round(check.seconds, 3),
        "requests": check.requests,
        "coverage": check.coverage.to_list() if check.coverage else None,
    }
