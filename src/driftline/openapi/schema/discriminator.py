"""Discriminators: the tags that select a branch of `oneOf` or `anyOf`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from driftline.openapi import pointer as json_pointer
from driftline.openapi.pointer import MISSING, is_array, is_object
from driftline.openapi.schema.walk import iterate_nodes

_DEEPEST = 20


@attrs.frozen
class Discriminator:
    """The property whose value, the tag, selects a branch; `tags` has those of each branch.

    A branch without tags, such as `null`, is never selected.
    """

    property: str
    keyword: str
    tags: tuple[tuple[str, ...], ...]


def find_discriminator(document: Any, schema: Mapping[str, Any]) -> Discriminator | None:
    """Return the discriminator of a schema, or None if it selects nothing.

    The tags of a branch are its keys in `mapping`, or the values that its own property allows, or
    the name of its component. Tags shared by two branches, and numbers, select nothing; JSON Schema
    alone decides then.
    """
    rule = schema.get("discriminator")
    name = rule.get("propertyName") if is_object(rule) else None
    if not isinstance(name, str) or not is_object(rule):
        return None
    keyword = next(
        (candidate for candidate in ("oneOf", "anyOf") if is_array(schema.get(candidate))), None
    )
    if keyword is None:
        return None
    mapping = rule.get("mapping")
    keys = _index_keys(mapping) if is_object(mapping) else {}
    tags = tuple(_list_tags(document, branch, name, keys) for branch in schema[keyword])
    flat = [tag for branch_tags in tags for tag in branch_tags]
    if not flat or len(flat) != len(set(flat)):
        return None
    if not all(is_string_property(document, branch, name) for branch in schema[keyword]):
        return None
    return Discriminator(name, keyword, tags)


def list_component_tags(document: Any) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the tags by property of each component that a discriminator selects, by its pointer.

    Only those that the component's own property describes, and allows.
    """
    tags_by_component: dict[str, dict[str, tuple[str, ...]]] = {}
    for _, node in iterate_nodes(document):
        if "discriminator" not in node:
            continue
        selecting = find_discriminator(document, node)
        branches = zip(node[selecting.keyword], selecting.tags, strict=True) if selecting else ()
        for branch, tags in branches:
            name = selecting.property if selecting else ""
            reference = branch.get("$ref") if is_object(branch) else None
            if not isinstance(reference, str) or not any(
                _list_descriptions(document, branch, name)
            ):
                continue
            allowed_tags = list_tag_values(document, branch, name)
            fitting = tuple(t for t in tags if allowed_tags is None or t in allowed_tags)
            own = tags_by_component.setdefault(json_pointer.parse_reference(reference), {})
            if fitting:
                own[name] = tuple(dict.fromkeys([*own.get(name, ()), *fitting]))
    return tags_by_component


def _index_keys(mapping: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the tags by component name; a mapping may have names or references."""
    keys: dict[str, list[str]] = {}
    for key, target in mapping.items():
        if isinstance(target, str):
            keys.setdefault(_name_component(target), []).append(key)
    return keys


def _name_component(reference: str) -> str:
    last = reference.rpartition("/")[2]
    return json_pointer.split("/" + json_pointer.parse_reference(last))[0]


def _list_tags(
    document: Any, branch: Any, name: str, keys: Mapping[str, list[str]]
) -> tuple[str, ...]:
    if not is_object(branch):
        return ()
    values = list_tag_values(document, branch, name)
    reference = branch.get("$ref")
    if not isinstance(reference, str):
        return tuple(values or ())
    mapped = keys.get(_name_component(reference))
    if mapped and values:
        # A tag that the property rejects; the values that it allows may be tags of other branches.
        mapped_tags = {tag for tags in keys.values() for tag in tags}
        own_tags = [value for value in values if value not in mapped_tags]
        mapped = [key for key in mapped if key in values] or own_tags or mapped
    return tuple(mapped or values or [_name_component(reference)])


def find_subtypes(document: Any, pointer: str, schema: Mapping[str, Any]) -> dict[str, str]:
    """Return the schemas that the discriminator of a base selects, as JSON pointers by tag.

    A base has no `oneOf` or `anyOf`: its `mapping` names components that extend it by `allOf`. The
    tag of a component without a mapping is its name.
    """
    rule = schema.get("discriminator")
    if not is_object(rule) or not isinstance(rule.get("propertyName"), str):
        return {}
    if any(is_array(schema.get(keyword)) for keyword in ("oneOf", "anyOf")):
        return {}
    if not is_string_property(document, schema, rule["propertyName"]):
        return {}
    mapping = rule.get("mapping")
    subtypes: dict[str, str] = {}
    for tag, target in mapping.items() if is_object(mapping) else ():
        if isinstance(target, str):
            subtypes[tag] = "/components/schemas" + json_pointer.join(_name_component(target))
    for name in _list_heirs(document, pointer):
        heir = "/components/schemas" + json_pointer.join(name)
        if heir not in subtypes.values():
            subtypes.setdefault(name, heir)
    return subtypes


def _list_heirs(document: Any, pointer: str) -> list[str]:
    """Return the components that name this one in their `allOf`."""
    components = json_pointer.follow(document, "/components/schemas")
    return [
        name
        for name, schema in (components.items() if is_object(components) else ())
        if is_object(schema) and is_array(schema.get("allOf"))
        for part in schema["allOf"]
        if is_object(part) and isinstance(part.get("$ref"), str)
        if json_pointer.parse_reference(part["$ref"]) == pointer
    ]


def list_tag_values(document: Any, schema: Any, name: str) -> list[str] | None:
    """Return the strings that `const` or `enum` allow for a property, or None if any is valid."""
    for property_schema in _list_descriptions(document, schema, name):
        if isinstance(property_schema.get("const"), str):
            return [property_schema["const"]]
        if values := [value for value in _list_values(property_schema) if isinstance(value, str)]:
            return values
    return None


def is_string_property(document: Any, schema: Any, name: str) -> bool:
    """Return whether a property can be a string, as a tag is."""
    for property_schema in _list_descriptions(document, schema, name):
        types = property_schema.get("type", "string")
        values = (
            [property_schema["const"]]
            if "const" in property_schema
            else _list_values(property_schema)
        )
        if "string" not in types or (values and not any(isinstance(v, str) for v in values)):
            return False
    return True


def _list_values(schema: Mapping[str, Any]) -> list[Any]:
    return schema["enum"] if is_array(schema.get("enum")) else []


def _list_descriptions(
    document: Any, schema: Any, name: str, depth: int = 0
) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas of a property in a schema, its `$ref` and its `allOf`."""
    if not is_object(schema) or depth > _DEEPEST:
        return
    properties = schema.get("properties")
    property_schema = _resolve(document, properties.get(name) if is_object(properties) else None)
    if is_object(property_schema):
        yield property_schema
    if isinstance(schema.get("$ref"), str):
        yield from _list_descriptions(document, _resolve(document, schema), name, depth + 1)
    for part in schema["allOf"] if is_array(schema.get("allOf")) else ():
        yield from _list_descriptions(document, part, name, depth + 1)


def _resolve(document: Any, schema: Any) -> Any:
    for _ in range(_DEEPEST):
        reference = schema.get("$ref") if is_object(schema) else None
        if not isinstance(reference, str):
            return schema
        schema = json_pointer.follow(document, json_pointer.parse_reference(reference))
        schema = None if schema is MISSING else schema
    return None
