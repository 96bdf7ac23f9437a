# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["CallListSortDirection"]

CallListSortDirection: TypeAlias = Literal[
    "asc",
    "desc",
]
