"""A bounded cache."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


def remember(cache: MutableMapping[_K, _V], key: _K, value: _V, max_entries: int) -> None:
    """Store a value; at `max_entries` entries, the cache is cleared first."""
    if len(cache) >= max_entries:
        cache.clear()
    cache[key] = value
