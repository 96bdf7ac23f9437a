"""Proposals that failed their trial."""

from __future__ import annotations

import attrs


@attrs.frozen
class DroppedProposal:
    """A dropped proposal: its operation, the part that failed, and the reason."""

    operation: str
    part: str
    reason: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.part}: {self.reason}"
