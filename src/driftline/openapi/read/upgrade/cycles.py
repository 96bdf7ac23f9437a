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
    done: set[str] = set()
    for start in sorted(schemas, key=str):  # where a cycle ends must not depend on the order
        if start in done:
            continue
        path = [(start, iter(edges[start]))]
        active = {start}
        while path:
            name, waiting = path[-1]
            for holder, target in waiting:
                if target in active:
                    holder.pop("$ref", None)
                    message = f"the schema {target!r} includes itself; any value is allowed there"
                    place = join("components", "schemas", name)
                    hint = "End it at a definition."
                    context.notes.warn("ref.circular", place, message, hint)
                elif target in edges and target not in done:
                    active.add(target)
                    path.append((target, iter(edges[target])))
                    break
            else:
                path.pop()
                active.discard(name)
                done.add(name)


def _list_edges(schema: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield what a schema refers to for the same value, each with the object of its `$ref`."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if not is_object(node):
            continue
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(_PREFIX):
            yield node, reference[len(_PREFIX) :]
        for word in _LISTED:
            if is_array(node.get(word)):
                waiting += node[word]
        waiting += [node[word] for word in _SINGLE if word in node]
        if is_object(node.get("dependentSchemas")):
            below = node["dependentSchemas"]
            waiting += [below[name] for name in sorted(below, key=str)]


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
    found = (value for word, value in members if _OWN_TAG.fullmatch(word))
    return next((value for value in found if isinstance(value, str)), None)


def _list_bases(schemas: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """Yield the schemas that a component builds on by `allOf`, at any depth."""
    waiting, seen = [name], {name}
    while waiting:
        schema = schemas.get(waiting.pop())
        parts = schema.get("allOf") if is_object(schema) else None
        for part in parts if is_array(parts) else ():
            reference = part.get("$ref") if is_object(part) else None
            base = split(reference[1:])[-1] if isinstance(reference, str) else ""
            if base in schemas and base not in seen and is_object(schemas[base]):
                seen.add(base)
                waiting.append(base)
                yield schemas[base]
