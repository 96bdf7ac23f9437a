# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
"""What a request may send in the place of a model: dicts, with the keys that are on the wire."""

from __future__ import annotations

from typing import NotRequired as _NotRequired
from typing import TypedDict as _TypedDict

__all__ = [
    "ParticipantRequestDict",
]


class ParticipantRequestDict(_TypedDict):
    role: _NotRequired[str]
