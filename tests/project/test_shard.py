"""Shards are disjoint, and together they are the whole."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from driftline.errors import UsageError
from driftline.shard import Shard

NAMES = st.sets(st.text(max_size=8), max_size=30)
COUNTS = st.integers(1, 9)


@given(NAMES, COUNTS)
def test_each_name_is_in_exactly_one_shard(names: set[str], count: int) -> None:
    """Each name is in exactly one shard, whether selected from a set or tested by name."""
    parts = [Shard(index, count) for index in range(1, count + 1)]
    selected_names = [name for part in parts for name in part.select(names)]
    names_by_shard = [name for part in parts for name in names if part.has(name)]
    assert sorted(selected_names) == sorted(names_by_shard) == sorted(names)


@given(NAMES, COUNTS)
def test_the_sizes_of_shards_differ_by_one_at_most(names: set[str], count: int) -> None:
    """The sizes of the shards of a set differ by one at most."""
    sizes = [len(Shard(index, count).select(names)) for index in range(1, count + 1)]
    assert max(sizes) - min(sizes) <= 1


@given(COUNTS.flatmap(lambda count: st.tuples(st.integers(1, count), st.just(count))))
def test_a_shard_survives_formatting_and_parsing(part: tuple[int, int]) -> None:
    """A shard is unchanged after it is formatted and parsed."""
    assert Shard.parse(str(Shard(*part))) == Shard(*part)


@pytest.mark.parametrize("string", ["", "1", "0/3", "4/3", "1/0", "a/b", "1/2/3", "-1/3", "²/3"])
def test_an_invalid_shard_is_rejected(string: str) -> None:
    """An invalid shard is a UsageError with the expected form."""
    with pytest.raises(UsageError, match="Pass --shard I/N"):
        Shard.parse(string)
