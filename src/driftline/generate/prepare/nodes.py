"""Schemas with their locations, and the parts that `$ref` and `allOf` combine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

import attrs

from driftline.generate.prepare.names import join_names
from driftline.openapi import (
    is_array,
    is_file_schema,
    is_object,
    iterate_nodes,
    pointer as json_pointer,
)

# Keywords without a type: they annotate or bound a value.
_STRUCTURE = frozenset(
    {
        *("$ref", "additionalProperties", "allOf", "anyOf", "const", "enum", "items", "oneOf"),
        *("patternProperties", "prefixItems", "properties", "required", "type"),
    }
)

TYPING = frozenset(
    {
        *("$ref", "additionalProperties", "allOf", "anyOf", "const", "enum", "items", "oneOf"),
        *("patternProperties", "prefixItems", "properties", "type"),
    }
)
"""Keywords that say more of a value than which fields are required."""


@attrs.frozen(eq=False)
class SchemaNode:
    """A schema and its JSON pointer; a merged one has the pointer of its first part."""

    schema: Any
    pointer: str

    def descend(self, *tokens: str | int) -> SchemaNode:
        """Return the schema at these tokens below this one."""
        node = self.schema
        for token in tokens:
            node = node[token]
        return SchemaNode(node, self.pointer + json_pointer.join(*tokens))


@attrs.frozen(eq=False)
class ClassBody:
    """A class whose fields are not read yet: its merged schema and the parts."""

    name: str
    schema: dict[str, Any]
    node: SchemaNode
    parts: Sequence[SchemaNode]

    def find_property(self, field: str) -> str:
        """Return the pointer of a property in the first part that describes it."""
        for part in self.parts:
            if field in as_object(part.schema.get("properties")):
                return part.pointer + json_pointer.join("properties", field)
        return self.node.pointer


@attrs.frozen
class ClassName:
    """The source of a class name: the enclosing class or operation, and the key."""

    parent: str
    name: str

    def join(self, title: object) -> str:
        """Return the name for the class; a title of the schema takes precedence over its key."""
        base_name = title if isinstance(title, str) and title.strip() and self.parent else self.name
        return join_names(self.parent, base_name)

    def nest(self, suffix: str) -> ClassName:
        return ClassName(self.parent, f"{self.name}_{suffix}")


def as_array(value: Any) -> list[Any]:
    """Return an array, or an empty one for another value."""
    return value if is_array(value) else []


def as_object(value: Any) -> dict[str, Any]:
    """Return an object, or an empty one for another value."""
    return value if is_object(value) else {}


def has_structure(schema: Any) -> bool:
    """Return whether a schema has more than annotations and bounds."""
    return schema is False or (is_object(schema) and not _STRUCTURE.isdisjoint(schema))


def has_choice(schema: Mapping[str, Any]) -> bool:
    """Return whether a schema lists alternatives."""
    return bool(as_array(schema.get("anyOf")) or as_array(schema.get("oneOf")))


def has_conditional_fields(schema: Mapping[str, Any]) -> bool:
    """Return whether a rule adds fields that the schema itself does not have."""
    rules = [*as_object(schema.get("dependentSchemas")).values()]
    rules += [schema.get("then"), schema.get("else")]
    own_properties = set(as_object(schema.get("properties")))
    return any(set(as_object(as_object(rule).get("properties"))) - own_properties for rule in rules)


def has_fields(schema: Mapping[str, Any]) -> bool:
    """Return whether a schema has properties."""
    return bool(as_object(schema.get("properties")))


class ReferenceResolver:
    """Follows the references of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    @cached_property
    def anchors(self) -> Mapping[str, str]:
        """The pointers of schemas with an `$anchor`."""
        pairs = ((node.get("$anchor"), pointer) for pointer, node in iterate_nodes(self.document))
        return {anchor: pointer for anchor, pointer in pairs if isinstance(anchor, str)}

    def follow(self, reference: object) -> SchemaNode | None:
        """Return the target of a `$ref` without following further ones; None if it is broken."""
        if not isinstance(reference, str):
            return None
        pointer = json_pointer.parse_reference(reference)
        if not pointer.startswith("/"):
            pointer = self.anchors.get(pointer, "")
        node = json_pointer.follow(self.document, pointer)
        is_schema = is_object(node) or isinstance(node, bool)
        return SchemaNode(node, pointer) if is_schema and pointer else None

    def resolve(self, at: SchemaNode) -> SchemaNode:
        """Return the schema at the end of a chain of plain references."""
        seen: set[int] = set()
        while is_object(at.schema) and "$ref" in at.schema and id(at.schema) not in seen:
            seen.add(id(at.schema))
            target = self.follow(at.schema["$ref"])
            if target is None:
                break
            at = target
        return at

    def list_operands(self, at: SchemaNode) -> list[SchemaNode]:
        """Return what applies to the same value: `$ref`, members of `allOf`, own keywords."""
        schema = at.schema
        operands: list[SchemaNode] = []
        if "$ref" in schema:
            target = self.follow(schema["$ref"])
            if target is not None:
                operands.append(target)
        members = [at.descend("allOf", i) for i in range(len(as_array(schema.get("allOf"))))]
        operands += [member for member in members if has_structure(member.schema)]
        rest = {key: value for key, value in schema.items() if key not in {"$ref", "allOf"}}
        if has_structure(rest):
            operands.append(SchemaNode(rest, at.pointer))
        return operands

    def list_parts(self, at: SchemaNode) -> Iterator[SchemaNode]:
        """Yield the schemas without `$ref` and `allOf` that a schema combines, bases first."""
        seen: set[int] = set()
        pending = [at]
        while pending:
            node = pending.pop()
            if is_object(node.schema) and id(node.schema) not in seen:
                seen.add(id(node.schema))
                if "$ref" in node.schema or "allOf" in node.schema:
                    pending += reversed(self.list_operands(node))
                else:
                    yield node

    def has_type(self, at: SchemaNode) -> bool:
        """Return whether a schema says more of a value than which fields are required."""
        schema = self.resolve(at).schema
        return not is_object(schema) or bool(set(schema) & TYPING)

    def has_fields(self, at: SchemaNode) -> bool:
        """Return whether a schema has properties, also by a reference or an allOf."""
        return any(has_fields(as_object(part.schema)) for part in self.list_parts(at))

    def find_file_kind(self, at: SchemaNode) -> Literal["one", "many"] | None:
        """Return whether a field of a form is a file, or an array of files."""
        for part in self.list_parts(at):
            if is_file_schema(part.schema):
                return "one"
            items = part.schema.get("items")
            if is_object(items) and any(
                is_file_schema(item_part.schema)
                for item_part in self.list_parts(SchemaNode(items, ""))
            ):
                return "many"
        return None

    def find_description(self, at: SchemaNode) -> str:
        """Return the description of a value: its schema's own, or its target's."""
        seen: set[int] = set()
        while is_object(at.schema) and id(at.schema) not in seen:
            seen.add(id(at.schema))
            description = at.schema.get("description")
            operands = self.list_operands(at)
            if isinstance(description, str) and description.strip():
                return description
            if len(operands) != 1 or operands[0].pointer == at.pointer:
                break
            at = operands[0]
        return ""
