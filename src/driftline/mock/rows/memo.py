"""What was found out before, so that the same need not be found out again and again."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


def remember(known: MutableMapping[_K, _V], key: _K, value: _V, most: int) -> None:
    """Keep a value; once there are `most`, those before it are forgotten, all of them."""
    if len(known) >= most:
        known.clear()
    known[key] = value
