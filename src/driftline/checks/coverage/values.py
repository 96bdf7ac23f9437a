"""The parts of a schema as a tree that counts what occurred in values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import attrs

from driftline.checks.coverage.marks import REQUEST, CoverageMark, to_json_key
from driftline.openapi import (
    EACH,
    KEYS,
    Spec,
    ValuePath,
    is_array,
    is_object,
    list_value_paths,
)

BOUNDS: Final = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
# Bounds of strings and lists that are too large for a request.
FAR: Final = 100_000
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}
_NO_MARKS: Final[Mapping[str, CoverageMark]] = MappingProxyType({})
"""Shared: there are a hundred thousand parts, and most have one or two marks."""


@attrs.define(eq=False)
class ValueCoverage:
    """One part: its marks and the parts below. `is_complete`: all of it is covered.

    `incomplete_parts` has the parts below that are not complete, after the first value.
    """

    present_mark: CoverageMark | None = None
    absent_mark: CoverageMark | None = None
    null_mark: CoverageMark | None = None
    types: Mapping[str, CoverageMark] = _NO_MARKS
    values: Mapping[str, CoverageMark] = _NO_MARKS
    bounds: Sequence[tuple[str, float, CoverageMark]] = ()
    parts: Mapping[str, ValueCoverage] = attrs.field(default=MappingProxyType({}))
    incomplete_parts: Mapping[str, ValueCoverage] | None = None
    is_complete: bool = False

    def list_marks(self) -> Iterator[CoverageMark]:
        """Return the marks here and below."""
        yield from self._list_own_marks()
        for node in self.parts.values():
            yield from node.list_marks()

    def _list_own_marks(self) -> Iterator[CoverageMark]:
        yield from filter(None, (self.present_mark, self.absent_mark, self.null_mark))
        yield from self.types.values()
        yield from self.values.values()
        yield from (mark for _, _, mark in self.bounds)

    def note(self, number: int, value: Any) -> None:
        """Record a value of this part in the message of this number."""
        if self.is_complete:
            return
        if self.null_mark:
            self.null_mark.note(number, value is None)
        if value is not None:
            for name, mark in self.types.items():
                mark.note(number, _is_of(name, value))
            key = to_json_key(value) if self.values else ""
            for documented_key, mark in self.values.items():
                mark.note(number, documented_key == key)
            for keyword, limit, mark in self.bounds:
                mark.note(number, is_at(keyword, limit, value))
            self._descend(number, value)
        self._settle()

    @property
    def _pending(self) -> Mapping[str, ValueCoverage]:
        return self.parts if self.incomplete_parts is None else self.incomplete_parts

    def _descend(self, number: int, value: Any) -> None:
        pending = self._pending
        if is_array(value) and EACH in pending:
            pending[EACH].count_values(number, value)
        elif is_object(value):
            for step, node in pending.items():
                if step == KEYS:
                    other_values = [v for key, v in value.items() if key not in self.parts]
                    node.count_values(number, other_values)
                else:
                    node.count_values(number, [value[step]] if step in value else [])
        if self.incomplete_parts is None or any(node.is_complete for node in pending.values()):
            self.incomplete_parts = {
                step: node for step, node in pending.items() if not node.is_complete
            }

    def count_values(self, number: int, values: list[Any]) -> None:
        """Record the values of this part in a value of its parent: one, many, or none."""
        if self.present_mark:
            self.present_mark.note(number, bool(values))
        if self.absent_mark:
            self.absent_mark.note(number, not values)
        for value in values:
            self.note(number, value)
        if not values:
            self._settle()

    def _settle(self) -> None:
        self.is_complete = not self._pending and all(mark.first for mark in self._list_own_marks())


def build_tree(spec: Spec, schema_pointer: str, part: str) -> ValueCoverage:
    """Return the tree of the schema at a pointer, for messages of `part`."""
    root = ValueCoverage()
    nodes_by_path: dict[tuple[str, ...], tuple[ValuePath, ValueCoverage]] = {}
    for value_path in list_value_paths(spec, schema_pointer):
        node = root if not value_path.path else ValueCoverage()
        _mark(node, value_path, part)
        if value_path.path:
            parent_path, parent = nodes_by_path[value_path.path[:-1]]
            _mark_field(node, value_path, parent_path, part)
            _add_part(parent, value_path.path[-1], node)
        nodes_by_path[value_path.path] = (value_path, node)
    return root


def _add_part(parent: ValueCoverage, step: str, node: ValueCoverage) -> None:
    if isinstance(parent.parts, dict):
        parent.parts[step] = node
    else:
        parent.parts = {step: node}


def _mark_field(
    node: ValueCoverage, value_path: ValuePath, parent_path: ValuePath, part: str
) -> None:
    step, pointer = value_path.path[-1], value_path.schemas[0][0]
    node.present_mark = CoverageMark("present", pointer, part, value_path.name)
    required = any(step in schema.get("required", []) for _, schema in parent_path.schemas)
    if step not in {EACH, KEYS} and not required:
        node.absent_mark = CoverageMark("absent", pointer, part, value_path.name)


def _mark(node: ValueCoverage, value_path: ValuePath, part: str) -> None:
    pointer, name = value_path.schemas[0][0], value_path.name
    types = sorted(value_path.types - {"null"})
    if "null" in value_path.types and types:
        node.null_mark = CoverageMark("null", pointer, part, name)
    if len(types) > 1:
        node.types = {
            type_name: CoverageMark("type", pointer, part, name, type_name) for type_name in types
        }
    values = dict[str, CoverageMark]()
    bounds = list[tuple[str, float, CoverageMark]]()
    for schema_pointer, schema in value_path.schemas:
        for value in [*schema.get("enum", []), *([schema["const"]] if "const" in schema else [])]:
            key = to_json_key(value)
            if value is not None:
                values.setdefault(key, CoverageMark("value", schema_pointer, part, name, key))
        for keyword in BOUNDS if part == REQUEST else ():
            limit = schema.get(keyword)
            is_small = keyword in {"minimum", "maximum"} or (limit or 0) <= FAR
            if isinstance(limit, int | float) and is_small:
                mark = CoverageMark(
                    "bound", f"{schema_pointer}/{keyword}", part, name, f"{keyword} {limit}"
                )
                bounds.append((keyword, limit, mark))
    node.values = values or _NO_MARKS
    node.bounds = tuple(bounds)


def _is_of(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES.get(name, ()))


def is_at(keyword: str, limit: float, value: Any) -> bool:
    """Return whether a value is at the bound."""
    if keyword in {"minimum", "maximum"}:
        return isinstance(value, int | float) and value == limit
    is_sized = isinstance(value, str) if keyword.endswith("Length") else isinstance(value, list)
    return is_sized and len(value) == limit
