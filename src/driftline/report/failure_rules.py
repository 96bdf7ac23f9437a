"""Decides what fails a run, by severity, baseline and an earlier report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, get_args

import attrs

from driftline.checks import Severity
from driftline.report.baseline import Baseline
from driftline.report.previous import EarlierReport

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
        least = self.fail_on or ("assumed" if is_mock else "additive")
        return least != "never" and SEVERITIES.index(severity) <= SEVERITIES.index(least)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data without the files."""
        return {"fail_on": self.fail_on, "fail_on_new": self.only_new}
