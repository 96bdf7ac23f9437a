"""Schemas that say in one way what clients can only be told in another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from driftline.add.operations import operations, parameters, resolved
from driftline.add.plan import Plan
from driftline.spec.pointer import is_array, is_object, split
from driftline.spec.walk import roots, subschemas

__all__ = ["simplify"]

Located = tuple[str, dict[str, Any]]
_NOTES = frozenset(
    {"default", "deprecated", "description", "example", "examples", "externalDocs"}
    | {"readOnly", "title", "writeOnly", "xml"}
)
_PARTS = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "$ref"})
_NEGOTIATED = frozenset({"accept", "authorization", "content-type"})
_SAID = frozenset({"$ref", "anyOf", "const", "enum", "oneOf", "type", "x-assumed"})


def simplify(plan: Plan) -> None:
    """Nothing of what is meant changes by it."""
    _binary(plan)
    _required(plan)
    _remarks(plan)
    _paths(plan)
    _kinds(plan)
    _negotiated(plan)


def _schemas(plan: Plan) -> Iterator[Located]:
    for root, schema in list(roots(plan.data)):
        yield from list(subschemas(schema, root))


def _is_note(node: Any) -> bool:
    return is_object(node) and all(key in _NOTES or key.startswith("x-") for key in node)


def _binary(plan: Plan) -> None:
    """In JSON there is nothing but text."""
    found = [
        f"{pointer}/format"
        for pointer, schema in _schemas(plan)
        if schema.get("format") == "binary" and schema.get("type") in ("string", ["string", "null"])
    ]
    text = "$..[?@.type == 'string' && @.format == 'binary'].format"
    plan.remove_all(found, text, "JSON has no binary: it is text.")


def _required(plan: Plan) -> None:
    """What has to be there is a field, though nothing is said of it."""
    why = "It is required, and nothing is said of it: it may be anything."
    for pointer, schema in _schemas(plan):
        known, names = schema.get("properties"), schema.get("required")
        is_part = bool(_PARTS & set(split(pointer)[-2:])) or bool(_PARTS & schema.keys())
        others = schema.get("additionalProperties", False)
        if is_object(known) and is_array(names) and not is_part and not is_object(others):
            told = {name: dict[str, Any]() for name in names if name not in known}
            if told:
                plan.update(f"{pointer}/properties", told, why)


def _remarks(plan: Plan) -> None:
    """An allOf of one schema and remarks is that schema, where it is not an object."""
    for pointer, schema in _schemas(plan):
        parts = schema.get("allOf")
        if not is_array(parts) or len(parts) < 2 or not _is_note(_without(schema)):
            continue
        meant = [(i, part) for i, part in enumerate(parts) if not _is_note(part)]
        if len(meant) != 1 or not is_object(meant[0][1]):
            continue
        index, part = meant[0]
        if _is_object_schema(plan, f"{pointer}/allOf/{index}"):
            continue
        merged: dict[str, Any] = {}
        for each in parts:
            merged |= each if each is part else {k: v for k, v in each.items() if k not in merged}
        why = "One schema and remarks on it: the schema with its remarks beside it says the same."
        plan.remove(f"{pointer}/allOf", why)
        plan.update(pointer, {k: v for k, v in merged.items() if k not in schema}, why)


def _without(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "allOf"}


def _is_object_schema(plan: Plan, pointer: str) -> bool:
    _, schema = resolved(plan, pointer)
    return is_object(schema) and (schema.get("type") == "object" or "properties" in schema)


def _paths(plan: Plan) -> None:
    """A part of a path is never null."""
    for found in operations(plan):
        for _, pointer, node in list(parameters(plan, found)):
            if node.get("in") != "path":
                continue
            place, schema = resolved(plan, pointer + "/schema")
            kinds = schema.get("type") if is_object(schema) else None
            if is_array(kinds) and "null" in kinds and len(kinds) == 2:
                kind = next(each for each in kinds if each != "null")
                plan.set(place, "type", kind, "A part of a path is never null.")


def _kinds(plan: Plan) -> None:
    """What has properties is an object, and what has items an array; else anything would do."""
    for word, kind in (("properties", "object"), ("items", "array")):
        why = f"It has {word}, so {'an' if kind[0] in 'ao' else 'a'} {kind} is meant."
        found = [
            pointer
            for pointer, schema in _schemas(plan)
            if is_object(schema.get(word)) and not schema.keys() & _SAID
        ]
        value = {"type": kind, "x-assumed": {"type": why}}
        plan.update_all(found, f"$..[?@.{word} && !@.type]", value, why)


def _negotiated(plan: Plan) -> None:
    """OpenAPI says that a parameter of such a header is to be ignored."""
    why = "OpenAPI ignores a header parameter of this name: bodies and credentials are described."
    for found in operations(plan):
        listed = [
            place
            for place, _, node in parameters(plan, found)
            if node.get("in") == "header" and str(node.get("name")).lower() in _NEGOTIATED
        ]
        for place in reversed(listed):
            plan.remove(place, why)
