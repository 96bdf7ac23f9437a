"""How deep a value may be before alternatives multiply the work of its validation.

If each of three alternatives describes the member `a` by three alternatives that describe theirs,
what is ten levels down is validated 3^10 times, and validators keep each error. That is computed
from the schemas alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

from driftline.openapi.model import Spec
from driftline.openapi.pointer import is_array, is_object, join, parse_reference

_MOST_TIMES: Final = 50_000
"""How often one part of a value is validated at most; each takes up to 3 kB."""
_DEEPEST: Final = 1_000

Part = list[tuple[str, int]]
"""The schemas of one member, and how often each applies."""


class Repetitions:
    """The depths of the schemas of one spec, each computed once."""

    def __init__(self, spec: Spec, *, only_required: bool) -> None:
        self._spec = spec
        self._only_required = only_required
        self._depths: dict[str, int | None] = {}
        self._repetitions: dict[str, int] = {}
        self._parts: dict[str, list[Part]] = {}

    def is_too_deep(self, pointer: str, value: Any) -> bool:
        """Return whether the validation of a value would fill the memory."""
        depth = self.find_depth(pointer)
        level = [value]
        for _ in range(depth or 0):
            level = [part for parent in level for part in _list_values(parent)]
            if not level:
                return False
        return depth is not None

    def find_depth(self, pointer: str) -> int | None:
        """Return how deep a value of the schema may be; None if any depth is cheap."""
        if pointer not in self._depths:
            self._measure(self._list_reachable(pointer))
        return self._depths[pointer]

    def _measure(self, pointers: list[str]) -> None:
        """Find the depths of schemas, of which each is reachable from the first."""
        owners = defaultdict[str, list[str]](list)
        for pointer in pointers:
            for part in self._parts[pointer]:
                for member, _ in part:
                    owners[member].append(pointer)
        depths: dict[str, int | None] = dict.fromkeys(pointers)
        times = dict.fromkeys(pointers, 1)
        changed_pointers, depth = set(pointers), 0
        # What an earlier measure found begins to count at its depth.
        known_depths = {key: self._depths[key] or 0 for key in owners if key in self._depths}
        while (
            changed_pointers or depth <= max(known_depths.values(), default=-1)
        ) and depth < _DEEPEST:
            changed_pointers |= {key for key, limit in known_depths.items() if limit == depth}
            depth += 1
            affected = {owner for key in changed_pointers for owner in owners[key]}
            new = {key: self._count(key, times, depth) for key in affected}
            changed_pointers = {key for key, number in new.items() if number != times[key]}
            depths |= {key: depth for key in changed_pointers if new[key] == _MOST_TIMES}
            times |= new
        self._depths |= depths
        self._repetitions |= times

    def _count(self, pointer: str, times: dict[str, int], depth: int) -> int:
        """Return how often the most repeated part is validated, from the counts one level down."""

        def count(part: str) -> int:
            if part in times:
                return times[part]
            limit = self._depths[part]
            return 1 if limit is not None and depth <= limit else self._repetitions[part]

        counts = (sum(n * count(member) for member, n in part) for part in self._parts[pointer])
        return min(max(counts, default=1), _MOST_TIMES)

    def _list_reachable(self, pointer: str) -> list[str]:
        """Return the schemas of parts of a value whose depth is not known."""
        reachable, pending = {pointer: None}, [pointer]
        while pending:
            current = pending.pop()
            if current not in self._parts:
                self._parts[current] = list(self._list_parts(current))
            for member, _ in (pair for part in self._parts[current] for pair in part):
                if member not in reachable and member not in self._depths:
                    reachable[member] = None
                    pending.append(member)
        return list(reachable)

    def _list_parts(self, pointer: str) -> Iterator[Part]:
        """Yield the schemas of each member of a value of the schema."""
        members: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for branch, times in self._list_applied(pointer).items():
            schema = self._spec.get_node(branch)
            for key, part in self._list_members(branch, schema) if is_object(schema) else ():
                members[key][part] += times
        for (kind, name), schemas in members.items():
            other_members = members.get((kind, "")) if name else None
            yield list((schemas + other_members if other_members else schemas).items())

    def _list_applied(self, pointer: str) -> dict[str, int]:
        """Return the schemas that apply to the same value, and how often each does."""
        node = self._spec.get_node(pointer)
        if not is_object(node) or not any(keyword in node for keyword in _SAME):
            return {pointer: 1}
        counts = Counter[str]()
        level = Counter({pointer: 1})
        for _ in range(_DEEPEST):
            counts += level
            next_level = Counter[str]()
            for branch, times in level.items():
                schema = self._spec.get_node(branch)
                for judge in list_judges(branch, schema) if is_object(schema) else ():
                    next_level[judge] += min(times, _MOST_TIMES)
            level = next_level
            if not level:
                break
        return counts

    def _list_members(
        self, pointer: str, schema: dict[str, Any]
    ) -> Iterator[tuple[tuple[str, str], str]]:
        """Yield the schemas of members, each with its kind and name; "" is any other member."""
        properties, required = schema.get("properties"), schema.get("required")
        if is_object(properties):
            for name in properties:
                if not self._only_required or (is_array(required) and name in required):
                    yield ("object", name), pointer + join("properties", name)
        if self._only_required and not schema.get("minItems"):
            return
        first = schema.get("prefixItems")
        for index in range(min(len(first), _DEEPEST) if is_array(first) else 0):
            yield ("array", str(index)), f"{pointer}/prefixItems/{index}"
        for kind, keyword in (("array", "items"), ("array", "contains"), *_OTHERS):
            if is_object(schema.get(keyword)):
                yield (kind, ""), f"{pointer}/{keyword}"


def _list_values(value: Any) -> Iterable[Any]:
    if is_object(value):
        return value.values()
    return value if is_array(value) else ()


_SAME: Final = ("$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else")
_OTHERS: Final = (("object", "additionalProperties"), ("object", "unevaluatedProperties"))


def list_judges(pointer: str, schema: dict[str, Any]) -> Iterator[str]:
    """Yield the schemas that a value of this one is validated against, too."""
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        yield parse_reference(reference)
    for keyword in ("allOf", "anyOf", "oneOf"):
        alternatives = schema.get(keyword)
        if is_array(alternatives):
            yield from (f"{pointer}/{keyword}/{index}" for index in range(len(alternatives)))
    yield from (
        f"{pointer}/{applicator}"
        for applicator in ("not", "if", "then", "else")
        if applicator in schema
    )


@lru_cache(maxsize=64)
def get_repetitions(spec: Spec, *, only_required: bool = False) -> Repetitions:
    """Return the shared depths of a spec's schemas."""
    return Repetitions(spec, only_required=only_required)
