"""The severity that a project gives to findings, in place of the usual one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Self

import attrs

from driftline.checks import CATALOGUE, Check, Finding, Outcome
from driftline.project import ProjectConfiguration, SeverityRule


@attrs.frozen(kw_only=True)
class Severities:
    """Severities by finding id; "off" drops a finding. In `own` APIs nothing is only assumed.

    `live` names the APIs that are checked against a server, where what is assumed does not fail.
    """

    rules: Mapping[str, SeverityRule] = attrs.field(factory=dict[str, SeverityRule])
    own: Collection[str] = ()
    live: Collection[str] = ()

    @classmethod
    def build(cls, configuration: ProjectConfiguration, live: Collection[str]) -> Self:
        """Return what a configuration says."""
        own = [name for name, each in configuration.apis.items() if each.own]
        return cls(rules=configuration.severities, own=own, live=live)

    def apply(self, check: Check) -> Check:
        """Return a check with its findings as the project sees them."""
        if not check.findings or not (self.rules or self.own):
            return check
        findings = tuple(
            self._adjust(each) for each in check.findings if self.rules.get(each.id) != "off"
        )
        return attrs.evolve(check, findings=findings, outcome=self._decide(check, findings))

    def _adjust(self, finding: Finding) -> Finding:
        rule = self.rules.get(finding.id)
        if rule is None and finding.severity == "assumed" and finding.api in self.own:
            return attrs.evolve(finding, severity=CATALOGUE[finding.id].severity)
        return attrs.evolve(finding, severity=rule) if rule and rule != "off" else finding

    def _decide(self, check: Check, findings: Collection[Finding]) -> Outcome:
        if any(check.api not in self.live or each.severity != "assumed" for each in findings):
            return "drift"
        if check.outcome != "drift":
            return check.outcome
        return "not-sent" if check.detail else "passed"
