"""The ids of everything the suite can find, each with its one-line meaning from the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from driftline.checks.catalogue import CATALOGUE, FROM_READINGS
from driftline.checks.finding import Severity

__all__ = ["KINDS", "choose_severity"]

KINDS: Mapping[str, str] = {
    name: entry.summary for name, entry in CATALOGUE.items() if name not in FROM_READINGS
}


def choose_severity(kind: str, assumed: str | None) -> Severity:
    """How much a finding of this kind matters; `assumed` says why its clause is ours, if it is."""
    return "assumed" if assumed else CATALOGUE[kind].severity
