"""Lists the clauses of a spec that a server can violate, and the mutants of each."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pkgutil import walk_packages

from driftline.mutation import operators
from driftline.mutation.mutants import Clause, Mutant, list_operators
from driftline.openapi import Spec


@lru_cache(maxsize=16)
def generate_mutants(spec: Spec) -> tuple[Mutant, ...]:
    """Return every mutant of the spec, each with a unique id."""
    for module in walk_packages(operators.__path__, f"{operators.__name__}."):
        import_module(module.name)
    mutants_by_id: dict[str, Mutant] = {}
    for operation in spec.operations:
        for generate in list_operators():
            for mutant in generate(spec, operation):
                mutants_by_id.setdefault(mutant.id, mutant)
    return tuple(mutants_by_id.values())


def list_clauses(spec: Spec) -> list[Clause]:
    """Return the clauses in order; each has at least one mutant."""
    return list(dict.fromkeys(mutant.clause for mutant in generate_mutants(spec)))
