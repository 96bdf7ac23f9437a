"""Mutants of writes: the suite kills every kind on a document with all four effects."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftline import openapi
from driftline.mutation.clauses import generate_mutants
from driftline.mutation.mutants import Mutant
from driftline.mutation.trial import try_mutant
from driftline.project import Project

ROOT = Path(__file__).resolve().parents[2]
NOTES = openapi.load(ROOT / "tests" / "suite" / "notes.yaml")
KINDS = (
    "effect.create.default",
    "effect.field",
    "effect.lost",
    "effect.stored",
    "effect.update",
    "effect.update.created",
    "effect.update.id",
    "effect.update.lost",
    "effect.update.null",
    "effect.update.other",
    "effect.update.default",
    "effect.update.field",
    "effect.update.reset",
    "effect.update.missing",
    "effect.update.failure",
    "effect.delete",
    "effect.delete.missing",
    "effect.delete.other",
    "effect.read.time",
    "effect.delete.failure",
    "operation.missing",
    "part.deletion",
    "part.field",
)


def find_mutants(kind: str) -> list[Mutant]:
    return [mutant for mutant in generate_mutants(NOTES) if mutant.clause.kind == kind]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_write_mutant_is_killed(kind: str) -> None:
    """The first mutant of each kind is killed by its own finding."""
    mutant = find_mutants(kind)[0]
    result = try_mutant(Project(ROOT), NOTES, mutant)
    assert (result.verdict, result.detail) == ("killed", "")


def test_every_field_has_its_own_mutants() -> None:
    """Each of the seven fields has a mutant that loses it per update, and one that PATCH resets."""
    lost_update_mutants = find_mutants("effect.update.field")
    assert len(lost_update_mutants) == 2 * 7
    reset = find_mutants("effect.update.reset")
    assert {mutant.clause.operation.id for mutant in reset} == {"note.update"}
    assert len(reset) == 7
