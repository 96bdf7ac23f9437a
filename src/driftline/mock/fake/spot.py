"""Where in a value something is made, and the reason why nothing is."""

from __future__ import annotations

import attrs

MAX_DEPTH = 5
"""What is deeper is kept to what its schema requires."""
ROOM = 2000.0
"""About so many values a value has at most before it is kept to what is required."""


@attrs.frozen
class Spot:
    """The field that a value is for, how deep it is, and how many values it may have about.

    `is_lean`: whatever may be left out is left out.
    """

    name: str
    depth: int = 0
    room: float = ROOM
    is_lean: bool = False

    def inner(self, name: str, count: int) -> Spot:
        """Return the spot of one of so many members."""
        depth, room = self.depth + 1, (self.room - count) / max(1, count)
        return Spot(name, depth, room, self.is_lean or depth > MAX_DEPTH or room < 1)


class Unfakeable(Exception):
    """No value is made for a schema: which clause it is, and why."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(reason)
        self.pointer = pointer
        self.reason = reason
