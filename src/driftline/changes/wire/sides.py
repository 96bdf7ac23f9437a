"""The old and the new document of an API, and their changes so far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from driftline.changes.rules import RULES
from driftline.changes.wire.change import Change
from driftline.changes.wire.schemas.compare import SchemaPairs
from driftline.changes.wire.schemas.pair import SchemaDifference, shorten_value
from driftline.changes.wire.source.document import Document, Node
from driftline.changes.wire.uses import Use, Uses, Vertex
from driftline.printable import make_printable


class DocumentSides:
    """The old and the new document; each comparison of a part adds its changes."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old, self.new = old, new
        self.schemas = SchemaPairs(old, new)
        self._changes: dict[tuple[str, str, str, str], Change] = {}

    def add(
        self,
        id: str,  # noqa: A002 - the same word as in Change
        message: str,
        nodes: tuple[Node, Node],
        use: Use,
        *,
        before: object = None,
        after: object = None,
    ) -> None:
        """A difference: `id` is that of a rule, which gives the severity."""
        values = ["" if value is None else shorten_value(value) for value in (before, after)]
        printable_use = Use(make_printable(use.operation), make_printable(use.where))
        self._merge(id, SchemaDifference("", *nodes, message, *values), (printable_use,))

    def _merge(self, name: str, note: SchemaDifference, uses: Sequence[Use]) -> None:
        key = (name, note.old.pointer, note.new.pointer, note.message)
        change = self._changes.get(key)
        if change is not None:
            all_uses = dict.fromkeys((*change.uses, *uses))
            self._changes[key] = attrs.evolve(change, uses=tuple(all_uses))
            return
        rule = RULES[name]
        self._changes[key] = Change(
            id=name,
            severity=rule.severity,
            direction=rule.direction,
            api=self.new.name,
            message=make_printable(note.message),
            old=note.old.location,
            new=note.new.location,
            before=make_printable(note.before),
            after=make_printable(note.after),
            assumed=make_printable(self.old.find_assumption(note.old.pointer)),
            uses=uses,
        )

    def list_changes(self) -> Iterator[Change]:
        """Yield all changes so far, in any order."""
        # Several pairs of schemas may lead to one clause, which is reported once.
        gathered: dict[tuple[str, str, str, str], tuple[SchemaDifference, list[Vertex]]] = {}
        for direction, note, vertex in self.schemas.list_notes():
            name = f"{direction}.{note.kind}"
            key = (name, note.old.pointer, note.new.pointer, note.message)
            gathered.setdefault(key, (note, []))[1].append(vertex)
        graph = self.schemas.build_graph()
        for (name, *_), (note, vertices) in gathered.items():
            self._merge(name, note, Uses(graph, vertices))
        yield from self._changes.values()
