"""Mutation testing of the contract suite: it must notice each clause that a mock violates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.mutation.drifts import MutantDrifts as MutantDrifts
    from driftline.mutation.report import split_file as split_file
    from driftline.mutation.run import STATE as STATE, run_mutation_test as run_mutation_test

if not TYPE_CHECKING:  # without this, a type checker takes any name for an export
    __getattr__ = load_later(__name__)
