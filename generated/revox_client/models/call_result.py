# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["CallResult"]

CallResult: TypeAlias = Literal[
    "IVR",
    "voicemail",
    "human",
    "unknown",
    "ios-screening-filter",
]
"""Who or what answered."""
