# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["TranscriptRole"]

TranscriptRole: TypeAlias = Literal[
    "user",
    "assistant",
    "tool",
]
"""Whose turn it was."""
