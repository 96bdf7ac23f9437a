"""Rewrites schemas as OpenAPI applies them in plain JSON Schema for a validator.

OpenAPI gives two keywords a meaning that a validator does not know: `readOnly` and `writeOnly`
change what is required in each direction, and `discriminator` selects a branch. Many documents
write `oneOf` for `anyOf`: several alternatives may match, unless the schema is to be strict.
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
_NEGATED = frozenset({"not", "if"})
"""Below these, a schema that allows more would make another one reject more."""
_REWRITTEN = re.compile(
    r"/allOf/\d+/then/allOf/(?P<branch>\d+)/then|/allOf/\d+(?:/else)?/(?:anyOf|oneOf)|/anyOf"
)


def find_hidden_keyword(direction: Direction | None) -> str:
    """Return the keyword of properties excluded in a direction; "" if there are none."""
    return _HIDING.get(direction, "")


def apply(
    document: Any, pointer: str, direction: Direction | None, *, is_strict: bool = False
) -> Any:
    """Return the schema at `pointer` as it applies in a direction; unchanged parts are shared.

    A strict schema allows only values that match exactly one alternative of each `oneOf`.
    """
    applying = _Applying(document, find_hidden_keyword(direction), is_strict=is_strict)
    return applying.apply_to(json_pointer.follow(document, pointer), pointer)


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
    if json_pointer.follow(document, clause) is not MISSING:
        return clause
    source_clause = _trace(document, clause)
    return clause if source_clause is None else source_clause


def _trace(node: Any, clause: str) -> str | None:
    """Return the clause of a node that a clause of the rewritten node stands for, if any does."""
    if not clause:
        return ""
    token = clause[: clause.find("/", 1)] if "/" in clause[1:] else clause
    steps = [(token, len(token))]
    rewritten = _REWRITTEN.match(clause)
    if rewritten is not None:
        branch = "" if rewritten["branch"] is None else f"/{rewritten['branch']}"
        steps += [(f"/{keyword}{branch}", rewritten.end()) for keyword in ("oneOf", "anyOf")]
    for step, length in steps:
        child = json_pointer.follow(node, step)
        rest = None if child is MISSING else _trace(child, clause[length:])
        if rest is not None:
            return step + rest
    return None


def find_applied_pointer(schema: Any, pointer: str) -> str:
    """Return where a rewritten schema has what the document has at `pointer`.

    The inverse of `find_source_clause`; the pointer itself if the schema has no such part.
    """
    node, applied_pointer = schema, ""
    for token in json_pointer.split(pointer):
        step = json_pointer.join(token)
        if json_pointer.follow(node, step) is MISSING:
            steps = _list_steps(node) if token in {"oneOf", "anyOf"} else []
            step = next((s for s in steps if json_pointer.follow(node, s) is not MISSING), step)
        node = json_pointer.follow(node, step)
        applied_pointer += step
    return pointer if node is MISSING else applied_pointer


def _list_steps(schema: Any) -> list[str]:
    """Return where alternatives may be in a rewritten schema."""
    parts = schema.get("allOf") if is_object(schema) else None
    last = f"/allOf/{len(parts) - 1 if is_array(parts) else 0}"
    return ["/anyOf", f"{last}/else/anyOf", f"{last}/else/oneOf", f"{last}/anyOf"]


class _Applying:
    """Rewrites one schema; parts that need no change are returned as they are."""

    def __init__(self, document: Any, keyword: str, *, is_strict: bool) -> None:
        self._document = document
        self._keyword = keyword
        self._is_strict = is_strict

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
        if self._keyword:
            new_node = self._drop_hidden(node, new_node, pointer)
        selecting = find_discriminator(self._document, node)
        if selecting is None:
            return self._loosen(new_node, pointer)
        otherwise = {selecting.keyword: new_node[selecting.keyword]}
        return _select(new_node, selecting, self._loosen(otherwise, pointer))

    def _loosen(self, schema: dict[str, Any], pointer: str) -> dict[str, Any]:
        """Let several alternatives of `oneOf` match, or in a strict schema only duplicate ones."""
        branches = schema.get("oneOf")
        if not is_array(branches):
            return schema
        if self._is_strict or not _NEGATED.isdisjoint(json_pointer.split(pointer)):
            return _drop_duplicates(schema)
        if "anyOf" not in schema:
            return {"anyOf" if key == "oneOf" else key: value for key, value in schema.items()}
        parts = schema.get("allOf")
        new_schema = {key: value for key, value in schema.items() if key != "oneOf"}
        new_schema["allOf"] = [*(parts if is_array(parts) else ()), {"anyOf": branches}]
        return new_schema

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


def _select(schema: dict[str, Any], by: Discriminator, otherwise: Any) -> dict[str, Any]:
    """Let a known tag select the branch; without one, `otherwise` applies."""
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
        "else": otherwise,
    }
    parts = new_schema.get("allOf")
    new_schema["allOf"] = [*(parts if is_array(parts) else ()), selecting]
    return new_schema
