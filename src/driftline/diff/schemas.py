"""Compares schemas through and through, each pair once, however often and wherever it is used.

Pairs of schemas are the nodes of a graph, which a recursive schema makes a cycle in. Each is
compared by itself; what an operation sees is what can be reached from its parameters and bodies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs

from driftline.diff.alternatives import alternatives
from driftline.diff.applied import applied
from driftline.diff.bounds import bounds
from driftline.diff.change import Direction, Use
from driftline.diff.document import Document
from driftline.diff.fields import fields
from driftline.diff.pair import Found, Note, Pair
from driftline.diff.same import Sameness
from driftline.diff.schema import Schema, Views
from driftline.diff.uses import Graph, Vertex
from driftline.diff.values import types, values
from driftline.marks import printable

__all__ = ["MOST", "Schemas"]

MOST: Final = 50_000
"""So many pairs of schemas are compared: choices within choices may have no end otherwise."""
Key = tuple[Any, ...]


@attrs.define(eq=False)
class _Place:
    """One pair of schemas: what differs in themselves, and what leads on from them."""

    direction: Direction
    notes: list[Note] = attrs.field(factory=list[Note])
    edges: list[tuple[str, _Place]] = attrs.field(factory=list["tuple[str, _Place]"])


class Schemas:
    """The schemas of two documents beside each other."""

    def __init__(self, old: Document, new: Document) -> None:
        self.new = new
        self.views = Views(old), Views(new)
        self.same = Sameness(old, new)
        self._places: dict[Key, _Place] = {}
        self._roots: dict[Vertex, list[Use]] = {}

    def compare(
        self, both: tuple[Schema, Schema], use: Use, direction: Direction, *, text: bool = False
    ) -> None:
        """Compares two schemas of this use, and whatever they lead to.

        Raises:
            SpecError: a schema cannot be read.
        """
        waiting: list[tuple[Schema, Schema, _Place]] = []

        def place_of(old: Schema, new: Schema) -> _Place:
            key = (old.key, new.key, direction, text)
            if key not in self._places:
                if len(self._places) >= MOST:
                    what = "there are too many ways to put these schemas together"
                    raise self.new.error("/components/schemas", what, "Nest fewer choices.")
                self._places[key] = _Place(direction)
                waiting.append((old, new, self._places[key]))
            return self._places[key]

        shown = Use(printable(use.operation), printable(use.where))
        self._roots.setdefault(place_of(*both), []).append(shown)
        while waiting:
            old, new, place = waiting.pop()
            if self._is_same(old, new):
                continue
            views = self.views[0].of(old), self.views[1].of(new)
            for found in self._found(Pair(old, new, *views, direction, text)):
                if isinstance(found, Note):
                    place.notes.append(found)
                else:
                    place.edges.append((found.step, place_of(found.old, found.new)))

    def _is_same(self, old: Schema, new: Schema) -> bool:
        """Whether nothing can differ between two schemas, as told without looking into them."""
        if (old.without, old.only, old.bare) != (new.without, new.only, new.bare):
            return False
        if len(old.parts) != len(new.parts) or old.without:
            return False
        return all(map(self.same.holds, old.parts, new.parts))

    def _found(self, pair: Pair) -> Iterator[Found]:
        old, new = pair.old, pair.new
        if old.never or new.never:
            if old.never != new.never:
                what = "nothing is allowed here any more" if new.never else "it is allowed now"
                yield pair.note("rule.added" if new.never else "rule.removed", what)
            return
        if old.is_any != new.is_any:
            if new.is_any:
                yield pair.note("rule.removed", "anything is allowed here now")
            else:
                yield pair.note("rule.added", "anything was allowed here, which has a rule now")
            return
        if old.choices or new.choices:
            yield from alternatives(pair, self.views)
            return
        notes, stop = types(pair)
        yield from notes
        if not stop:
            yield from values(pair)
            yield from bounds(pair)
            yield from fields(pair, self.views)
            yield from applied(pair)

    def notes(self) -> Iterator[tuple[Direction, Note, Vertex]]:
        """Yield every difference of a pair of schemas, and that pair."""
        for place in self._places.values():
            for note in place.notes:
                yield place.direction, note, place

    def graph(self) -> Graph:
        """Return how messages lead to the pairs that differ."""
        above: dict[Vertex, list[tuple[str, Vertex]]] = {}
        for place in self._places.values():
            for step, below in place.edges:
                above.setdefault(below, []).append((step, place))
        return Graph(self._roots, above)
