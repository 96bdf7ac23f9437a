"""How many examples of a property are tried."""

from __future__ import annotations

import os

__all__ = ["count_examples"]


def count_examples(count: int) -> int:
    """Return a third of `count` in CI, where the examples are the same each time."""
    return count // 3 if os.environ.get("CI") else count
