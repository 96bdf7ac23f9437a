"""Selects findings of a report: all, by ID, or by fingerprint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from driftline.checks import Finding
from driftline.errors import UsageError
from driftline.report import compute_fingerprint

_SHORTEST: Final = 6


def select_findings(findings: Sequence[Finding], names: Sequence[str]) -> list[Finding]:
    """Return the findings that `names` select: finding ids, APIs, or fingerprints (their start).

    Raises:
        UsageError: a name selects no finding.
    """
    if not names:
        return list(findings)
    selected: list[Finding] = []
    for name in names:
        fitting = [each for each in findings if _is_named(each, name)]
        if not fitting:
            hint = "Name a finding id, an API, or the first digits of a fingerprint."
            raise UsageError(f"no finding in the report matches {name!r}", hint)
        selected += [each for each in fitting if each not in selected]
    return [each for each in findings if each in selected]


def _is_named(finding: Finding, name: str) -> bool:
    if name in {finding.id, finding.api}:
        return True
    return len(name) >= _SHORTEST and compute_fingerprint(finding).startswith(name)
