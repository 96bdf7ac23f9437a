"""The values of discriminator properties, which tell the members of a union apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftline.generate.prepare.nodes import At, Document, listed, named
from driftline.openapi import pointer as json_pointer
from driftline.openapi.pointer import is_object
from driftline.openapi.schema.walk import nodes

__all__ = ["Literals", "discriminated", "narrow"]

Literals = dict[int, dict[str, list[str]]]
"""By the identity of a schema: the property, and the values it has for this schema."""


def discriminated(document: Document) -> Literals:
    """Return the values that each schema's discriminator property has, by what the spec says."""
    found: dict[int, dict[str, list[str]]] = {}
    heirs = _heirs(document)
    for pointer, node in nodes(document.document):
        discriminator = named(node.get("discriminator"))
        field = discriminator.get("propertyName")
        if not isinstance(field, str):
            continue
        mapping = named(discriminator.get("mapping"))
        members = [*listed(node.get("oneOf")), *listed(node.get("anyOf"))]
        references = [named(member).get("$ref") for member in members]
        for reference in [*references, *heirs.get(pointer, [])]:
            if isinstance(reference, str):
                target = document.follow(reference)
                if target is not None:
                    known = found.setdefault(id(document.resolve(target).schema), {})
                    values = known.setdefault(field, [])
                    values += [v for v in _values(reference, mapping) if v not in values]
    return found


def _heirs(document: Document) -> dict[str, list[str]]:
    """The components that are a base by allOf, and references to those that build on them."""
    components = named(named(document.document.get("components")).get("schemas"))
    found: dict[str, list[str]] = {}
    for key, schema in components.items():
        for member in listed(named(schema).get("allOf")):
            reference = named(member).get("$ref")
            if isinstance(reference, str):
                own = "#" + json_pointer.join("components", "schemas", key)
                found.setdefault(json_pointer.of_reference(reference), []).append(own)
    return found


def _values(reference: str, mapping: Mapping[str, Any]) -> Iterator[str]:
    name = json_pointer.split(json_pointer.of_reference(reference))[-1:]
    explicit = [
        value
        for value, target in mapping.items()
        if target == reference
        or (isinstance(target, str) and target.rpartition("/")[2] == "".join(name))
    ]
    yield from explicit or name


def narrow(document: Document, at: At, values: list[str]) -> At:
    """Return the schema of a discriminator property with only these values, if it has them."""
    parts = [part.schema for part in document.parts(at) if is_object(part.schema)]
    kinds = {str(part["type"]) for part in parts if "type" in part}
    listings = [listed(part["enum"]) for part in parts if "enum" in part]
    if kinds - {"string"} or any("const" in part or "anyOf" in part for part in parts):
        return at
    if any(not set(values) <= set(map(str, listing)) for listing in listings):
        return at
    words = {"const": values[0]} if len(values) == 1 else {"type": "string", "enum": values}
    description = document.description(at)
    return At({**words, "description": description} if description else words, at.pointer)
