"""Two documents of one API beside each other, and what has been noticed of them so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from driftline.diff.change import Change, Use
from driftline.diff.document import Document, Node
from driftline.diff.pair import Note, short
from driftline.diff.rules import RULES
from driftline.diff.schemas import Schemas
from driftline.marks import printable

__all__ = ["Sides"]


class Sides:
    """Old and new document; whoever compares a part of them adds what differs."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old, self.new = old, new
        self.schemas = Schemas(old, new)
        self._found: dict[tuple[str, str, str, str], Change] = {}

    def add(
        self,
        id: str,  # noqa: A002 - the same word as in Change
        message: str,
        places: tuple[Node, Node],
        use: Use,
        *,
        before: object = None,
        after: object = None,
    ) -> None:
        """A difference: `id` is that of a rule, which says how grave it is."""
        told = ["" if each is None else short(each) for each in (before, after)]
        self._merge(id, Note("", *places, message, *told), (use,))

    def _merge(self, name: str, note: Note, uses: Iterable[Use]) -> None:
        key = (name, note.old.pointer, note.new.pointer, note.message)
        known = self._found.get(key)
        if known is not None:
            both = dict.fromkeys((*known.uses, *uses))
            self._found[key] = attrs.evolve(known, uses=tuple(both))
            return
        rule = RULES[name]
        self._found[key] = Change(
            id=name,
            severity=rule.severity,
            direction=rule.direction,
            api=self.new.name,
            message=_shown(note.message),
            old=note.old.location,
            new=note.new.location,
            before=_shown(note.before),
            after=_shown(note.after),
            assumed=_shown(self.old.assumed(note.old.pointer)),
            uses=tuple(uses),
        )

    def changes(self) -> Iterator[Change]:
        """Everything that was noticed, in any order."""
        gathered: dict[tuple[str, int], tuple[Note, list[Use]]] = {}
        for direction, note, use in self.schemas.notes():
            key = (f"{direction}.{note.kind}", id(note))
            gathered.setdefault(key, (note, []))[1].append(use)
        for (name, _), (note, uses) in gathered.items():
            self._merge(name, note, uses)
        for change in self._found.values():
            shown = (Use(_shown(use.operation), _shown(use.where)) for use in change.uses)
            yield attrs.evolve(change, uses=tuple(shown))


def _shown(text: str) -> str:
    """A text of a document, on one line and with nothing in it that cannot be seen."""
    return printable(text)
