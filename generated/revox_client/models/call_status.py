# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["CallStatus"]

CallStatus: TypeAlias = Literal[
    "queued",
    "ringing",
    "ongoing",
    "completed",
    "error",
]
"""Where an attempt stands."""
