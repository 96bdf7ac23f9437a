"""The parts of a value that a schema describes, and how to change them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, Final

import attrs

from driftline.openapi.model import Spec
from driftline.openapi.pointer import MISSING, is_array, is_object, join
from driftline.openapi.schema.validation import is_valid
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

    `is_uncertain`: some of the schemas are alternatives, so that violating one need not be an
    error, or is reported as a violation of the choice.
    """

    path: Path
    schemas: tuple[Located, ...]
    is_uncertain: bool

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
        kinds: set[str] = set()
        for _, schema in self.schemas:
            kind = schema.get("type")
            kinds |= set(kind) if is_array(kind) else {kind} if isinstance(kind, str) else set()
        return frozenset(kinds)


def format_path(path: Path) -> str:
    """Return a path as findings write it, without the keys of maps."""
    return "".join(step if step == EACH else f".{step}" for step in path).removeprefix(".")


@attrs.define
class _PathNode:
    """A part of a value, and the parts below it, which are computed on demand."""

    value_path: ValuePath
    ancestors: frozenset[str]
    children: list[_PathNode] = attrs.field(factory=list["_PathNode"])

    def list_places(self) -> Iterator[ValuePath]:
        """Yield this part and those below it, in document order."""
        yield self.value_path
        for node in self.children:
            yield from node.list_places()


_MOST_KEPT: Final = 60_000
"""How many paths of a spec are kept; each takes half a kilobyte."""


def list_value_paths(spec: Spec, schema_pointer: str) -> tuple[ValuePath, ...]:
    """Return every part of a value of the schema: itself, properties, items and values of maps.

    If there are more than `MOST_PATHS`, or paths deeper than `_DEEPEST`, only the outer ones, to
    the depth where they are few and short enough.
    """
    known_paths = _get_known_paths(spec)
    paths = known_paths.by_schema.get(schema_pointer)
    if paths is None:
        paths = _find_value_paths(spec, schema_pointer)
        known_paths.keep(schema_pointer, paths)
    return paths


@attrs.define(eq=False)
class _KnownPaths:
    """The paths of one spec that were needed last: operations share most schemas."""

    by_schema: dict[str, tuple[ValuePath, ...]] = attrs.field(
        factory=dict[str, tuple[ValuePath, ...]]
    )
    count: int = 0

    def keep(self, schema_pointer: str, paths: tuple[ValuePath, ...]) -> None:
        if self.count + len(paths) > _MOST_KEPT:
            self.by_schema, self.count = {}, 0
        self.by_schema[schema_pointer] = paths
        self.count += 1 + len(paths)


@lru_cache(maxsize=8)
def _get_known_paths(spec: Spec) -> _KnownPaths:
    return _KnownPaths()


def _find_value_paths(spec: Spec, schema_pointer: str) -> tuple[ValuePath, ...]:
    root = _build_node(spec, (), (schema_pointer,), frozenset()) if schema_pointer else None
    if root is None:
        return ()
    root.children = list(islice(_list_below(spec, root), MOST_PATHS))
    level, budget = root.children, MOST_PATHS - 1 - len(root.children)
    while level and len(level[0].value_path.path) < _DEEPEST:
        all_pairs = ((node, child_node) for node in level for child_node in _list_below(spec, node))
        pairs = list(islice(all_pairs, max(budget, 0) + 1))
        budget -= len(pairs)
        if budget < 0:
            break
        for node, child in pairs:
            node.children.append(child)
        level = [child_node for _, child_node in pairs]
    return tuple(root.list_places())


def _list_below(spec: Spec, node: _PathNode) -> Iterator[_PathNode]:
    value_path = node.value_path
    for step, pointers in _collect_steps(dict(value_path.schemas)).items():
        child = _build_node(spec, (*value_path.path, step), tuple(pointers), node.ancestors)
        if child is not None:
            yield child


def _build_node(
    spec: Spec, path: Path, pointers: tuple[str, ...], ancestors: frozenset[str]
) -> _PathNode | None:
    located = {p: s for pointer in pointers for p, s in list_branches(spec, pointer)}
    # A mere reference says nothing itself; a recursive schema is visited once.
    own_pointers = frozenset(p for p, s in located.items() if set(s) - {"$ref"})
    if not own_pointers or own_pointers <= ancestors:
        return None
    uncertain = any(_is_choice(schema) for schema in located.values())
    return _PathNode(ValuePath(path, tuple(located.items()), uncertain), ancestors | own_pointers)


def _is_choice(schema: dict[str, Any]) -> bool:
    return any(keyword in schema for keyword in ("anyOf", "oneOf", "if"))


def _collect_steps(located: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """Return the schemas of the parts one level below, by step."""
    steps: dict[str, list[str]] = {}
    for pointer, schema in located.items():
        for name in schema.get("properties", {}):
            steps.setdefault(name, []).append(pointer + join("properties", name))
        for keyword, step in (("items", EACH), ("additionalProperties", KEYS)):
            if is_object(schema.get(keyword)):
                steps.setdefault(step, []).append(f"{pointer}/{keyword}")
    return steps


def change_value(value: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    """Return a copy of `value` with `change` applied to every part at `path`.

    If `change` returns `REMOVED`, the part is removed.
    """
    if not path:
        return change(value)
    step, rest = path[0], path[1:]
    if is_object(value):
        if step == KEYS:
            new_value = {key: change_value(inner, rest, change) for key, inner in value.items()}
        elif step in value:
            new_value = {**value, step: change_value(value[step], rest, change)}
        else:
            return value
        return {key: inner for key, inner in new_value.items() if inner is not REMOVED}
    if is_array(value) and step == EACH:
        new_items = [change_value(inner, rest, change) for inner in value]
        return [inner for inner in new_items if inner is not REMOVED]
    return value


@lru_cache(maxsize=256)
def list_defaults(spec: Spec, schema_pointer: str) -> dict[str, tuple[str, Any]]:
    """Return the default of each body field that clients set, with its location."""
    defaults: dict[str, tuple[str, Any]] = {}
    for value_path in list_value_paths(spec, schema_pointer):
        if len(value_path.path) != 1 or value_path.is_read_only:
            continue
        for pointer, schema in value_path.schemas:
            default = schema.get("default", MISSING)
            if default is not MISSING and is_valid(spec, pointer, default, "request"):
                defaults.setdefault(value_path.path[0], (f"{pointer}/default", default))
    return defaults
