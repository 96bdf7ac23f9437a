"""Collects the types of a client that are wider than the spec, and why."""

from __future__ import annotations

from driftline.errors import Problem
from driftline.openapi import Spec, load_problem_kinds


class Reporter:
    """Collects problems, one for each schema and reason."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._problems: dict[tuple[str, str], Problem] = {}

    def report(self, problem_id: str, pointer: str) -> None:
        """Add a problem with the clause at `pointer`."""
        key = (problem_id, pointer)
        if key not in self._problems:
            kind = load_problem_kinds()[problem_id]
            location, hint = self._spec.locate(pointer), f"{kind.meaning} {kind.hint}"
            self._problems[key] = Problem(problem_id, location, kind.summary, hint, "warning")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems in the order of the file."""
        return tuple(
            sorted(
                self._problems.values(),
                key=lambda problem: (problem.location.line, problem.location.pointer, problem.id),
            )
        )
