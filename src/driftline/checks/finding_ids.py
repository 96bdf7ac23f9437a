"""The ids of everything the suite can find, each with its one-line meaning from the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from driftline.checks.catalogue import CATALOGUE, FROM_READINGS
from driftline.checks.finding import Severity

KINDS: Mapping[str, str] = {
    name: entry.summary for name, entry in CATALOGUE.items() if name not in FROM_READINGS
}
EDITABLE = frozenset(
    {
        *("response.required.missing", "response.type.wrong", "response.enum.undocumented"),
        *("response.format.wrong", "response.bound.exceeded", "response.schema.broken"),
        *("response.field.undocumented", "response.status.undocumented"),
        *("response.content-type.undocumented", "response.header.missing"),
        *("response.header.wrong", "request.field.undocumented"),
        *("request.parameter.undocumented", "parameter.default.wrong"),
        *("listing.filter.ignored", "listing.search.ignored", "listing.order.wrong"),
        *("listing.total.wrong", "listing.echo.wrong", "listing.more.wrong"),
        *("listing.size.ignored", "listing.size.short", "effect.unique.accepted"),
    }
)
"""What an edit of the spec settles: `driftline.accept` knows which."""


def choose_severity(kind: str, assumed: str | None) -> Severity:
    """Return how much a finding of this kind matters.

    `assumed` says why its clause is ours, if it is.
    """
    return "assumed" if assumed else CATALOGUE[kind].severity
