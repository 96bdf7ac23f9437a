"""Compares schemas through and through, each pair once, however often and wherever it is used.

Pairs of schemas are the nodes of a graph, which a recursive schema makes a cycle in. Each is
compared by itself; what an operation sees is what can be reached from its parameters and bodies.
"""

from __future__ import annotations

from collections import deque
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
from driftline.diff.schema import Schema, Views
from driftline.diff.values import types, values

__all__ = ["MOST", "Root", "Schemas"]

MOST: Final = 50_000
"""So many pairs of schemas are compared: choices within choices may have no end otherwise."""
Key = tuple[Any, ...]


@attrs.frozen
class Root:
    """Where a schema is used: the operation and part of a message, and the pair it is."""

    use: Use
    key: Key


@attrs.define(eq=False)
class _Place:
    """One pair of schemas: what differs in themselves, and what leads on from them."""

    direction: Direction
    notes: list[Note] = attrs.field(factory=list[Note])
    edges: list[tuple[str, Key]] = attrs.field(factory=list[tuple[str, Key]])


class Schemas:
    """The schemas of two documents beside each other."""

    def __init__(self, old: Document, new: Document) -> None:
        self.new = new
        self.views = Views(old), Views(new)
        self._places: dict[Key, _Place] = {}
        self._roots: list[Root] = []

    def compare(
        self, both: tuple[Schema, Schema], use: Use, direction: Direction, *, text: bool = False
    ) -> None:
        """Compares two schemas of this use, and whatever they lead to.

        Raises:
            SpecError: a schema cannot be read.
        """
        waiting = [both]
        root = _key(*both, direction, text)
        self._roots.append(Root(use, root))
        while waiting:
            old, new = waiting.pop()
            key = _key(old, new, direction, text)
            if key in self._places:
                continue
            if len(self._places) >= MOST:
                what = "there are too many ways to put these schemas together"
                raise self.new.error("/components/schemas", what, "Nest fewer choices.")
            place = self._places[key] = _Place(direction)
            views = self.views[0].of(old), self.views[1].of(new)
            pair = Pair(old, new, *views, direction, text)
            for found in self._found(pair):
                if isinstance(found, Note):
                    place.notes.append(found)
                else:
                    place.edges.append((found.step, _key(found.old, found.new, direction, text)))
                    waiting.append((found.old, found.new))

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

    def notes(self) -> Iterator[tuple[Direction, Note, Use]]:
        """Every difference, once for each use that it can be reached from, by the shortest way."""
        dirty = self._dirty()
        for root in self._roots:
            waiting = deque([(root.key, "")])
            seen = {root.key}
            while waiting:
                key, path = waiting.popleft()
                if key not in dirty:
                    continue
                place = self._places[key]
                if place.notes:
                    use = Use(root.use.operation, root.use.where + path)
                    for note in place.notes:
                        yield place.direction, note, use
                for step, below in place.edges:
                    if below not in seen:
                        seen.add(below)
                        waiting.append((below, path + step))

    def _dirty(self) -> set[Key]:
        """The pairs from which a difference can be reached."""
        above: dict[Key, list[Key]] = {}
        for key, place in self._places.items():
            for _, below in place.edges:
                above.setdefault(below, []).append(key)
        waiting = [key for key, place in self._places.items() if place.notes]
        dirty = set(waiting)
        while waiting:
            for key in above.get(waiting.pop(), ()):
                if key not in dirty:
                    dirty.add(key)
                    waiting.append(key)
        return dirty


def _key(old: Schema, new: Schema, direction: Direction, text: bool) -> Key:
    return (old.key, new.key, direction, text)
