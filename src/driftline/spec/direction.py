"""What of a schema counts in a request and what in a response: `readOnly` and `writeOnly`.

A read-only field is neither required nor sent in a request; a write-only one is neither required
nor expected in a response. Every pointer names the same clause in both views as in the spec.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import attrs

from driftline.spec.model import Spec
from driftline.spec.pointer import follow, is_array, is_object, join, of_reference, split
from driftline.spec.walk import roots, subschemas

__all__ = ["for_request", "for_response", "is_read_only", "is_write_only"]

_HOPS: Final = 20


@lru_cache(maxsize=256)
def for_request(spec: Spec) -> Spec:
    """Return the spec as it is about requests: no read-only field is required."""
    return _without_required(spec, "readOnly")


@lru_cache(maxsize=256)
def for_response(spec: Spec) -> Spec:
    """Return the spec as it is about responses: no write-only field is required."""
    return _without_required(spec, "writeOnly")


def is_read_only(spec: Spec, schema_pointer: str) -> bool:
    """Return whether what a schema describes is never sent in a request."""
    return _is_marked(spec.document, spec.node(schema_pointer), "readOnly")


def is_write_only(spec: Spec, schema_pointer: str) -> bool:
    """Return whether what a schema describes never comes in a response."""
    return _is_marked(spec.document, spec.node(schema_pointer), "writeOnly")


def _is_marked(document: Any, schema: Any, word: str, hops: int = _HOPS) -> bool:
    if not is_object(schema) or not hops:
        return False
    if schema.get(word) is True:
        return True
    reference, parts = schema.get("$ref"), schema.get("allOf")
    if isinstance(reference, str):
        return _is_marked(document, follow(document, of_reference(reference)), word, hops - 1)
    if is_array(parts):
        return any(_is_marked(document, part, word, hops - 1) for part in parts)
    return False


def _without_required(spec: Spec, word: str) -> Spec:
    edits: dict[str, list[Any]] = {}
    for root, schema in roots(spec.document):
        for pointer, each in subschemas(schema, root):
            for place, required in _edits(spec.document, pointer, each, word):
                known = edits.get(place, required)
                edits[place] = [name for name in known if name in required]
    if not edits:
        return spec
    return attrs.evolve(spec, document=_edited(spec.document, edits))


def _edits(
    document: Any, pointer: str, schema: dict[str, Any], word: str
) -> Iterator[tuple[str, list[Any]]]:
    """Yield where names are required that are not, in the schema and in the parts it is all of."""
    listed = [place for place in _parts(pointer, schema) if is_array(place[1].get("required"))]
    if not listed:
        return
    hidden = set(_hidden(document, schema, word))
    for place, part in listed:
        if hidden & set(part["required"]):
            yield place + "/required", [n for n in part["required"] if n not in hidden]


def _parts(pointer: str, schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the schema and those written inside its allOf."""
    if not is_object(schema):
        return
    yield pointer, schema
    parts = schema.get("allOf")
    for index, part in enumerate(parts if is_array(parts) else ()):
        yield from _parts(f"{pointer}/allOf/{index}", part)


def _hidden(document: Any, schema: Any, word: str, hops: int = _HOPS) -> Iterator[str]:
    """Yield the fields of an object that are marked, whichever part of it describes them."""
    if not is_object(schema) or not hops:
        return
    properties = schema.get("properties")
    for name, field in properties.items() if is_object(properties) else ():
        if _is_marked(document, field, word):
            yield name
    reference, parts = schema.get("$ref"), schema.get("allOf")
    if isinstance(reference, str):
        target = follow(document, of_reference(reference))
        yield from _hidden(document, target, word, hops - 1)
    for part in parts if is_array(parts) else ():
        yield from _hidden(document, part, word, hops - 1)


def _edited(document: Mapping[str, Any], edits: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Return a document with other values at some pointers; all else is shared with the given."""
    made: dict[str, Any] = dict(document)
    copied: dict[str, Any] = {"": made}
    for pointer, value in edits.items():
        tokens = split(pointer)
        owner, place = made, ""
        for token in tokens[:-1]:
            place += join(token)
            if place not in copied:
                key: Any = int(token) if is_array(owner) else token
                inner = owner[key]
                copied[place] = dict(inner) if is_object(inner) else list(inner)
                owner[key] = copied[place]
            owner = copied[place]
        owner[tokens[-1]] = value
    return made
