"""What reading a document noted: problems whose lines are found once, at the end."""

from __future__ import annotations

from typing import Final

import attrs

from driftline.errors import Problem
from driftline.spec.reader import Source

__all__ = ["Notes"]

_MOST: Final = 2_000
"""Problems that are kept; nobody reads more, and a hostile document may have a million."""


@attrs.frozen
class _Note:
    id: str
    pointer: str
    message: str
    hint: str
    severity: str = "warning"


class Notes:
    """Collects problems by their pointer in the document as it is being read."""

    def __init__(self) -> None:
        self._notes: dict[_Note, None] = {}

    def warn(self, name: str, pointer: str, message: str, hint: str) -> None:
        """Note a mistake that was read in a tolerant way, or a part that cannot be used."""
        if len(self._notes) < _MOST:
            self._notes[_Note(name, pointer, message, hint)] = None

    def error(self, name: str, pointer: str, message: str, hint: str) -> None:
        """Note a mistake that has to be corrected."""
        if len(self._notes) < _MOST:
            self._notes[_Note(name, pointer, message, hint, "error")] = None

    def problems(self, source: Source) -> tuple[Problem, ...]:
        """Return the problems with their places in the files."""
        return tuple(
            Problem(
                note.id,
                source.location(note.pointer),
                note.message,
                note.hint,
                "error" if note.severity == "error" else "warning",
            )
            for note in self._notes
        )
