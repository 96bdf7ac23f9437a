# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["CallDirection"]

CallDirection: TypeAlias = Literal[
    "INBOUND",
    "OUTBOUND",
]
"""Whether the agent was called or called itself."""
