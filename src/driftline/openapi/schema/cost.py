"""The minimum cost of a value of a schema: to make, and to validate.

A document may require a string of two billion characters, an infinite value, or one that takes
millions of steps to validate. That is computed from the schema alone, before any value is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import attrs

from driftline.openapi.model import Spec
from driftline.openapi.pointer import is_array, is_object, join, parse_reference
from driftline.openapi.schema.impossible import Conflict, find_conflict
from driftline.openapi.schema.repetition import get_repetitions, list_judges

MOST_SIZE = 200_000
"""The largest value that is made, in characters and nodes."""
_MEMBER = 20
"""The cost of a member of an object or array, without its value."""
MOST_WORK = 20_000
"""The most schemas that one value may have to be compared with at once."""
_ENDLESS = float("inf")
_ROUNDS = 60


@attrs.frozen
class TooCostly:
    """The clause that makes a value too costly, and the reason."""

    pointer: str
    reason: str


class Costs:
    """The costs of the schemas of one spec, each computed once."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._sizes: dict[str, float] = {}
        self._works: dict[str, float] = {}
        self._conflicts: dict[str, Conflict | None] = {}
        self._problems: dict[str, TooCostly | None] = {}

    def find_problem(self, pointer: str) -> TooCostly | None:
        """Return why no value can be made for the schema, or None if one can."""
        if pointer not in self._problems:
            self._problems[pointer] = self._look_for_problem(pointer)
        return self._problems[pointer]

    def _look_for_problem(self, pointer: str) -> TooCostly | None:
        size = self.estimate_size(pointer)
        if self._spec.get_node(pointer) is False:
            return TooCostly(pointer, "the schema is `false`, which allows no value")
        conflict = self._find_inner_conflict(pointer) if size == _ENDLESS else None
        if conflict is not None:
            return TooCostly(*conflict)
        if size == _ENDLESS:
            return TooCostly(pointer, "every value of this schema contains another one of it")
        if size > MOST_SIZE:
            reason = (
                f"too costly to generate: a value has at least {size:.0f} characters and members"
            )
            return TooCostly(self._find_largest(pointer), reason)
        try:
            work = self.estimate_work(pointer)
        except RecursionError:
            work = _ENDLESS  # a chain of references too long to follow
        depth = get_repetitions(self._spec, only_required=True).find_depth(pointer)
        if work > MOST_WORK or depth is not None:
            reason = "too costly to generate: its alternatives combine to too many"
            return TooCostly(pointer, reason)
        return None

    def estimate_size(self, pointer: str) -> float:
        """Return the approximate size of the smallest value; infinite if none is valid."""
        if pointer not in self._sizes:
            self._settle(list(self._list_reachable(pointer)))
        return self._sizes[pointer]

    def list_endless_loops(self, pointers: Iterable[str]) -> Iterator[str]:
        """Yield one schema of each endless loop that is reachable from these.

        Each schema is visited once.
        """
        visited: set[str] = set()
        for start in pointers:
            path = dict[str, Iterator[str]]()
            pointer: str | None = start if start not in visited else None
            while pointer is not None:
                if pointer in path:
                    loop = list(path)[list(path).index(pointer) :]
                    yield min(loop, key=lambda member: (member.count("/"), member))
                    pointer = None
                elif pointer not in visited:
                    visited.add(pointer)
                    parts = self._list_parts(pointer)
                    path[pointer] = (p for p in parts if self.estimate_size(p) == _ENDLESS)
                    pointer = None
                else:
                    pointer = None
                while path and pointer is None:
                    pointer = next(path[next(reversed(path))], None)
                    if pointer is None:
                        path.popitem()

    def _list_reachable(self, pointer: str) -> Iterator[str]:
        """Yield the schemas that the size depends on and that have no known size."""
        seen, pending = {pointer}, [pointer]
        while pending:
            current = pending.pop(0)
            yield current
            for part in self._list_parts(current):
                if part not in seen and part not in self._sizes:
                    seen.add(part)
                    pending.append(part)

    def _settle(self, pointers: list[str]) -> None:
        """Compute sizes that depend on each other; those that do not converge are infinite."""
        self._sizes |= dict.fromkeys(pointers, _ENDLESS)
        pointers.reverse()  # dependencies come first
        for _ in range(_ROUNDS):
            has_changed = False
            for pointer in pointers:
                size = self._estimate_own_size(pointer)
                if size < self._sizes[pointer]:
                    self._sizes[pointer] = size
                    has_changed = True
            if not has_changed:
                return

    def _list_parts(self, pointer: str) -> Iterator[str]:
        schema = self._spec.get_node(pointer)
        if not is_object(schema) or "const" in schema or "enum" in schema:
            return
        yield from _list_applied(pointer, schema)
        for keyword in ("anyOf", "oneOf"):
            yield from _list_alternatives(pointer, schema, keyword)
        yield from (member for member, _ in _list_members(pointer, schema))

    def _estimate_own_size(self, pointer: str) -> float:
        schema = self._spec.get_node(pointer)
        if schema is False:
            return _ENDLESS
        if not is_object(schema):
            return 1
        if self._find_own_conflict(pointer) is not None:
            return _ENDLESS
        if "const" in schema:
            return len(str(schema["const"]))
        if is_array(schema.get("enum")):
            return min((len(str(value)) for value in schema["enum"]), default=_ENDLESS)
        size: float = 1 + _count(schema, "minLength")
        if not _can_be_scalar(schema):
            size += _MEMBER * _count_members(schema)
            size += sum(
                count * self._sizes[member] for member, count in _list_members(pointer, schema)
            )
        size += sum(self._sizes[part] for part in _list_applied(pointer, schema))
        for keyword in ("anyOf", "oneOf"):
            if schema.get(keyword):
                size += min(
                    self._sizes[alternative]
                    for alternative in _list_alternatives(pointer, schema, keyword)
                )
        return size

    def _find_own_conflict(self, pointer: str) -> Conflict | None:
        if pointer not in self._conflicts:
            self._conflicts[pointer] = find_conflict(self._spec, pointer)
        return self._conflicts[pointer]

    def _find_inner_conflict(self, pointer: str) -> Conflict | None:
        """Return two clauses that exclude each other, in a schema that every value needs."""
        seen, pending = {pointer}, [pointer]
        while pending:
            current = pending.pop(0)
            conflict = self._find_own_conflict(current)
            if conflict is not None:
                return conflict
            parts = {p for p in self._list_parts(current) if self._sizes[p] == _ENDLESS} - seen
            seen |= parts
            pending += sorted(parts)
        return None

    def _find_largest(self, pointer: str) -> str:
        """Return the innermost schema that alone is too large."""
        for _ in range(_ROUNDS):
            parts = [part for part in self._list_parts(pointer) if self._sizes[part] > MOST_SIZE]
            if not parts:
                break
            pointer = parts[0]
        return pointer

    def estimate_work(self, pointer: str) -> float:
        """Return the number of schemas a value is validated against, all alternatives counted."""
        if pointer not in self._works:
            self._works[pointer] = 1  # a schema in progress is not counted again
            schema = self._spec.get_node(pointer)
            judges = list_judges(pointer, schema) if is_object(schema) else ()
            self._works[pointer] = 1 + min(sum(map(self.estimate_work, judges)), 2.0 * MOST_WORK)
        return self._works[pointer]


