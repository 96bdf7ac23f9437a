"""JSON pointers can be split and joined without loss."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from driftline.openapi.pointer import MISSING, follow, join, parse_reference, split

TOKENS = st.lists(st.text())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(tokens=TOKENS)
def test_split_is_the_inverse_of_join(tokens: list[str]) -> None:
    """`split` is the inverse of `join` for any tokens, including slashes and tildes."""
    assert split(join(*tokens)) == tokens


@given(document=JSON, tokens=TOKENS)
def test_follow_never_fails(document: Any, tokens: list[str]) -> None:
    """`follow` returns MISSING for a pointer to nothing and for everything below it."""
    node = follow(document, join(*tokens))
    if node is MISSING:
        assert follow(document, join(*tokens, "x")) is MISSING


@given(document=st.dictionaries(st.text(), JSON, min_size=1), data=st.data())
def test_follow_finds_each_member(document: dict[str, Any], data: st.DataObject) -> None:
    """The pointer of a member leads to that member."""
    key = data.draw(st.sampled_from(sorted(document)))
    assert follow(document, join(key)) is document[key]


@pytest.mark.parametrize("pointer", ["/-1", "/01x", "/²", "/99999999999", "/2", "x", "/0/0"])
def test_an_invalid_array_index_leads_to_missing(pointer: str) -> None:
    """A token that is not an index of the array leads to MISSING."""
    assert follow([1, 2], pointer) is MISSING


def test_missing_is_falsy_and_has_a_readable_repr() -> None:
    """MISSING is falsy and has a readable representation."""
    assert not MISSING
    assert repr(MISSING) == "MISSING"


def test_percent_escapes_of_a_fragment_are_decoded() -> None:
    """Percent-escapes of a fragment are decoded; escapes of the pointer are not."""
    assert parse_reference("#/a%20b/c~1d") == "/a b/c~1d"
