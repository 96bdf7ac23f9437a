"""Compares schemas through and through, each pair once, however often and wherever it is used.

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
from driftline.markup import make_printable
from driftline.openapi import is_object, pointer as json_pointer
from driftline.rules import Direction

MOST: Final = 50_000
"""The maximum number of compared pairs of schemas: nested choices may be endless otherwise."""
_DEEPEST: Final = 8
"""The maximum depth at which a choice is tried as a part of another one."""
Key = tuple[Any, ...]


@attrs.define(eq=False)
class _PairPosition:
    """One pair of schemas: what differs in themselves, and what leads on from them."""

    direction: Direction
    notes: list[SchemaDifference] = attrs.field(factory=list[SchemaDifference])
    edges: list[tuple[str, _PairPosition]] = attrs.field(factory=list["tuple[str, _PairPosition]"])


@attrs.frozen(eq=False)
class _PendingPair:
    """A pair of schemas that is to be compared, and where what differs is to be kept."""

    old: Schema
    new: Schema
    text: bool
    place: _PairPosition


class SchemaPairs:
    """The schemas of two documents beside each other."""

    def __init__(self, old: Document, new: Document) -> None:
        self.new = new
        self.views = SchemaViews(old), SchemaViews(new)
        self.same = SchemaEquality(old, new)
        self._places: dict[Key, _PairPosition] = {}
        self._roots: dict[_PairPosition, list[Use]] = {}
        self._depth = 0

    def compare(
        self, both: tuple[Schema, Schema], use: Use, direction: Direction, *, text: bool = False
    ) -> None:
        """Compare two schemas of this use, and whatever they lead to.

        Raises:
            SpecError: a schema cannot be read.
        """
        shown = Use(make_printable(use.operation), make_printable(use.where))
        place = self._compare_pair(*both, direction, text)
        self._roots.setdefault(place, []).append(shown)

    def _compare_pair(
        self, old: Schema, new: Schema, direction: Direction, text: bool
    ) -> _PairPosition:
        """Return the place of a pair, once it and whatever it leads to were compared."""
        waiting: list[_PendingPair] = []
        root = self._place(old, new, direction, text, waiting)
        while waiting:
            one = waiting.pop()
            if not self._is_same(one.old, one.new):
                views = self.views[0].build(one.old), self.views[1].build(one.new)
                for found in self._compare(Pair(one.old, one.new, *views, direction, one.text)):
                    if isinstance(found, SchemaDifference):
                        one.place.notes.append(found)
                    else:
                        below = self._place(found.old, found.new, direction, text, waiting)
                        one.place.edges.append((found.step, below))
        return root

    def _place(
        self,
        old: Schema,
        new: Schema,
        direction: Direction,
        text: bool,
        waiting: list[_PendingPair],
    ) -> _PairPosition:
        key = (old.key, new.key, direction, text)
        if key not in self._places:
            if len(self._places) >= MOST:
                what = "these schemas have too many combinations"
                raise self.new.build_error("/components/schemas", what, "Nest fewer choices.")
            self._places[key] = _PairPosition(direction)
            waiting.append(_PendingPair(old, new, text, self._places[key]))
        return self._places[key]

    def _breaks(self, old: Schema, new: Schema, direction: Direction, text: bool) -> bool:
        """Return whether going from the one schema to the other breaks.

        True where that is unclear.
        """
        if self._depth >= _DEEPEST or len(self._places) > MOST // 2:
            return True
        self._depth += 1
        try:
            return any(
                map(_is_breaking, _list_below(self._compare_pair(old, new, direction, text)))
            )
        finally:
            self._depth -= 1

    def _is_same(self, old: Schema, new: Schema) -> bool:
        """Return whether two schemas are equal, without reading their contents."""
        if (old.without, old.only, old.bare) != (new.without, new.only, new.bare):
            return False
        if len(old.parts) != len(new.parts) or old.without:
            return False
        return all(map(self.same.is_same, old.parts, new.parts))

    def _compare(self, pair: Pair) -> Iterator[Found]:
        old, new = pair.old, pair.new
        if old.never or new.never:
            if old.never != new.never:
                what = "no value is allowed any longer" if new.never else "values are now allowed"
                yield pair.note("rule.added" if new.never else "rule.removed", what)
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
        used = set(_list_below(*self._roots))
        for place in self._places.values():
            if place in used:
                for note in place.notes:
                    yield place.direction, note, place

    def build_graph(self) -> Graph:
        """Return how messages lead to the pairs that differ."""
        above: dict[Vertex, list[tuple[str, Vertex]]] = {}
        for place in self._places.values():
            for step, below in place.edges:
                above.setdefault(below, []).append((step, place))
        roots: dict[Vertex, Sequence[Use]] = dict(self._roots.items())
        return Graph(roots, above)


def _list_below(*places: _PairPosition) -> Iterator[_PairPosition]:
    """Yield the places, and all that they lead to, each once."""
    waiting, seen = list(places), set(places)
    while waiting:
        place = waiting.pop()
        yield place
        for _, below in place.edges:
            if below not in seen:
                seen.add(below)
                waiting.append(below)


def _is_breaking(place: _PairPosition) -> bool:
    """Return whether a pair breaks. One that is still compared, of recursive schemas, does not:
    what breaks in it is reported there."""
    names = (f"{place.direction}.{note.kind}" for note in place.notes)
    return any(RULES[name].severity == "breaking" for name in names)


def _encode_missing(_: object) -> dict[str, str]:
    return {"": "missing"}


_ENCODER: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_encode_missing)
_REFERENCE: Final = re.compile(r'"\$ref": "((?:[^"\\]|\\.)*)"')


class SchemaEquality:
    """The equal schemas of two documents; different ones never count as equal."""

    def __init__(self, old: Document, new: Document) -> None:
        self._changed = frozenset[str]()
        self.comparable = _collect_context(old) == _collect_context(new)
        if self.comparable:
            self._changed = _list_changed(old, new)

    def is_same(self, old: Node, new: Node) -> bool:
        """Return whether both nodes, and whatever they refer to, are the same."""
        if not self.comparable:
            return False
        text = _dump(old.value)
        return text == _dump(new.value) and self._changed.isdisjoint(_list_references(text))


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
    """Return the references whose targets differ, or lead to one that does."""
    waiting = list(_list_references(_dump(old.data)))
    known = set(waiting)
    users: dict[str, list[str]] = {}
    changed: list[str] = []
    while waiting:
        reference = waiting.pop()
        target = json_pointer.parse_reference(reference)
        texts = [_dump(json_pointer.follow(each.data, target)) for each in (old, new)]
        if texts[0] != texts[1] or not reference.startswith("#"):
            changed.append(reference)
        for inner in _list_references(texts[0]):
            users.setdefault(inner, []).append(reference)
            if inner not in known:
                known.add(inner)
                waiting.append(inner)
    found = set(changed)
    while changed:
        for user in users.get(changed.pop(), ()):
            if user not in found:
                found.add(user)
                changed.append(user)
    return frozenset(found)


def _dump(value: Any) -> str:
    """Return the value as JSON, in which 1 is not true and the order of keys is nothing."""
    return _ENCODER.encode(value)


def _list_references(text: str) -> Iterable[str]:
    return (
        json.loads(f'"{found}"') if "\\" in found else found for found in _REFERENCE.findall(text)
    )
