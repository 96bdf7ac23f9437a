"""A `$ref` into the midst of something else: what it leads to gets a name of its own."""

from __future__ import annotations

import re

from driftline.add.plan import Plan
from driftline.spec import pointer as json_pointer
from driftline.spec.pointer import MISSING, is_object, join, split
from driftline.spec.queries import query
from driftline.spec.walk import roots, subschemas

__all__ = ["name_targets"]

ROUNDS = 4
_WORDS = frozenset({"properties", "items", "schema", "schemas", "content", "responses", "paths"})


def name_targets(plan: Plan) -> None:
    """Copies each such schema to the components, and lets the `$ref` lead there."""
    for _ in range(ROUNDS):
        found = _inner(plan)
        if not found:
            return
        named = {target: _named(plan, target) for target in dict.fromkeys(found.values())}
        why = "Only what has a name in components can be a class of the client."
        for place, target in found.items():
            reference = "#" + join("components", "schemas", named[target])
            plan.set(place, "$ref", reference, why)


def _inner(plan: Plan) -> dict[str, str]:
    """By schema, what it refers to that is no named schema."""
    found: dict[str, str] = {}
    for root, schema in roots(plan.data):
        for place, each in subschemas(schema, root):
            reference = each.get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#/"):
                continue
            target = json_pointer.of_reference(reference)
            tokens = split(target)
            is_named = tokens[:2] == ["components", "schemas"] and len(tokens) == 3
            if not is_named and is_object(plan.node(target)):
                found[place] = target
    return found


def _named(plan: Plan, target: str) -> str:
    """Copies what is at `target`; the name of the copy."""
    words = [w for w in split(target) if w not in _WORDS and not w.isdecimal() and "/" not in w]
    words = ["".join(p[:1].upper() + p[1:] for p in re.findall(r"[A-Za-z0-9]+", w)) for w in words]
    words = [word for word in words if word]
    known = plan.node("/components/schemas")
    taken = {name.lower() for name in known} if is_object(known) else set[str]()
    name, number = "", 1
    for count in range(1, len(words) + 1):
        name = "".join(words[-count:])
        if name[:1].isalpha() and name.lower() not in taken:
            break
    else:
        while f"{name or 'Schema'}{number}".lower() in taken:
            number += 1
        name = f"{name or 'Schema'}{number}"
    why = f"Named, since a $ref leads to #{target}."
    if plan.node("/components") is MISSING:
        plan.update("", {"components": {}}, why)
    if plan.node("/components/schemas") is MISSING:
        plan.update("/components", {"schemas": {}}, why)
    plan.update("/components/schemas", {name: {}}, why)
    plan.copy(join("components", "schemas", name), query(plan.data, target), why)
    return name
