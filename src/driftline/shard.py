"""A part of work that several machines share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import attrs

from driftline.errors import UsageError


@attrs.frozen
class Shard:
    """The `index`th of `count` parts, from 1: each item belongs to one of them."""

    index: int = 1
    count: int = 1

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    @classmethod
    def parse(cls, string: str) -> Shard:
        """Read `2/5`.

        Raises:
            UsageError: it is invalid.
        """
        first, _, second = string.partition("/")
        digits = all(part.isascii() and part.isdecimal() for part in (first, second))
        if digits and max(len(first), len(second)) < 10 and 1 <= int(first) <= int(second):
            return cls(int(first), int(second))
        raise UsageError(
            f"invalid shard {string!r}: expected I/N, for example 1/4", "Pass --shard I/N."
        )

    def has(self, name: str) -> bool:
        """Return whether an item belongs to this part; this depends only on its name."""
        return int.from_bytes(_compute_digest(name)[:8]) % self.count == self.index - 1

    def select(self, names: Iterable[str]) -> frozenset[str]:
        """Return the `names` that belong to this part.

        Dealt out, so that parts have equal sizes.
        """
        dealt = sorted(set(names), key=_compute_digest)
        return frozenset(dealt[self.index - 1 :: self.count])


def _compute_digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()
