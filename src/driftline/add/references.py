"""A `$ref` into the midst of something else: what it leads to gets a name of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftline.add.operations import operations, parameters, resolved
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
    parts = list(dict.fromkeys(_parts(plan)))
    targets = dict.fromkeys((target, kind) for _, target, kind in parts)
    chosen = {each: _named(plan, *each) for each in targets}
    for place, target, kind in parts:
        reference = "#" + join("components", kind, chosen[target, kind])
        plan.set(place, "$ref", reference, f"Only what has a name in components/{kind} is read.")
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


def _parts(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Parameters, answers and bodies that refer to one that is no component."""
    for found in operations(plan):
        places = [(place, "parameters") for place, _, _ in parameters(plan, found)]
        places += [(f"{found.pointer}/requestBody", "requestBodies")]
        told = found.node.get("responses")
        names = told if is_object(told) else {}
        places += [(found.pointer + join("responses", name), "responses") for name in names]
        for place, kind in places:
            node = plan.node(place)
            if not is_object(node) or not isinstance(node.get("$ref"), str):
                continue
            target, reached = resolved(plan, place)
            is_named = json_pointer.of_reference(node["$ref"]).startswith(join("components", kind))
            if not is_named and is_object(reached):
                yield place, target, kind


def _named(plan: Plan, target: str, kind: str = "schemas") -> str:
    """Copies what is at `target`; the name of the copy, or its own if it has one."""
    if split(target)[:-1] == ["components", kind]:
        return split(target)[-1]
    words = [w for w in split(target) if w not in _WORDS and not w.isdecimal() and "/" not in w]
    words = ["".join(p[:1].upper() + p[1:] for p in re.findall(r"[A-Za-z0-9]+", w)) for w in words]
    words = [word for word in words if word]
    known = plan.node(join("components", kind))
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
    if plan.node(join("components", kind)) is MISSING:
        plan.update("/components", {kind: {}}, why)
    plan.update(join("components", kind), {name: {}}, why)
    plan.copy(join("components", kind, name), query(plan.data, target), why)
    return name
