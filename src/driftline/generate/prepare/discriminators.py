"""The values of discriminator properties, which distinguish the members of a union."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from driftline.generate.prepare.nodes import ReferenceResolver, SchemaNode, as_array, as_object
from driftline.openapi import (
    is_object,
    iterate_nodes,
    list_tag_values,
    pointer as json_pointer,
)

Literals = dict[int, dict[str, list[str]]]
"""By the identity of a schema: the property, and the values it has for this schema."""


def collect_literals(document: ReferenceResolver) -> Literals:
    """Return the documented values of each schema's discriminator property."""
    literals: dict[int, dict[str, list[str]]] = {}
    heirs = list_heirs(document)
    for pointer, node in iterate_nodes(document.document):
        discriminator = as_object(node.get("discriminator"))
        field = discriminator.get("propertyName")
        if not isinstance(field, str):
            continue
        mapping = as_object(discriminator.get("mapping"))
        members = [*as_array(node.get("oneOf")), *as_array(node.get("anyOf"))]
        references = [as_object(member).get("$ref") for member in members]
        family = list_family(document, SchemaNode(node, pointer), heirs)
        for reference in [*references, *("#" + heir.pointer for heir in family)]:
            if isinstance(reference, str):
                target = document.follow(reference)
                if target is not None:
                    values_by_field = literals.setdefault(id(document.resolve(target).schema), {})
                    values = values_by_field.setdefault(field, [])
                    tag_values = list_tag_values(document.document, target.schema, field)
                    tags = (
                        _list_keys(reference, mapping) or tag_values or [_get_last_name(reference)]
                    )
                    values += [tag for tag in tags if tag not in values]
    return literals


def list_heirs(document: ReferenceResolver) -> dict[str, list[str]]:
    """Return the components that others extend by allOf, with references to those."""
    components = as_object(as_object(document.document.get("components")).get("schemas"))
    heirs: dict[str, list[str]] = {}
    for key, schema in components.items():
        for member in as_array(as_object(schema).get("allOf")):
            reference = as_object(member).get("$ref")
            if isinstance(reference, str):
                heir = "#" + json_pointer.join("components", "schemas", key)
                heirs.setdefault(json_pointer.parse_reference(reference), []).append(heir)
    return heirs


def list_family(
    document: ReferenceResolver, base: SchemaNode, heirs: Mapping[str, list[str]]
) -> list[SchemaNode]:
    """Return the components that extend a base, at any depth, the nearest first."""
    family: dict[str, SchemaNode] = {}
    pending = deque(heirs.get(base.pointer, []))
    while pending:
        heir = document.follow(pending.popleft())
        if heir is not None and heir.pointer not in {base.pointer, *family}:
            family[heir.pointer] = heir
            pending += heirs.get(heir.pointer, [])
    return list(family.values())


def _list_keys(reference: str, mapping: Mapping[str, Any]) -> list[str]:
    """Return the tags that `mapping` has for a schema, which it names or refers to."""
    name = _get_last_name(reference)
    return [
        tag
        for tag, target in mapping.items()
        if target == reference or (isinstance(target, str) and target.rpartition("/")[2] == name)
    ]


def _get_last_name(reference: str) -> str:
    return "".join(json_pointer.split(json_pointer.parse_reference(reference))[-1:])


def narrow(document: ReferenceResolver, at: SchemaNode, values: list[str]) -> SchemaNode:
    """Return the schema of a discriminator property with only these values, if allowed."""
    parts = [part.schema for part in document.list_parts(at) if is_object(part.schema)]
    kinds = {str(part["type"]) for part in parts if "type" in part}
    listings = [as_array(part["enum"]) for part in parts if "enum" in part]
    if kinds - {"string"} or any("const" in part or "anyOf" in part for part in parts):
        return at
    if any(not set(values) <= set(map(str, listing)) for listing in listings):
        return at
    keywords = {"const": values[0]} if len(values) == 1 else {"type": "string", "enum": values}
    description = document.find_description(at)
    return SchemaNode(
        {**keywords, "description": description} if description else keywords, at.pointer
    )
