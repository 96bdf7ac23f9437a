"""Rewrites schemas as OpenAPI applies them in plain JSON Schema for a validator.

OpenAPI gives two keywords a meaning that a validator does not know: `readOnly` and `writeOnly`
change what is required in each direction, and `discriminator` selects a branch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from driftline.openapi import pointer as json_pointer
from driftline.openapi.pointer import MISSING, is_array, is_object
from driftline.openapi.schema.discriminator import Discriminator, find_discriminator

Direction = Literal["request", "response"]
_HIDING: Mapping[str | None, str] = {"request": "readOnly", "response": "writeOnly"}
_VALUES = frozenset({"const", "default", "enum", "example", "examples"})
_PROSE = frozenset({"title", "description", "example", "examples", "deprecated"})
_DEEPEST = 20
_SELECTED = re.compile(r"/allOf/\d+/then/allOf/(\d+)/then|/allOf/\d+/else(?=/(?:oneOf|anyOf))")


def find_hidden_keyword(direction: Direction | None) -> str:
    """Return the keyword of properties excluded in a direction; "" if there are none."""
    return _HIDING.get(direction, "")


def apply(document: Any, pointer: str, direction: Direction | None) -> Any:
    """Return the schema at `pointer` as it applies in a direction; unchanged parts are shared."""
    return _Applying(document, find_hidden_keyword(direction)).apply_to(
        json_pointer.follow(document, pointer), pointer
    )


def is_hidden(document: Any, schema: Any, keyword: str) -> bool:
    """Return whether a schema, or a part of it by `$ref` or `allOf`, has the keyword."""
    seen: set[int] = set()
    pending = [schema]
    while pending:
        part = pending.pop()
        if not is_object(part) or id(part) in seen:
            continue
        if part.get(keyword) is True:
            return True
        seen.add(id(part))
        parts = part.get("allOf")
        pending += parts if is_array(parts) else ()
        if isinstance(part.get("$ref"), str):
            target = json_pointer.parse_reference(part["$ref"])
            pending.append(json_pointer.follow(document, target))
    return False


def find_source_clause(document: Any, clause: str) -> str:
    """Return the document's clause for a clause of a rewritten schema."""
    if json_pointer.follow(document, clause) is not MISSING or "/allOf/" not in clause:
        return clause
    for keyword in ("oneOf", "anyOf"):
        # An unused alternative stands for "" and adds no token.
        source_clause = _SELECTED.sub(rf"/{keyword}/\1", clause).replace(f"/{keyword}//", "/")
        if json_pointer.follow(document, source_clause) is not MISSING:
            return source_clause
    return clause


class _Applying:
    """Rewrites one schema; parts that need no change are returned as they are."""

    def __init__(self, document: Any, keyword: str) -> None:
        self._document = document
        self._keyword = keyword

    def apply_to(self, node: Any, pointer: str) -> Any:
        if is_array(node):
            items = [self.apply_to(item, f"{pointer}/{index}") for index, item in enumerate(node)]
            return items if any(a is not b for a, b in zip(items, node, strict=True)) else node
        if not is_object(node):
            return node
        new_node = {
            key: child
            if key in _VALUES and not is_object(child)
            else self.apply_to(child, pointer + json_pointer.join(key))
            for key, child in node.items()
        }
        if all(new_node[key] is node[key] for key in node):
            new_node = node
        reference = node.get("$ref")
        if isinstance(reference, str) and not self._is_known(reference):
            # A broken reference allows any value; `lint` reports it.
            new_node = {key: child for key, child in new_node.items() if key != "$ref"}
        if is_array(node.get("oneOf")):
            new_node = _drop_duplicates(new_node)
        if self._keyword:
            new_node = self._drop_hidden(node, new_node, pointer)
        selecting = find_discriminator(self._document, node)
        return new_node if selecting is None else _select(new_node, selecting)

    def _is_known(self, reference: str) -> bool:
        target = json_pointer.parse_reference(reference)
        return (
            reference.startswith("#") and json_pointer.follow(self._document, target) is not MISSING
        )

    def _drop_hidden(
        self, node: Mapping[str, Any], new_node: dict[str, Any], pointer: str
    ) -> dict[str, Any]:
        """Remove properties excluded in this direction from `required` and from validation."""
        required = node.get("required")
        if is_array(required) and required:
            hidden = {name for name in required if self._is_hidden_name(node, pointer, name)}
            if hidden:
                visible = [name for name in required if name not in hidden]
                new_node = {**new_node, "required": visible}
        properties = node.get("properties")
        if self._keyword == "readOnly" and is_object(properties):
            hidden = {
                name
                for name, schema in properties.items()
                if is_hidden(self._document, schema, self._keyword)
            }
            if hidden:
                free = dict.fromkeys(hidden, True)
                new_node = {**new_node, "properties": {**new_node["properties"], **free}}
        return new_node

    def _is_hidden_name(self, node: Mapping[str, Any], pointer: str, name: Any) -> bool:
        holders = [node]
        parent_pointer, separator, _ = pointer.rpartition("/allOf/")
        if separator:
            parent = json_pointer.follow(self._document, parent_pointer)
            holders += [parent] if is_object(parent) else []
        return any(
            is_hidden(self._document, schema, self._keyword)
            for holder in holders
            for schema in self._list_properties(holder, name)
        )

    def _list_properties(self, schema: Any, name: Any, depth: int = 0) -> Iterator[Any]:
        """Yield the schemas of a property, in the schema and in all parts of `allOf`."""
        if not is_object(schema) or depth > _DEEPEST:
            return
        properties = schema.get("properties")
        if is_object(properties) and name in properties:
            yield properties[name]
        if isinstance(schema.get("$ref"), str):
            reference = json_pointer.parse_reference(schema["$ref"])
            target = json_pointer.follow(self._document, reference)
            yield from self._list_properties(target, name, depth + 1)
        parts = schema.get("allOf")
        for part in parts if is_array(parts) else ():
            yield from self._list_properties(part, name, depth + 1)


def _drop_duplicates(schema: dict[str, Any]) -> dict[str, Any]:
    """Remove duplicate alternatives of `oneOf`, since both would always match."""
    seen: set[str] = set()
    branches: list[Any] = []
    for branch in schema["oneOf"]:
        without_prose = (
            {k: v for k, v in branch.items() if k not in _PROSE} if is_object(branch) else branch
        )
        key = json.dumps(without_prose, sort_keys=True, default=str)
        branches.append(False if key in seen else branch)
        seen.add(key)
    return {**schema, "oneOf": branches} if False in branches else schema


def _select(schema: dict[str, Any], by: Discriminator) -> dict[str, Any]:
    """Let a known tag select the branch; without one, `oneOf` applies as written."""
    new_schema = {key: value for key, value in schema.items() if key != by.keyword}
    branches: list[Any] = schema[by.keyword]
    known_tags = [tag for tags in by.tags for tag in tags]
    conditions = [
        {"if": {"properties": {by.property: {"enum": list(tags)}}}, "then": branch}
        if tags
        else True
        for branch, tags in zip(branches, by.tags, strict=True)
    ]
    selecting = {
        "if": {
            "type": "object",
            "required": [by.property],
            "properties": {by.property: {"enum": known_tags}},
        },
        "then": {"allOf": conditions},
        "else": {by.keyword: branches},
    }
    parts = new_schema.get("allOf")
    new_schema["allOf"] = [*(parts if is_array(parts) else ()), selecting]
    return new_schema
