"""The parts of a value that a schema describes, and how to change them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, Final

import attrs

from driftline.openapi.model import Spec
from driftline.openapi.pointer import MISSING, is_array, is_object, join
from driftline.openapi.schema.validation import list_violations
from driftline.openapi.schema.walk import list_branches

EACH: Final = "[]"
"""The step of a path into every item of an array."""

KEYS: Final = "{}"
"""The step into every value of a map."""

MOST_PATHS: Final = 1000
_DEEPEST: Final = 25
"""A large document has chains of thousands of schemas, whose paths would fill the memory."""

REMOVED: Final = object()
"""The return value of a change that removes the value."""

Path = tuple[str, ...]
Located = tuple[str, dict[str, Any]]


@attrs.frozen
class ValuePath:
    """A part of a value: its path, and every schema that applies to it, each with its pointer.

    `uncertain`: some of the schemas are alternatives, so that violating one need not be an error,
    or is reported as a violation of the choice.
    """

    path: Path
    schemas: tuple[Located, ...]
    uncertain: bool

    @property
    def name(self) -> str:
        """The path as findings write it: `data[].agents[].id`."""
        return format_path(self.path)

    @property
    def clauses(self) -> frozenset[str]:
        """The pointer of every schema of this part, and of every keyword in one."""
        return frozenset(
            pointer + suffix
            for pointer, schema in self.schemas
            for suffix in ("", *(join(keyword) for keyword in schema))
        )

    @property
    def is_read_only(self) -> bool:
        """Whether the part only occurs in responses."""
        return any(schema.get("readOnly") is True for _, schema in self.schemas)

    @property
    def types(self) -> frozenset[str]:
        """The JSON types of this part; empty if a schema does not restrict them."""
        found: set[str] = set()
        for _, schema in self.schemas:
            kind = schema.get("type")
            found |= set(kind) if is_array(kind) else {kind} if isinstance(kind, str) else set()
        return frozenset(found)


def format_path(path: Path) -> str:
    """Return a path as findings write it, without the keys of maps."""
    return "".join(step if step == EACH else f".{step}" for step in path).removeprefix(".")


@attrs.define
class _PathNode:
    """A part of a value, and the parts below it once they are looked for."""

    place: ValuePath
    above: frozenset[str]
    below: list[_PathNode] = attrs.field(factory=list["_PathNode"])

    def list_places(self) -> Iterator[ValuePath]:
        """Yield this part and those below it, in document order."""
        yield self.place
        for node in self.below:
            yield from node.list_places()


@lru_cache(maxsize=256)
def list_value_paths(spec: Spec, schema_pointer: str) -> tuple[ValuePath, ...]:
    """Return every part of a value of the schema: itself, properties, items and values of maps.

    If there are more than `MOST_PATHS`, or paths deeper than `_DEEPEST`, only the outer ones, to
    the depth where they are few and short enough.
    """
    root = _build_node(spec, (), (schema_pointer,), frozenset()) if schema_pointer else None
    if root is None:
        return ()
    root.below = list(islice(_list_below(spec, root), MOST_PATHS))
    level, room = root.below, MOST_PATHS - 1 - len(root.below)
    while level and len(level[0].place.path) < _DEEPEST:
        found = ((node, below) for node in level for below in _list_below(spec, node))
        pairs = list(islice(found, max(room, 0) + 1))
        room -= len(pairs)
        if room < 0:
            break
        for node, below in pairs:
            node.below.append(below)
        level = [below for _, below in pairs]
    return tuple(root.list_places())


def _list_below(spec: Spec, node: _PathNode) -> Iterator[_PathNode]:
    place = node.place
    for step, pointers in _collect_steps(dict(place.schemas)).items():
        below = _build_node(spec, (*place.path, step), tuple(pointers), node.above)
        if below is not None:
            yield below


def _build_node(
    spec: Spec, path: Path, pointers: tuple[str, ...], above: frozenset[str]
) -> _PathNode | None:
    located = {p: s for pointer in pointers for p, s in list_branches(spec, pointer)}
    # A mere reference says nothing itself; a recursive schema is visited once.
    own = frozenset(p for p, s in located.items() if set(s) - {"$ref"})
    if not own or own <= above:
        return None
    uncertain = any(_is_choice(schema) for schema in located.values())
    return _PathNode(ValuePath(path, tuple(located.items()), uncertain), above | own)


def _is_choice(schema: dict[str, Any]) -> bool:
    return any(word in schema for word in ("anyOf", "oneOf", "if"))


def _collect_steps(located: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """Return the schemas of the parts one level below, by step."""
    found: dict[str, list[str]] = {}
    for pointer, schema in located.items():
        for name in schema.get("properties", {}):
            found.setdefault(name, []).append(pointer + join("properties", name))
        for word, step in (("items", EACH), ("additionalProperties", KEYS)):
            if is_object(schema.get(word)):
                found.setdefault(step, []).append(f"{pointer}/{word}")
    return found


def change_value(value: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    """Return a copy of `value` with `change` applied to every part at `path`.

    If `change` returns `REMOVED`, the part is removed.
    """
    if not path:
        return change(value)
    step, rest = path[0], path[1:]
    if is_object(value):
        if step == KEYS:
            made = {key: change_value(inner, rest, change) for key, inner in value.items()}
        elif step in value:
            made = {**value, step: change_value(value[step], rest, change)}
        else:
            return value
        return {key: inner for key, inner in made.items() if inner is not REMOVED}
    if is_array(value) and step == EACH:
        made_items = [change_value(inner, rest, change) for inner in value]
        return [inner for inner in made_items if inner is not REMOVED]
    return value


@lru_cache(maxsize=256)
def list_defaults(spec: Spec, schema_pointer: str) -> dict[str, tuple[str, Any]]:
    """Return the default of each body field that clients set, with its location."""
    found: dict[str, tuple[str, Any]] = {}
    for place in list_value_paths(spec, schema_pointer):
        if len(place.path) != 1 or place.is_read_only:
            continue
        for pointer, each in place.schemas:
            default = each.get("default", MISSING)
            if default is not MISSING and not list_violations(spec, pointer, default, "request"):
                found.setdefault(place.path[0], (f"{pointer}/default", default))
    return found
