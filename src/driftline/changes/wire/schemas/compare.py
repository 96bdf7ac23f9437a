"""Compares schemas recursively. Each pair is compared once, however often it is used.

Pairs of schemas are the nodes of a graph, which a recursive schema makes a cycle in. Each is
compared by itself; what an operation sees is what can be reached from its parameters and bodies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import attrs

from driftline.changes.rules import RULES
from driftline.changes.wire.schemas.alternatives import compare_alternatives
from driftline.changes.wire.schemas.applied import compare_applied
from driftline.changes.wire.schemas.bounds import compare_bounds
from driftline.changes.wire.schemas.fields import compare_fields
from driftline.changes.wire.schemas.pair import Found, Pair, SchemaDifference
from driftline.changes.wire.schemas.values import compare_types, compare_values
from driftline.changes.wire.schemas.views import Schema, SchemaViews
from driftline.changes.wire.source.document import Document, Node
from driftline.changes.wire.uses import Graph, Use, Vertex
from driftline.openapi import is_object, pointer as json_pointer
from driftline.printable import make_printable
from driftline.rules import Direction

MOST: Final = 50_000
"""The maximum number of compared pairs of schemas: nested choices may be endless otherwise."""
_DEEPEST: Final = 8
"""The maximum depth at which a choice is tried as a part of another one."""
Key = tuple[Any, ...]


@attrs.define(eq=False)
class _PairPosition:
    """The comparison of one pair: its own differences, and the steps to further pairs."""

    direction: Direction
    notes: list[SchemaDifference] = attrs.field(factory=list[SchemaDifference])
    edges: list[tuple[str, _PairPosition]] = attrs.field(factory=list["tuple[str, _PairPosition]"])


@attrs.frozen(eq=False)
class _PendingPair:
    """A pair of schemas to compare, and the position at which its differences are stored."""

    old: Schema
    new: Schema
    is_text: bool
    position: _PairPosition


class SchemaPairs:
    """The schemas of two documents beside each other."""

    def __init__(self, old: Document, new: Document) -> None:
        self.new = new
        self.views = SchemaViews(old), SchemaViews(new)
        self.equality = SchemaEquality(old, new)
        self._positions: dict[Key, _PairPosition] = {}
        self._root_uses: dict[_PairPosition, list[Use]] = {}
        self._depth = 0

    def compare(
        self,
        schemas: tuple[Schema, Schema],
        use: Use,
        direction: Direction,
        *,
        is_text: bool = False,
    ) -> None:
        """Compare two schemas of this use, and those that they refer to.

        Raises:
            SpecError: a schema cannot be read.
        """
        printable_use = Use(make_printable(use.operation), make_printable(use.where))
        position = self._compare_pair(*schemas, direction, is_text)
        self._root_uses.setdefault(position, []).append(printable_use)

    def _compare_pair(
        self, old: Schema, new: Schema, direction: Direction, is_text: bool
    ) -> _PairPosition:
        """Return the position of a pair, after it and all pairs below it were compared."""
        pending: list[_PendingPair] = []
        root = self._open_position(old, new, direction, is_text, pending)
        while pending:
            pending_pair = pending.pop()
            if not self._is_same(pending_pair.old, pending_pair.new):
                views = self.views[0].build(pending_pair.old), self.views[1].build(pending_pair.new)
                for finding in self._compare(
                    Pair(
                        pending_pair.old, pending_pair.new, *views, direction, pending_pair.is_text
                    )
                ):
                    if isinstance(finding, SchemaDifference):
                        pending_pair.position.notes.append(finding)
                    else:
                        child = self._open_position(
                            finding.old, finding.new, direction, is_text, pending
                        )
                        pending_pair.position.edges.append((finding.step, child))
        return root

    def _open_position(
        self,
        old: Schema,
        new: Schema,
        direction: Direction,
        is_text: bool,
        pending: list[_PendingPair],
    ) -> _PairPosition:
        key = (old.key, new.key, direction, is_text)
        if key not in self._positions:
            if len(self._positions) >= MOST:
                message = "these schemas have too many combinations"
                raise self.new.build_error("/components/schemas", message, "Nest fewer choices.")
            self._positions[key] = _PairPosition(direction)
            pending.append(_PendingPair(old, new, is_text, self._positions[key]))
        return self._positions[key]

    def _breaks(self, old: Schema, new: Schema, direction: Direction, is_text: bool) -> bool:
        """Return whether the change between two schemas breaks clients; True if unclear."""
        if self._depth >= _DEEPEST or len(self._positions) > MOST // 2:
            return True
        self._depth += 1
        try:
            return any(
                map(_is_breaking, _list_below(self._compare_pair(old, new, direction, is_text)))
            )
        finally:
            self._depth -= 1

    def _is_same(self, old: Schema, new: Schema) -> bool:
        """Return whether two schemas are equal, without reading their contents."""
        if (old.excluded_choices, old.compared_type, old.is_null_ignored) != (
            new.excluded_choices,
            new.compared_type,
            new.is_null_ignored,
        ):
            return False
        if len(old.parts) != len(new.parts) or old.excluded_choices:
            return False
        return all(map(self.equality.is_same, old.parts, new.parts))

    def _compare(self, pair: Pair) -> Iterator[Found]:
        old, new = pair.old, pair.new
        if old.is_impossible or new.is_impossible:
            if old.is_impossible != new.is_impossible:
                message = (
                    "no value is allowed any longer"
                    if new.is_impossible
                    else "values are now allowed"
                )
                yield pair.note("rule.added" if new.is_impossible else "rule.removed", message)
            return
        if old.is_any != new.is_any:
            if new.is_any:
                yield pair.note("rule.removed", "any value is now allowed")
            else:
                yield pair.note("rule.added", "a constraint was added where any value was allowed")
            return
        if old.choices or new.choices:
            yield from compare_alternatives(pair, self.views, self._breaks)
            return
        notes, stop = compare_types(pair)
        yield from notes
        if not stop:
            yield from compare_values(pair)
            yield from compare_bounds(pair)
            yield from compare_fields(pair, self.views)
            yield from compare_applied(pair)

    def list_notes(self) -> Iterator[tuple[Direction, SchemaDifference, Vertex]]:
        """Yield every difference of a pair of schemas that is used, and that pair."""
        used_positions = set(_list_below(*self._root_uses))
        for position in self._positions.values():
            if position in used_positions:
                for note in position.notes:
                    yield position.direction, note, position

    def build_graph(self) -> Graph:
        """Return the graph from messages to the pairs that differ."""
        parents: dict[Vertex, list[tuple[str, Vertex]]] = {}
        for position in self._positions.values():
            for step, child in position.edges:
                parents.setdefault(child, []).append((step, position))
        roots: dict[Vertex, Sequence[Use]] = dict(self._root_uses.items())
        return Graph(roots, parents)


def _list_below(*positions: _PairPosition) -> Iterator[_PairPosition]:
    """Yield the positions and all that are reachable from them, each once."""
    pending, seen = list(positions), set(positions)
    while pending:
        position = pending.pop()
        yield position
        for _, child in position.edges:
            if child not in seen:
                seen.add(child)
                pending.append(child)


def _is_breaking(position: _PairPosition) -> bool:
    """Return whether a pair breaks. One that is still compared, of recursive schemas, does not:
    what breaks in it is reported there."""
    names = (f"{position.direction}.{note.kind}" for note in position.notes)
    return any(RULES[name].severity == "breaking" for name in names)


def _encode_missing(_: object) -> dict[str, str]:
    return {"": "missing"}


_ENCODER: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_encode_missing)
_REFERENCE: Final = re.compile(r'"\$ref": "((?:[^"\\]|\\.)*)"')


class SchemaEquality:
    """The equal schemas of two documents; different ones never count as equal."""

    def __init__(self, old: Document, new: Document) -> None:
        self._changed_pointers = frozenset[str]()
        self.comparable = _collect_context(old) == _collect_context(new)
        if self.comparable:
            self._changed_pointers = _list_changed(old, new)

    def is_same(self, old: Node, new: Node) -> bool:
        """Return whether both nodes, and those that they refer to, are the same."""
        if not self.comparable:
            return False
        serialized = _dump(old.value)
        return serialized == _dump(new.value) and self._changed_pointers.isdisjoint(
            _list_references(serialized)
        )


def _collect_context(document: Document) -> tuple[Any, ...]:
    """Return what parts of a document depend on without referring to it."""
    components = document.data.get("components")
    schemas = components.get("schemas") if is_object(components) else None
    schemes = components.get("securitySchemes") if is_object(components) else None
    names = sorted(schemas) if is_object(schemas) else None
    return (
        names,
        _dump(schemes),
        *map(document.data.get, ("servers", "security")),
    )


def _list_changed(old: Document, new: Document) -> frozenset[str]:
    """Return the references whose targets differ, directly or indirectly."""
    pending = list(_list_references(_dump(old.data)))
    seen = set(pending)
    users: dict[str, list[str]] = {}
    changed_references: list[str] = []
    while pending:
        reference = pending.pop()
        target = json_pointer.parse_reference(reference)
        serialized = [_dump(json_pointer.follow(document.data, target)) for document in (old, new)]
        if serialized[0] != serialized[1] or not reference.startswith("#"):
            changed_references.append(reference)
        for inner in _list_references(serialized[0]):
            users.setdefault(inner, []).append(reference)
            if inner not in seen:
                seen.add(inner)
                pending.append(inner)
    affected = set(changed_references)
    while changed_references:
        for user in users.get(changed_references.pop(), ()):
            if user not in affected:
                affected.add(user)
                changed_references.append(user)
    return frozenset(affected)


def _dump(value: Any) -> str:
    """Return the value as JSON, in which 1 is not true and the order of keys is nothing."""
    return _ENCODER.encode(value)


def _list_references(serialized: str) -> Iterable[str]:
    return (
        json.loads(f'"{reference}"') if "\\" in reference else reference
        for reference in _REFERENCE.findall(serialized)
    )
