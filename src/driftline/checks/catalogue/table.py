"""All findings by id in the order of the documentation, and all checks in running order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from driftline.checks.catalogue.entry import CatalogueEntry, RegisteredCheck, read_catalogue

_ENTRIES, _CHECKS = read_catalogue()

CATALOGUE: Mapping[str, CatalogueEntry] = {entry.id: entry for entry in _ENTRIES}

EDITABLE = frozenset(e.id for e in CATALOGUE.values() if isinstance(e.settled_by, str))
"""The ids of findings that an edit of the spec settles."""
FOLLOWING = frozenset(name for name in CATALOGUE if name.startswith("client."))
"""The ids of findings about the client, which follow from what it received."""
FROM_READINGS = frozenset({"spec.unsound", "generated.stale"})
"""The ids that need no server: the contract suite never reports them."""

COVERAGE = "coverage"
"""The name of the check that says what the others have seen; it is none of `CHECKS`."""


def collect_checks(checks: Iterable[RegisteredCheck]) -> tuple[RegisteredCheck, ...]:
    """Return the checks.

    Raises:
        LookupError: two have one name, or one looks for a finding that the catalogue lacks.
    """
    by_name: dict[str, RegisteredCheck] = {}
    for check in checks:
        if by_name.setdefault(check.name, check) is not check:
            raise LookupError(f"check {check.name!r} needs a name of its own")
        for finding in check.findings:
            if finding not in CATALOGUE:
                raise LookupError(
                    f"check {check.name!r} needs an entry of the catalogue: {finding}"
                )
    return tuple(by_name.values())


CHECKS = collect_checks(_CHECKS)


def name_checks_for(finding: str) -> tuple[str, ...]:
    """Return the names of the checks that report a finding; none if every sending check does."""
    return tuple(check.name for check in CHECKS if finding in check.findings)


def find_check_for_mutant(kind: str) -> str:
    """Return the name of the check that should notice a violated clause first; "" without one.

    Of several matching globs, the one with the longest literal prefix decides.
    """
    entry = CATALOGUE.get(kind)
    if entry is not None and COVERAGE in entry.checks:
        return COVERAGE
    claims = [
        (_measure_literal(glob), check.name)
        for check in CHECKS
        for glob in check.mutants
        if fnmatchcase(kind, glob)
    ]
    return max(claims, key=lambda claim: claim[0], default=(0, ""))[1]


def _measure_literal(glob: str) -> int:
    return min((glob.index(sign) for sign in "*?[" if sign in glob), default=len(glob))
