"""What a run came to, as one frozen value. Every rendering reads this and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import attrs

from driftline.findings import Check, Finding, merge
from driftline.spec import Spec

__all__ = ["MOCK", "SCHEMA_VERSION", "SEVERITIES", "Api", "OperationLine", "Report"]

MOCK: Final = "mock"
SCHEMA_VERSION: Final = 2
SEVERITIES: Final = ("breaking", "additive", "assumed")


@attrs.frozen
class OperationLine:
    """An operation as reports name it."""

    id: str
    method: str
    path: str
    summary: str


@attrs.frozen
class Api:
    """An API that was checked; `target` is "mock", or a URL without user and query."""

    name: str
    title: str
    target: str
    operations: tuple[OperationLine, ...]

    @classmethod
    def of(cls, spec: Spec, target: str = MOCK) -> Api:
        """What reports say about `spec`."""
        lines = (OperationLine(o.id, o.method, o.path, o.summary) for o in spec.operations)
        return cls(spec.name, spec.title, target, tuple(lines))


@attrs.frozen(kw_only=True, slots=False)
class Report:
    """One run: the APIs, every check, and from these the findings and the verdict."""

    apis: tuple[Api, ...]
    checks: tuple[Check, ...]
    started: datetime
    seconds: float
    version: str
    seed: int = 0

    @property
    def targets(self) -> Mapping[str, str]:
        """What each API was checked against."""
        return {api.name: api.target for api in self.apis}

    @cached_property
    def findings(self) -> Sequence[Finding]:
        """One a cause: by API, the worst first, then as they were seen."""
        order = {api.name: number for number, api in enumerate(self.apis)}
        found = merge(finding for check in self.checks for finding in check.findings)
        return sorted(found, key=lambda f: (order.get(f.api, -1), SEVERITIES.index(f.severity)))

    @cached_property
    def errors(self) -> Sequence[Check]:
        """The checks that could not be made."""
        return [check for check in self.checks if check.outcome == "error"]

    def counts(self, finding: Finding) -> bool:
        """Whether a finding is drift. A live server may differ from what is only assumed."""
        return finding.severity != "assumed" or self.targets.get(finding.api) == MOCK

    @property
    def exit_code(self) -> int:
        """0: all agree. 1: drift. 2: something could not be checked, so nobody can say."""
        if self.errors or not self.checks:
            return 2
        return int(any(map(self.counts, self.findings)))

    @property
    def requests(self) -> int:
        """How many requests the run sent."""
        return sum(check.requests for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data, keys always in this order; report.schema.json describes it."""
        return {
            "schema_version": SCHEMA_VERSION,
            "driftline": self.version,
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 3),
            "seed": self.seed,
            "exit_code": self.exit_code,
            "apis": [attrs.asdict(api) for api in self.apis],
            "findings": [_keyed(f.to_dict(), counts=self.counts(f)) for f in self.findings],
            "checks": [_check(check) for check in self.checks],
        }


def _keyed(data: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**data, **more}


def _check(check: Check) -> dict[str, Any]:
    """A check in short: its findings are in the list of findings already."""
    return {
        "api": check.api,
        "operation": check.operation,
        "name": check.name,
        "outcome": check.outcome,
        "findings": len(check.findings),
        "detail": check.detail,
        "seconds": round(check.seconds, 3),
        "requests": check.requests,
    }
