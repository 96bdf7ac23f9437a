"""The combination of all schemas of one value: the strictest bounds, and the schemas of members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs

from driftline.openapi import is_array, is_object, join, matches_pattern

MAX_DEPTH = 5
"""At a greater depth, values have only their required parts."""
ROOM = 2000.0
"""With more values than this, a value has only its required parts."""


@attrs.frozen
class ValueContext:
    """The field that a value is for, its depth, and its approximate maximum number of values.

    `is_lean`: optional parts are omitted.
    """

    name: str
    depth: int = 0
    budget: float = ROOM
    is_lean: bool = False

    def enter(self, name: str, count: int) -> ValueContext:
        """Return the context of one of this many members."""
        depth, room = self.depth + 1, (self.budget - count) / max(1, count)
        return ValueContext(name, depth, room, self.is_lean or depth > MAX_DEPTH or room < 1)


class Unfakeable(Exception):
    """No value can be made for a schema: the clause, and the reason."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(reason)
        self.pointer = pointer
        self.reason = reason


TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
Places = tuple[str, ...]
Located = tuple[str, dict[str, Any]]
Tags = tuple[tuple[str, tuple[str, ...]], ...]
"""By property, the values of which it must have one, since they select a branch."""


@attrs.frozen
class Option:
    """The schema that is added if an alternative is chosen."""

    schemas: Places
    tags: Tags = ()


@attrs.frozen
class Choice:
    """Alternatives to choose from; `key` is their location."""

    key: str
    keyword: str
    options: tuple[Option, ...]


@attrs.frozen(eq=False, slots=False)
class MergedSchema:
    """The combination of all schemas of one value."""

    key: str
    nodes: tuple[tuple[str, dict[str, Any]], ...]
    tags: Tags
    choices: tuple[Choice, ...]
    types: frozenset[str]
    values: tuple[Any, ...] | None
    excluded: tuple[Any, ...]
    is_closed: bool
    """Whether one of the schemas is `false`: nothing satisfies it."""
    own_tags: Tags = ()
    """The tags that discriminators elsewhere have for these schemas; clients expect no others."""

    @cached_property
    def is_impossible(self) -> bool:
        """Whether types and values exclude every value."""
        return self.is_closed or not self.types or self.values == ()

    @cached_property
    def _values_by_keyword(self) -> Mapping[str, list[Any]]:
        values_by_keyword: dict[str, list[Any]] = {}
        for _, node in self.nodes:
            for keyword, value in node.items():
                values_by_keyword.setdefault(keyword, []).append(value)
        return values_by_keyword

    def list_values(self, keyword: str) -> Sequence[Any]:
        """Return the values of a keyword in all schemas."""
        return self._values_by_keyword.get(keyword, ())

    def find_first(self, keyword: str) -> Any:
        """Return the value of a keyword in the first schema that has it, or None."""
        return next(iter(self.list_values(keyword)), None)

    def list_numbers(self, keyword: str) -> list[float]:
        """Return the numbers of a keyword."""
        return [
            value
            for value in self.list_values(keyword)
            if isinstance(value, (int, float)) and not isinstance(value, bool)
        ]

    def find_least(self, keyword: str) -> int:
        """Return the strictest lower bound of a count."""
        return int(max([0, *self.list_numbers(keyword)]))

    def find_most(self, keyword: str) -> int | None:
        """Return the strictest upper bound of a count, or None."""
        bounds = self.list_numbers(keyword)
        return int(min(bounds)) if bounds else None

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The names of required members."""
        names = (
            name
            for required_names in self.list_values("required")
            if is_array(required_names)
            for name in required_names
        )
        tagged = (name for name, _ in self.tags)
        return tuple(dict.fromkeys([*(n for n in names if isinstance(n, str)), *tagged]))

    @cached_property
    def forbidden(self) -> frozenset[str]:
        """The names of members that `not: {required: [name]}` forbids."""
        forbidden_names: set[str] = set()
        for clause in self.list_values("not"):
            rules: list[Any] = [clause]
            if is_object(clause) and is_array(clause.get("anyOf")):
                rules = clause["anyOf"]
            for rule in rules:
                names = rule.get("required") if is_object(rule) else None
                if is_array(names) and len(names) == 1 and set(rule) <= {"required", "type"}:
                    forbidden_names.add(str(names[0]))
        return frozenset(forbidden_names)

    @cached_property
    def properties(self) -> Mapping[str, Places]:
        """The schemas of documented members by name, in document order."""
        names: dict[str, None] = {}
        for _, node in self.nodes:
            if is_object(node.get("properties")):
                names |= dict.fromkeys(node["properties"])
        return {name: self.find_member(name) for name in names}

    def find_member(self, name: str) -> Places:
        """Return the schemas of a member, documented by name or not."""
        pointers: list[str] = []
        for pointer, node in self.nodes:
            properties = node.get("properties")
            is_documented = is_object(properties) and name in properties
            if is_documented:
                pointers.append(pointer + join("properties", name))
            patterns = node.get("patternProperties")
            for pattern in patterns if is_object(patterns) else ():
                if matches_pattern(pattern, name):
                    pointers.append(pointer + join("patternProperties", pattern))
                    is_documented = True
            if not is_documented and "additionalProperties" in node:
                pointers.append(f"{pointer}/additionalProperties")
        if not pointers:
            pointers += [
                f"{pointer}/unevaluatedProperties"
                for pointer, node in self.nodes
                if "unevaluatedProperties" in node
            ]
        return tuple(pointers)

    @cached_property
    def additional(self) -> Places:
        """The schemas of additional members."""
        return tuple(
            f"{pointer}/{keyword}"
            for pointer, node in self.nodes
            for keyword in ("additionalProperties", "unevaluatedProperties")
            if keyword in node
        )

    def find_item(self, position: int) -> Places:
        """Return the schemas of the item at a position of an array."""
        pointers: list[str] = []
        for pointer, node in self.nodes:
            first = node.get("prefixItems")
            if is_array(first) and position < len(first):
                pointers.append(f"{pointer}/prefixItems/{position}")
            elif "items" in node:
                pointers.append(f"{pointer}/items")
            elif is_array(first) and "unevaluatedItems" in node:
                pointers.append(f"{pointer}/unevaluatedItems")
        return tuple(pointers)

    @cached_property
    def prefix(self) -> int:
        """The number of items with schemas of their own."""
        return max(
            [0, *(len(items) for items in self.list_values("prefixItems") if is_array(items))]
        )
