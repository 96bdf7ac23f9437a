"""The registry of checks: what a check is called, what it is for, and what it can find.

Everything that names a check reads it here: `driftline check`, `pytest contract_tests`, the
columns of a report, `driftline explain` and the mutation tests of `driftline drill`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from importlib import import_module
from typing import TYPE_CHECKING

import attrs

from driftline.checks import CATALOGUE
from driftline.suite.applicability import Applies

if TYPE_CHECKING:  # a check imports what it sends with when it runs, so that --help need not
    from driftline.suite.probe import Probe

COVERAGE = "coverage"
"""The name of the check that says what the others have seen; it is not one of the registry."""
Examination = Callable[["Probe"], None]


@attrs.frozen(kw_only=True)
class RegisteredCheck:
    """One check of an operation, and everything that is known of it without running it.

    `findings` are the catalogue ids that only a check that looks for them finds; whatever is
    wrong with a response is found by every check that sends. `mutants` are globs over the kinds
    of clauses that the mutation test breaks to see that this check notices; `unmutated` says why
    there can be none. `asks_server` is False where the verdict does not depend on the server.
    """

    name: str
    column: str
    applies: Applies = attrs.field(repr=False)
    findings: tuple[str, ...]
    mutants: tuple[str, ...]
    unmutated: str
    docs: str
    asks_server: bool
    examine: Examination = attrs.field(repr=False)


_CHECKS: dict[str, RegisteredCheck] = {}


def check(
    *,
    name: str,
    column: str,
    applies: Applies,
    docs: str,
    findings: Sequence[str] = (),
    mutants: Sequence[str] = (),
    unmutated: str = "",
    asks_server: bool = True,
) -> Callable[[Examination], Examination]:
    """Register the decorated function as a check.

    Raises:
        LookupError: the check lacks documentation, or mutants and a reason for having none, or it
            names a finding that the catalogue does not know, or its name is taken.
    """

    def register(examine: Examination) -> Examination:
        _require(name, bool(docs.strip()), "documentation")
        _require(name, bool(mutants) != bool(unmutated.strip()), "either mutants or a reason")
        for finding in findings:
            _require(name, finding in CATALOGUE, f"an entry of the catalogue for {finding!r}")
        _require(name, name not in _CHECKS, "a name of its own")
        _CHECKS[name] = RegisteredCheck(
            name=name,
            column=column,
            applies=applies,
            findings=tuple(findings),
            mutants=tuple(mutants),
            unmutated=unmutated,
            docs=docs,
            asks_server=asks_server,
            examine=examine,
        )
        return examine

    return register


def _require(name: str, condition: bool, what: str) -> None:
    if not condition:
        raise LookupError(f"check {name!r} needs {what}")


def load_checks() -> tuple[RegisteredCheck, ...]:
    """Return all checks, in the order in which they run."""
    import_module("driftline.suite.checks")
    return tuple(_CHECKS.values())


def name_checks_for(finding: str) -> tuple[str, ...]:
    """Return the names of the checks that look for a finding; none if all that send find it."""
    return tuple(each.name for each in load_checks() if finding in each.findings)


def find_check_for_mutant(kind: str) -> str:
    """Return the name of the check that should notice a broken clause first; "" if none claims it.

    Of several globs that match, the one with the longest literal beginning decides.
    """
    claims = [
        (_literal_length(glob), each.name)
        for each in load_checks()
        for glob in each.mutants
        if fnmatchcase(kind, glob)
    ]
    return max(claims, key=lambda claim: claim[0], default=(0, ""))[1]


def _literal_length(glob: str) -> int:
    return min((glob.index(sign) for sign in "*?[" if sign in glob), default=len(glob))
