"""The form of an entry of the catalogue."""

from __future__ import annotations

from typing import Final, Literal

import attrs

from driftline.checks.finding import Severity

EditKind = Literal[
    "keyword",
    "field",
    "status",
    "media type",
    "header",
    "optional header",
    "parameter",
    "default",
    "rule",
]
"""What the smallest edit that settles a finding is about: `driftline.accept.proposals` makes it."""


@attrs.frozen
class NoEdit:
    """Why no edit of the spec settles a finding, and what to do instead."""

    reason: str
    hint: str


FIX_OR_ACCEPT: Final = (
    "Fix the server, or accept the finding until a day: driftline accept --until DATE."
)
BY_HAND: Final = "Find out which of the two is right, and edit the spec by hand."
LOST: Final = NoEdit("rows or data are lost; no spec makes that right", FIX_OR_ACCEPT)
UNKNOWN_CLAUSE: Final = NoEdit("which clause should follow is not known", BY_HAND)


@attrs.frozen(kw_only=True)
class CatalogueEntry:
    """One id that a finding may have, and what a reader of a report wants to know about it.

    `summary` is one line without a full stop, `meaning` and `remedy` are sentences. `message`,
    `expected` and `got` are an example. `checks` names what finds it outside the registry of
    checks. `severity` is the usual one: where the clause is only assumed, a breaking finding is
    called assumed. `settled_by` is the edit of the spec that `driftline accept` makes of it.
    """

    id: str
    settled_by: EditKind | NoEdit
    summary: str
    meaning: str
    message: str
    expected: str
    got: str
    remedy: str
    checks: tuple[str, ...] = ()
    severity: Severity = "breaking"
