"""Path templates: every part of a path is described, and two operations are not at one place."""

from __future__ import annotations

import re

from driftline.add.operations import Found, operations, parameters
from driftline.add.plan import Plan
from driftline.spec.pointer import is_array

__all__ = ["templates"]

_PARAMETER = re.compile(r"\{([^{}]*)\}")


def templates(plan: Plan) -> None:
    """Every part of a path is described, and two operations are not at the same place."""
    first: dict[tuple[str, str], Found] = {}
    for found in operations(plan):
        shape = (found.method, _PARAMETER.sub("{}", found.path))
        other = first.setdefault(shape, found)
        if "?" in found.path or "#" in found.path:
            reason = "its path has a query or a fragment in it"
            plan.leave_out(str(found), found.pointer, reason)
        elif other is not found:
            plan.leave_out(str(found), found.pointer, f"no request tells it from {other}")
        else:
            _described(plan, found)


def _described(plan: Plan, found: Found) -> None:
    named = list(dict.fromkeys(_PARAMETER.findall(found.path)))
    known = [(at, node) for at, _, node in parameters(plan, found) if node.get("in") == "path"]
    have = {node.get("name") for _, node in known}
    stray = [(at, node["name"]) for at, node in known if node.get("name") not in named]
    for at, name in reversed(stray):
        if at.startswith(found.pointer + "/"):
            plan.remove(at, f"The path has no {{{name}}}.")
    for name in named:
        if name not in have:
            why = f"The path has {{{name}}}, which the document does not describe."
            new = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            if is_array(found.node.get("parameters")):
                plan.update(found.pointer + "/parameters", {**new, "x-assumed": why}, why)
            else:
                plan.update(found.pointer, {"parameters": [{**new, "x-assumed": why}]}, why)
