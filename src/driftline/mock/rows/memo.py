"""A bounded cache."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


def remember(known: MutableMapping[_K, _V], key: _K, value: _V, most: int) -> None:
    """Store a value; at `most` entries, the cache is cleared first."""
    if len(known) >= most:
        known.clear()
    known[key] = value
