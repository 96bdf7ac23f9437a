# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["CallEndedBy"]

CallEndedBy: TypeAlias = Literal[
    "agent",
    "user",
    "system",
]
"""Who hung up: the agent, the person called (user), or the system, e.g. at a time limit."""
