"""OpenAPI 3.0 brought to 3.1: what schemas say in other words since then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from driftline.add.plan import Plan
from driftline.spec.pointer import is_array, is_object
from driftline.spec.walk import roots, subschemas

__all__ = ["modernise"]

Located = tuple[str, dict[str, Any]]
KINDS = ("string", "integer", "number", "boolean", "array", "object")


def modernise(plan: Plan) -> None:
    """In a document that is 3.1 already, nullable is taken for what it was in 3.0."""
    version = str(plan.data.get("openapi"))
    if version.startswith("3.1"):
        _nullable_anyway(plan)
        _nullable(plan)
        return
    why = f"The document is OpenAPI {version}: driftline reads 3.1."
    plan.update("", {"openapi": "3.1.0"}, why)
    _bounds(plan)
    _nullable(plan)


def _schemas(plan: Plan) -> Iterator[Located]:
    """Every schema; nothing counts beside a `$ref`."""
    for root, schema in roots(plan.data):
        yield from ((at, each) for at, each in subschemas(schema, root) if "$ref" not in each)


def _bounds(plan: Plan) -> None:
    """`exclusiveMinimum: true` beside a minimum is that minimum, exclusive."""
    for word in ("Minimum", "Maximum"):
        exclusive, bound = f"exclusive{word}", word.lower()
        why = f"In OpenAPI 3.1 {exclusive} is the bound itself."
        found = [(p, s) for p, s in _schemas(plan) if isinstance(s.get(exclusive), bool)]
        kept = [(p, s) for p, s in found if s[exclusive] and bound in s]
        idle = [f"{p}/{exclusive}" for p, s in found if (p, s) not in kept]
        values = [(pointer, schema[bound]) for pointer, schema in kept]
        for pointer, value in values:
            plan.remove(f"{pointer}/{bound}", why)
            plan.set(pointer, exclusive, value, why)
        plan.remove_all(idle, f"$..[?@.{exclusive} == false].{exclusive}", why)


def _nullable(plan: Plan) -> None:
    why = "In OpenAPI 3.1 there is no nullable: null is one of the types."
    said = [(p, s) for p, s in _schemas(plan) if isinstance(s.get("nullable"), bool)]
    yes = [(p, s) for p, s in said if s["nullable"]]
    no = [f"{p}/nullable" for p, s in said if not s["nullable"]]
    plan.remove_all(no, "$..[?@.nullable == false].nullable", why)
    for pointer, schema in yes:
        _null_value(plan, pointer, schema)
    for pointer, schema in yes:
        if not isinstance(schema.get("type"), str):
            _untyped(plan, pointer, schema, why)
    for kind in KINDS:
        found = [p for p, s in yes if s.get("type") == kind and s.get("nullable")]
        types = [f"{pointer}/type" for pointer in found]
        plan.remove_all(types, f"$..[?@.nullable == true && @.type == '{kind}'].type", why)
        text = "$..[?@.nullable == true && !@.type]"
        plan.update_all(found, text, {"type": [kind, "null"]}, why)
    rest = [f"{p}/nullable" for p, s in yes if s.get("nullable")]
    plan.remove_all(rest, "$..[?@.nullable == true].nullable", why)


def _nullable_anyway(plan: Plan) -> None:
    """What 3.0 could not have beside it: a `$ref`, and several types."""
    why = "OpenAPI 3.1 has no nullable, but null is what is meant."
    found = [(p, s) for root, schema in list(roots(plan.data)) for p, s in subschemas(schema, root)]
    for pointer, schema in found:
        kinds, reference = schema.get("type"), schema.get("$ref")
        if schema.get("nullable") is not True or not (is_array(kinds) or reference):
            continue
        plan.remove(f"{pointer}/nullable", why)
        if reference:
            plan.remove(f"{pointer}/$ref", why)
            plan.update(pointer, {"anyOf": [{"$ref": reference}, {"type": "null"}]}, why)
        elif is_array(kinds) and "null" not in kinds:
            plan.update(f"{pointer}/type", ["null"], why)


def _null_value(plan: Plan, pointer: str, schema: dict[str, Any]) -> None:
    """An enum that may be null has to have null among its values."""
    listed = schema.get("enum")
    if is_array(listed) and None not in listed:
        plan.update(f"{pointer}/enum", [None], "It may be null, so its enum has to allow null.")


def _untyped(plan: Plan, pointer: str, schema: dict[str, Any], why: str) -> None:
    """Null beside a choice is one choice more; beside allOf it is a choice with that."""
    for word in ("anyOf", "oneOf"):
        if is_array(schema.get(word)):
            plan.update(f"{pointer}/{word}", [{"type": "null"}], why)
            break
    else:
        parts = schema.get("allOf")
        if is_array(parts) and not schema.keys() & {"properties", "enum", "anyOf", "oneOf"}:
            inner = parts[0] if len(parts) == 1 and is_object(parts[0]) else {"allOf": parts}
            plan.remove(f"{pointer}/allOf", why)
            plan.update(pointer, {"anyOf": [inner, {"type": "null"}]}, why)
        elif "properties" in schema or "additionalProperties" in schema:
            plan.set(pointer, "type", ["object", "null"], why)
        elif is_object(schema.get("items")):
            plan.set(pointer, "type", ["array", "null"], why)
    plan.remove(f"{pointer}/nullable", why)
