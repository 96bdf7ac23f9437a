"""Which alternative of a schema a value is, as its discriminator says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from driftline.spec.model import Spec
from driftline.spec.pointer import is_array, is_object, join, of_reference, split

__all__ = ["Discriminator", "discriminator"]


@attrs.frozen
class Discriminator:
    """A choice among schemas by the value of one property.

    `branches` holds by value the pointer of the schema, for values that the document maps and for
    those that are the name of a schema; `explicit` are the values that the document maps itself.
    """

    pointer: str
    property: str
    branches: Mapping[str, str]
    explicit: frozenset[str]

    def select(self, value: Any) -> str | None:
        """Return the pointer of the schema that a value belongs to, if it says so."""
        name = value.get(self.property) if is_object(value) else None
        return self.branches.get(name) if isinstance(name, str) else None


def discriminator(spec: Spec, schema_pointer: str) -> Discriminator | None:
    """Return the discriminator of the schema at a pointer, or of what that refers to."""
    pointer, schema = spec.resolve(schema_pointer)
    found = schema.get("discriminator") if is_object(schema) else None
    if not is_object(found):
        return None
    name = found["propertyName"]
    mapping = found.get("mapping", {})
    explicit = {value: of_reference(target) for value, target in mapping.items()}
    branches = dict(explicit)
    mapped = set(explicit.values())
    for value, target in _implicit(spec, pointer, schema, name):
        if target not in mapped:
            branches.setdefault(value, target)
    return Discriminator(pointer, name, branches, frozenset(explicit))


def _implicit(
    spec: Spec, pointer: str, schema: dict[str, Any], name: str
) -> Iterator[tuple[str, str]]:
    """Yield the schemas that a value names without being mapped, each with that value."""
    word = next((word for word in ("oneOf", "anyOf") if is_array(schema.get(word))), None)
    if word is None:
        yield from _extensions(spec, pointer)
        return
    for index, branch in enumerate(schema[word]):
        if not is_object(branch):
            continue
        reference = branch.get("$ref")
        if isinstance(reference, str):
            target = of_reference(reference)
            yield split(target)[-1], target
            continue
        place = f"{pointer}/{word}/{index}"
        _, field = spec.resolve(place + join("properties", name))
        for value in _values(field):
            yield value, place


def _values(field: Any) -> list[str]:
    """Return the strings that a field of an alternative without a name can be."""
    if not is_object(field):
        return []
    values = [field["const"]] if "const" in field else field.get("enum", [])
    return [value for value in values if isinstance(value, str)]


def _extensions(spec: Spec, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield the named schemas that are all of the one at a pointer, and that one itself."""
    if split(pointer)[:2] == ["components", "schemas"]:
        yield split(pointer)[-1], pointer
    schemas = spec.node("/components/schemas")
    for name, schema in schemas.items() if is_object(schemas) else ():
        parts = schema.get("allOf") if is_object(schema) else None
        for part in parts if is_array(parts) else ():
            reference = part.get("$ref") if is_object(part) else None
            if isinstance(reference, str) and of_reference(reference) == pointer:
                yield name, join("components", "schemas", name)
