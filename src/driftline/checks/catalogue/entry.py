"""The forms of the entries of the catalogue: findings, and the checks that look for them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Final, Literal

import attrs

from driftline.checks import applicability
from driftline.checks.applicability import Applies
from driftline.checks.finding import Severity

EditKind = Literal[
    "keyword",
    "field",
    "status",
    "media type",
    "header",
    "optional header",
    "parameter",
    "request",
    "operation",
    "default",
    "rule",
]
"""The kinds of edits that settle a finding: `driftline.accept.proposals` makes them."""


@attrs.frozen
class NoEdit:
    """Why no edit of the spec resolves a finding, and what to do instead."""

    reason: str
    hint: str


BY_HAND: Final = "Find out which of the two is right, and edit the spec by hand."


@attrs.frozen(kw_only=True)
class CatalogueEntry:
    """One id of findings with its texts, as catalogue.toml has them.

    `summary` is one line without a full stop, `meaning` and `hint` are sentences. `message`,
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
    hint: str
    checks: tuple[str, ...] = ()
    severity: Severity = "breaking"


@attrs.frozen(kw_only=True)
class RegisteredCheck:
    """A check of an operation: its metadata, and the location of its code.

    `examination` is the function, or its module below `driftline.suite` and its name, since the
    modules take long to import. `column` is one of the report. `findings` are the ids that only a
    check that looks for them finds; whatever is wrong with a response is found by every check that
    sends. `mutants` are globs over the kinds of clauses that the mutation test breaks to see that
    this check notices; `unmutated` says why there can be none. `asks_server` is False where the
    verdict does not depend on the server.

    Raises:
        LookupError: the check lacks documentation, or mutants and a reason for having none.
    """

    name: str
    column: str
    applies: Applies = attrs.field(repr=False)
    docs: str
    examination: str | Callable[[Any], None] = attrs.field(repr=False)
    findings: tuple[str, ...] = ()
    mutants: tuple[str, ...] = ()
    unmutated: str = ""
    asks_server: bool = True

    def __attrs_post_init__(self) -> None:
        if not self.docs.strip():
            raise LookupError(f"check {self.name!r} needs documentation")
        if bool(self.mutants) == bool(self.unmutated.strip()):
            raise LookupError(f"check {self.name!r} needs either mutants or a reason")


def read_catalogue() -> tuple[tuple[CatalogueEntry, ...], tuple[RegisteredCheck, ...]]:
    """Return the findings in the order of the documentation, and the checks in running order.

    Raises:
        LookupError: a check lacks documentation or mutants, or names an unknown predicate.
    """
    source = files("driftline.checks.catalogue").joinpath("catalogue.toml").read_text("utf-8")
    data = tomllib.loads(source)
    hints = {f"${name}": hint for name, hint in data["hints"].items()}
    entries = (_build_entry(name, row, hints) for name, row in data["findings"].items())
    return tuple(entries), tuple(_build_check(name, row) for name, row in data["checks"].items())


def _build_entry(name: str, row: dict[str, Any], hints: Mapping[str, str]) -> CatalogueEntry:
    settled_by = row.pop("settled-by", None)
    if settled_by is None:
        hint = row.pop("no-edit-hint")
        settled_by = NoEdit(row.pop("no-edit"), hints.get(hint, hint))
    checks = tuple(row.pop("checks", ()))
    return CatalogueEntry(id=name, settled_by=settled_by, checks=checks, **row)


def _build_check(name: str, row: dict[str, Any]) -> RegisteredCheck:
    applies = getattr(applicability, row.pop("applies"), None)
    if applies is None:
        raise LookupError(f"check {name!r} needs a predicate of driftline.checks.applicability")
    return RegisteredCheck(
        name=name,
        applies=applies,
        findings=tuple(row.pop("findings", ())),
        mutants=tuple(row.pop("mutants", ())),
        asks_server=row.pop("asks-server", True),
        **row,
    )
