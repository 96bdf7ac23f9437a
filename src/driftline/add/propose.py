"""All steps, one after the other: from a document as it came to an overlay that makes it a spec."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs

from driftline.add.access import credentials, refusals, servers
from driftline.add.configuration import Configuration
from driftline.add.content import carry
from driftline.add.leaving import leave_out
from driftline.add.modern import modernise
from driftline.add.names import identify
from driftline.add.operations import operations
from driftline.add.plan import Action, LeftOut, Plan
from driftline.add.references import name_targets
from driftline.add.repair import (
    described_by_schema,
    located,
    repair,
    usable_patterns,
    well_formed,
)
from driftline.add.simple import simplify
from driftline.add.templates import templates
from driftline.add.values import values
from driftline.add.vocabulary import vocabulary
from driftline.errors import Problem, SpecError
from driftline.spec.reader import Source

__all__ = ["Proposal", "propose"]


@attrs.frozen
class Proposal:
    """The actions of the overlay, how many operations there were, and which are left out."""

    actions: Sequence[Action]
    operations: int
    left_out: Sequence[LeftOut]


def propose(
    source: Source,
    name: str,
    url: str | None = None,
    configuration: Configuration | None = None,
) -> Proposal:
    """What to do to a document that `name` is to be the spec of; `url` is where it came from.

    Raises:
        SpecError: no spec can be made of it.
    """
    plan = Plan(source)
    count = len(operations(plan))
    try:
        _all(plan, name, url, configuration)
    except SpecError as error:
        raise _located(plan, error) from None
    return Proposal(plan.actions, count, plan.left_out)


def _located(plan: Plan, error: SpecError) -> SpecError:
    """The same, in the document; what cannot be done to it is its own fault."""
    if all(problem.location.file == plan.origin.path for problem in error.problems):
        return error
    place = plan.origin.location(plan.last)
    what = f"not what OpenAPI has here: {error.problems[0].message}"
    return SpecError(
        (Problem("openapi.invalid", place, what, "See the OpenAPI 3.1 specification."),)
    )


def _all(plan: Plan, name: str, url: str | None, configuration: Configuration | None) -> None:
    path = Path(f"{name}.yaml")
    modernise(plan)
    well_formed(plan, path)
    described_by_schema(plan)
    usable_patterns(plan)
    servers(plan, name, url)
    credentials(plan, name)
    templates(plan)
    carry(plan)
    name_targets(plan)
    simplify(plan)
    identify(plan)
    refusals(plan)
    repair(plan, path)
    problems = leave_out(plan, path)
    if problems:
        raise SpecError(tuple(located(plan, problem) for problem in problems))
    values(plan, path)
    vocabulary(plan, path, configuration)
