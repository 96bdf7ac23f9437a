# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["CallFilterStatus"]

CallFilterStatus: TypeAlias = Literal[
    "initializing",
    "queued_for_calling",
    "calling",
    "scheduled",
    "completed",
    "cancelled",
    "errored",
]
"""The states that calls are filtered by."""
