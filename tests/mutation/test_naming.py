"""Which findings count as reporting a mutant: only those that cannot mean anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftline import openapi as specs
from driftline.checks.finding import Finding
from driftline.mutation.clauses import generate_mutants
from driftline.mutation.mutants import Mutant
from driftline.openapi import Spec

ROOT = Path(__file__).resolve().parents[2]
SPECS = [*specs.find(ROOT / "specs"), *specs.find(ROOT / "tests" / "acceptance" / "specs")]
ROARK = specs.load(ROOT / "specs" / "roark.yaml")


def find_mutant(name: str) -> Mutant:
    """Return a mutant of the largest spec."""
    return next(mutant for mutant in generate_mutants(ROARK) if mutant.id == f"roark/{name}")


def build_finding(spec: Spec, mutant: Mutant, pointer: str, where: str) -> Finding:
    """Return a finding with the mutant's first ID at this clause and location."""
    return Finding(
        id=min(mutant.expected),
        severity="breaking",
        api=spec.name,
        operation=mutant.clause.operation.id,
        location=spec.locate(pointer),
        message="",
        expected="",
        got="",
        where=where,
    )


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_rejected_valid_request_kills_only_rejecting_mutants(path: Path) -> None:
    """A rejected valid request counts only for mutants that reject every valid request."""
    spec = specs.load(path)
    vague = [
        mutant.id
        for mutant in generate_mutants(spec)
        if "request.valid.rejected" in mutant.expected
        and mutant.is_reported_by(build_finding(spec, mutant, mutant.clause.operation.pointer, ""))
    ]
    at_all = ("parameter.rejected/", "body.rejected/")
    assert [mutant_id for mutant_id in vague if not any(kind in mutant_id for kind in at_all)] == []


@pytest.mark.parametrize(
    ("name", "vague"),
    [
        ("call.list/parameter.rejected/limit", False),
        ("call.create/body.rejected/startedAt", True),
        ("call.create/body.rejected/externalId", False),
        ("callAnalysis.create/body.rejected/participants[]", True),
    ],
)
def test_a_finding_without_a_field_counts_only_for_every_request(name: str, vague: bool) -> None:
    """A finding without a field counts only for what every request contains."""
    mutant = find_mutant(name)
    pointer = mutant.clause.operation.pointer
    assert mutant.is_reported_by(build_finding(ROARK, mutant, pointer, "")) is vague


def test_a_finding_counts_only_at_the_location_of_the_mutant() -> None:
    """A finding counts only if its ID, operation, clause and location match the mutant."""
    mutant = find_mutant("call.create/body.rejected/livekitRoomId")
    other_mutant = find_mutant("call.create/body.rejected/externalId")
    right_finding = build_finding(ROARK, mutant, mutant.clause.pointer, "livekitRoomId")
    assert mutant.is_reported_by(right_finding)
    assert not other_mutant.is_reported_by(right_finding)
    assert not mutant.is_reported_by(
        build_finding(ROARK, mutant, mutant.clause.pointer, "externalId")
    )
    assert not find_mutant("call.list/parameter.rejected/limit").is_reported_by(right_finding)
    assert not find_mutant("call.create/body.type.accepted/externalId").is_reported_by(
        right_finding
    )
