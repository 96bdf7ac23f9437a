"""Finds the fields of an answer that its schema does not name.

A schema that is silent about further properties allows them; here it does not. An object is
open where its schema says so (`additionalProperties`, `unevaluatedProperties`), and where it
names no property at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import attrs

from driftline.contract.shapes import is_list, is_object
from driftline.spec import pointer as json_pointer
from driftline.spec.model import Spec
from driftline.spec.schema import violations

__all__ = ["Stranger", "strangers"]


@attrs.frozen
class Stranger:
    """An undocumented field: its JSON pointer, its value, and the clause it is missing from."""

    path: str
    value: Any
    clause: str


def strangers(spec: Spec, schema_pointer: str, value: Any) -> Iterator[Stranger]:
    """Every field in `value` that the schema at `schema_pointer` does not name."""
    yield from _visit(spec, [schema_pointer], value, "")


def _visit(spec: Spec, pointers: list[str], value: Any, path: str) -> Iterator[Stranger]:
    if not (is_list(value) or is_object(value)):
        return
    schemas = dict(_parts(spec, pointers, value, set()))
    if is_list(value):
        for index, item in enumerate(value):
            yield from _visit(spec, _of_item(schemas, index), item, f"{path}/{index}")
    if not is_object(value):
        return
    named = [pointer for pointer, schema in schemas.items() if schema.get("properties")]
    for key, child in value.items():
        below, is_open = _of_property(schemas, key)
        place = path + json_pointer.join(key)
        if not below and named and not is_open:
            yield Stranger(place, child, named[0] + "/properties")
        yield from _visit(spec, below, child, place)


def _parts(
    spec: Spec, pointers: list[str], value: Any, seen: set[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The schemas that speak about `value` itself: through $ref, allOf, anyOf, oneOf and if."""
    for start in pointers:
        pointer, schema = start, spec.node(start)
        if pointer in seen or not is_object(schema):
            continue
        seen.add(pointer)
        yield pointer, schema
        below = [f"{pointer}/allOf/{index}" for index in range(len(schema.get("allOf", [])))]
        below += [f"{pointer}/{key}" for key in ("if", "then", "else") if key in schema]
        for key in ("anyOf", "oneOf"):
            branches = [f"{pointer}/{key}/{index}" for index in range(len(schema.get(key, [])))]
            below += [b for b in branches if not violations(spec, b, value)] or branches
        if isinstance(schema.get("$ref"), str):
            below.append(schema["$ref"].removeprefix("#"))
        yield from _parts(spec, below, value, seen)


def _of_item(schemas: dict[str, dict[str, Any]], index: int) -> list[str]:
    found: list[str] = []
    for pointer, schema in schemas.items():
        if index < len(schema.get("prefixItems", [])):
            found.append(f"{pointer}/prefixItems/{index}")
        elif is_object(schema.get("items")):
            found.append(pointer + "/items")
    return found


def _of_property(schemas: dict[str, dict[str, Any]], key: str) -> tuple[list[str], bool]:
    """The schemas of the field `key`, and whether a field that none names is allowed."""
    found: list[str] = []
    is_open = False
    for pointer, schema in schemas.items():
        local: list[str] = []
        if key in schema.get("properties", {}):
            local.append(pointer + "/properties" + json_pointer.join(key))
        for pattern in schema.get("patternProperties", {}):
            if _matches(pattern, key):
                local.append(pointer + "/patternProperties" + json_pointer.join(pattern))
        for word in ("additionalProperties", "unevaluatedProperties"):
            if not local and schema.get(word, False) is not False:
                is_open = True
                local.append(f"{pointer}/{word}")
        found += local
    return found, is_open


def _matches(pattern: str, key: str) -> bool:
    return re.search(pattern, key) is not None
