"""Breaks schemas that include themselves for the same value, which no value can satisfy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from driftline.openapi.pointer import is_array, is_object, join, split
from driftline.openapi.read.upgrade.context import Context

_LISTED: Final = ("allOf", "anyOf", "oneOf")
_SINGLE: Final = ("not", "if", "then", "else")
_PREFIX: Final = "#/components/schemas/"


def break_cycles(context: Context) -> None:
    """Remove each `$ref` that leads a schema back to itself for the same value."""
    schemas = context.data.get("components", {}).get("schemas")
    if not is_object(schemas):
        return
    edges = {name: list(_list_edges(schema)) for name, schema in schemas.items()}
    visited: set[str] = set()
    for start in sorted(schemas, key=str):  # where a cycle ends must not depend on the order
        if start in visited:
            continue
        path = [(start, iter(edges[start]))]
        active = {start}
        while path:
            name, remaining_edges = path[-1]
            for holder, target in remaining_edges:
                if target in active:
                    holder.pop("$ref", None)
                    message = f"the schema {target!r} includes itself; any value is allowed there"
                    pointer = join("components", "schemas", name)
                    hint = "End it at a definition."
                    context.notes.warn("ref.circular", pointer, message, hint)
                elif target in edges and target not in visited:
                    active.add(target)
                    path.append((target, iter(edges[target])))
                    break
            else:
                path.pop()
                active.discard(name)
                visited.add(name)


def _list_edges(schema: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield what a schema refers to for the same value, each with the object of its `$ref`."""
    pending = [schema]
    while pending:
        node = pending.pop()
        if not is_object(node):
            continue
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(_PREFIX):
            yield node, reference[len(_PREFIX) :]
        for keyword in _LISTED:
            if is_array(node.get(keyword)):
                pending += node[keyword]
        pending += [node[applicator] for applicator in _SINGLE if applicator in node]
        if is_object(node.get("dependentSchemas")):
            schemas = node["dependentSchemas"]
            pending += [schemas[name] for name in sorted(schemas, key=str)]


_OWN_TAG: Final = re.compile(r"x-(.*-)?discriminator-value")


def map_own_tags(schemas: dict[str, Any]) -> None:
    """Add the tag that a schema gives itself to the discriminators of its bases."""
    for name, schema in schemas.items():
        tag = _find_own_tag(schema)
        for base in _list_bases(schemas, name) if tag is not None else ():
            discriminator = base.get("discriminator")
            if not is_object(discriminator) or "oneOf" in base or "anyOf" in base:
                continue
            mapping = discriminator.setdefault("mapping", {})
            target = "#" + join("components", "schemas", name)
            if target not in mapping.values():
                mapping.setdefault(tag, target)


def _find_own_tag(schema: Any) -> str | None:
    members = schema.items() if is_object(schema) else ()
    values = (value for key, value in members if _OWN_TAG.fullmatch(key))
    return next((value for value in values if isinstance(value, str)), None)


def _list_bases(schemas: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """Yield the schemas that a component builds on by `allOf`, at any depth."""
    pending, seen = [name], {name}
    while pending:
        schema = schemas.get(pending.pop())
        parts = schema.get("allOf") if is_object(schema) else None
        for part in parts if is_array(parts) else ():
            reference = part.get("$ref") if is_object(part) else None
            base = split(reference[1:])[-1] if isinstance(reference, str) else ""
            if base in schemas and base not in seen and is_object(schemas[base]):
                seen.add(base)
                pending.append(base)
                yield schemas[base]
