"""The registry of checks requires documentation, mutants and known findings of every check."""

from __future__ import annotations

from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from media.document import build_spec

from driftline import openapi
from driftline.checks import (
    CATALOGUE,
    CHECKS,
    COVERAGE,
    RegisteredCheck,
    find_check_for_mutant,
    is_operation,
)
from driftline.checks.catalogue.table import collect_checks
from driftline.mutation.clauses import generate_mutants
from driftline.openapi import Spec
from driftline.report.grid import ORDER
from driftline.suite.runner import find_examination

from .test_parents import build_teams

VALID_CHECK: dict[str, Any] = {
    "name": "new",
    "column": "new",
    "applies": is_operation,
    "examination": "examinations.methods:check_methods",
    "findings": ("example.invalid",),
    "mutants": ("response.*",),
    "docs": "Something new.",
}


@pytest.mark.parametrize(
    ("change", "lacking"),
    [
        ({"docs": " "}, "documentation"),
        ({"mutants": ()}, "mutants"),
        ({"unmutated": "as well"}, "mutants"),
        ({"findings": ("nothing.known",)}, "catalogue"),
        ({"name": "pages"}, "name of its own"),
    ],
)
def test_an_incomplete_check_fails_at_import(change: dict[str, Any], lacking: str) -> None:
    """Collecting the checks fails if a check lacks something, so that the module cannot be
    imported.
    """
    with pytest.raises(LookupError, match=lacking):
        collect_checks([*CHECKS, RegisteredCheck(**{**VALID_CHECK, **change})])


def test_a_complete_check_is_registered() -> None:
    """A complete check is added after the others."""
    check = RegisteredCheck(**VALID_CHECK)
    assert collect_checks([*CHECKS, check]) == (*CHECKS, check)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_has_an_examination_function(check: RegisteredCheck) -> None:
    """Every check of the catalogue names an existing function whose only parameter is `probe`."""
    assert [*signature(find_examination(check)).parameters] == ["probe"]


def test_every_mutant_names_a_check_of_the_catalogue(
    specs: dict[str, Spec], tmp_path: Path
) -> None:
    """Every mutant names a check of the catalogue, and every check with mutants has one."""
    notes = openapi.load(Path(__file__).with_name("notes.yaml"))
    tokens = openapi.load(Path(__file__).parents[1] / "credentials" / "tokens.yaml")
    all_specs = [*specs.values(), notes, tokens, build_spec(), build_teams(tmp_path)]
    mutated_checks = {mutant.check for spec in all_specs for mutant in generate_mutants(spec)}
    expected_checks = {check.name for check in CHECKS if check.mutants}
    # What is documented of responses and requests is broken for all checks that send them.
    assert mutated_checks | {"documented requests"} == expected_checks | {COVERAGE}


def test_the_longest_matching_prefix_claims_a_mutant() -> None:
    """If several globs match, the longest literal prefix decides; without a match, the result is
    "".
    """
    assert find_check_for_mutant("response.type") == "client and server"
    assert find_check_for_mutant("response.401.type") == "credentials"
    assert find_check_for_mutant("listing.filter.value") == "filters"
    assert find_check_for_mutant("nothing") == ""


def test_every_finding_is_reported_by_a_check() -> None:
    """Every finding is reported by a check, or is about a single response."""
    reported_ids = {finding for check in CHECKS for finding in check.findings}
    other_ids = {entry.id for entry in CATALOGUE.values() if not entry.checks} - reported_ids
    assert {
        finding_id for finding_id in other_ids if not finding_id.startswith("response.")
    } == set()


def test_every_check_has_a_column_of_the_report() -> None:
    """The column of every check is one of the columns of the report."""
    assert {check.column for check in CHECKS} <= set(ORDER)
