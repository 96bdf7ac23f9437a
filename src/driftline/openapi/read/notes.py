"""Collects problems while a document is read; their lines are resolved at the end."""

from __future__ import annotations

from typing import Final

import attrs

from driftline.errors import Location, Problem
from driftline.openapi.read.moves import Moves
from driftline.openapi.read.reader import Source

_MOST: Final = 2_000
"""Problems that are kept; nobody reads more, and a hostile document may have a million."""


@attrs.frozen
class _Note:
    id: str
    pointer: str
    message: str
    hint: str
    severity: str
    origin: tuple[Source, str] | None = attrs.field(default=None, eq=False)


class Notes:
    """Collects problems by their pointer in the document at that time.

    Moves are resolved when a problem is recorded, since a pointer may refer to another node later.
    """

    def __init__(self, moves: Moves | None = None) -> None:
        self._moves = moves
        self._notes: dict[_Note, None] = {}

    def warn(self, name: str, pointer: str, message: str, hint: str) -> None:
        """Record a mistake that was read leniently, or a part that cannot be used."""
        self._add(name, pointer, message, hint, "warning")

    def error(self, name: str, pointer: str, message: str, hint: str) -> None:
        """Record a mistake that has to be corrected."""
        self._add(name, pointer, message, hint, "error")

    def _add(self, name: str, pointer: str, message: str, hint: str, severity: str) -> None:
        if len(self._notes) < _MOST:
            origin = self._moves.find_origin(pointer) if self._moves else None
            self._notes.setdefault(_Note(name, pointer, message, hint, severity, origin))

    def list_problems(self, source: Source) -> tuple[Problem, ...]:
        """Return the problems with their files and lines."""
        return tuple(
            Problem(
                note.id,
                _locate(source, note),
                note.message,
                note.hint,
                "error" if note.severity == "error" else "warning",
            )
            for note in self._notes
        )


def _locate(source: Source, note: _Note) -> Location:
    if note.origin is None:
        return source.locate(note.pointer)
    origin, pointer = note.origin
    return attrs.evolve(origin.locate(pointer), pointer=note.pointer)
