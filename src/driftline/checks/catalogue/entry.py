"""The form of an entry of the catalogue."""

from __future__ import annotations

import attrs

from driftline.checks.finding import Severity


@attrs.frozen(kw_only=True)
class CatalogueEntry:
    """One id that a finding may have, and what a reader of a report wants to know about it.

    `summary` is one line without a full stop, `meaning` and `remedy` are sentences. `message`,
    `expected` and `got` are an example. `checks` names what finds it outside the registry of
    checks. `severity` is the usual one: where the clause is only assumed, a breaking finding is
    called assumed.
    """

    id: str
    summary: str
    meaning: str
    message: str
    expected: str
    got: str
    remedy: str
    checks: tuple[str, ...] = ()
    severity: Severity = "breaking"
