"""What nothing can be made of is left out, and said: operations, and then schemas nobody needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from driftline.add.cures import cure
from driftline.add.operations import Found, operations
from driftline.add.plan import Plan
from driftline.errors import Problem
from driftline.generate.trial import Unfit, trial
from driftline.spec import pointer as json_pointer
from driftline.spec import structure
from driftline.spec.build import build
from driftline.spec.pointer import is_object, join, split
from driftline.spec.reader import Source
from driftline.spec.walk import nodes

__all__ = ["leave_out"]

ROUNDS = 12
_COMPONENT = 3


def leave_out(plan: Plan, path: Path) -> list[Problem]:
    """Takes out what the generator cannot take, until there is no such thing any more.

    What it answers is why no spec can be made even so. `path` is what the spec will be called.
    """
    for _ in range(ROUNDS):
        source = Source(path, plan.data, plan.origin.lines)
        problems = structure.problems(source)
        if problems:
            return problems
        unfit = trial(build(source))
        if not unfit:
            return []
        if not cure(plan, unfit):
            _round(plan, unfit)
    return []


def _round(plan: Plan, unfit: list[Unfit]) -> None:
    reasons = {join(*each.place): each.reason for each in unfit if each.place}
    missing = {place for place in reasons if split(place)[0] == "components"}
    graph = _Graph(plan)
    for found in operations(plan):
        needed = graph.reached(found) & missing if missing else set[str]()
        place = join("paths", found.path, found.method)
        if needed:
            first = next((each for each in sorted(needed) if reasons[each]), min(needed))
            said = reasons[first] or "no class can be made of it"
            reason = f"it needs {split(first)[-1]}: {said}"
            plan.leave_out(str(found), found.pointer, reason)
        elif place in reasons:
            plan.leave_out(str(found), found.pointer, f"the generator says: {reasons[place]}")
    used = {component for found in operations(plan) for component in graph.reached(found)}
    for place in sorted(graph.users(missing) - used):
        plan.remove(place, "No operation that is left needs it, and no class can be made of it.")


class _Graph:
    """Which components need which others, at one time."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        kinds = plan.node("/components")
        self.direct = {
            place: set(_targets(node))
            for kind, named in (kinds.items() if is_object(kinds) else ())
            for name, node in (named.items() if is_object(named) else ())
            for place in [join("components", kind, name)]
        }

    def reached(self, found: Found) -> set[str]:
        """The components that an operation needs, through whatever others."""
        return self._closed({*_targets(found.node), *self._shared(found)})

    def _shared(self, found: Found) -> set[str]:
        return set(_targets(self.plan.node(found.item + "/parameters")))

    def _closed(self, waiting: set[str]) -> set[str]:
        found: set[str] = set()
        while waiting:
            each = waiting.pop()
            found.add(each)
            waiting |= self.direct.get(each, set()) - found
        return found

    def users(self, missing: set[str]) -> set[str]:
        """Those components that cannot be had, and every other that needs one of them."""
        return {each for each in self.direct if self._closed({each}) & missing}


def _targets(node: object) -> Iterator[str]:
    for _, each in nodes(node):
        reference = each.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/"):
            yield join(*split(json_pointer.of_reference(reference))[:_COMPONENT])