def _list_applied(pointer: str, schema: dict[str, Any]) -> Iterator[str]:
    """Yield the schemas that apply together with this one."""
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        yield parse_reference(reference)
    yield from _list_alternatives(pointer, schema, "allOf")


def _list_alternatives(pointer: str, schema: dict[str, Any], keyword: str) -> Iterator[str]:
    alternatives = schema.get(keyword)
    if is_array(alternatives):
        yield from (f"{pointer}/{keyword}/{index}" for index in range(len(alternatives)))


def _count_members(schema: dict[str, Any]) -> int:
    """Return how many members a value has at least, described or not."""
    required = schema.get("required")
    names = len(required) if is_array(required) else 0
    return max(names, _count(schema, "minProperties"), _count(schema, "minItems"))


def _list_members(pointer: str, schema: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield the schemas of required members, with the minimum number of each."""
    properties, required = schema.get("properties"), schema.get("required")
    if is_object(properties) and is_array(required):
        for name in required:
            if isinstance(name, str) and name in properties:
                yield pointer + join("properties", name), 1
    min_items = _count(schema, "minItems")
    first = schema.get("prefixItems")
    prefix_count = len(first) if is_array(first) else 0
    yield from (
        (f"{pointer}/prefixItems/{index}", 1) for index in range(min(prefix_count, min_items))
    )
    if min_items > prefix_count and is_object(schema.get("items")):
        yield f"{pointer}/items", min_items - prefix_count


def _can_be_scalar(schema: dict[str, Any]) -> bool:
    """Return whether a value may be null, a number or a string, and so has no members."""
    kinds = schema.get("type")
    type_names: list[Any] = kinds if is_array(kinds) else [kinds]
    return any(kind in ("null", "string", "integer", "number", "boolean") for kind in type_names)


def _count(schema: dict[str, Any], keyword: str) -> int:
    value = schema.get(keyword)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return 0
    return max(0, int(min(value, 2**53)))


@lru_cache(maxsize=64)
def get_costs(spec: Spec) -> Costs:
    """Return the shared costs of a spec's schemas."""
    return Costs(spec)
