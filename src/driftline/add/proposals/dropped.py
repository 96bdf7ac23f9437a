"""Proposals that were not kept."""

from __future__ import annotations

import attrs


@attrs.frozen
class DroppedProposal:
    """A proposal that does not hold: for which operation, which part of it, and why."""

    operation: str
    part: str
    reason: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.part}: {self.reason}"
