"""Strings for patterns match and are reproducible, and no pattern takes exponential time."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from driftline.openapi.schema.patterns import make_matching, matches_pattern


@pytest.mark.parametrize(
    "pattern",
    ["^SK[0-9a-fA-F]{32}$", r"^\d{4}-\d{2}$", "^(a|b)+$", "[A-Z]", "^[^/]{3,5}$", r"^\S+@\S+$", ""],
)
@given(seed=st.integers(0, 2**32))
@settings(deadline=None)
def test_generated_strings_match_their_pattern(pattern: str, seed: int) -> None:
    """Strings for common patterns match them, and the same seed gives the same strings."""
    strings = list(make_matching(pattern, Random(seed)))
    assert strings
    assert all(matches_pattern(pattern, string) for string in strings)
    assert strings == list(make_matching(pattern, Random(seed)))


@given(st.text(max_size=20), st.integers(0, 2**32))
@settings(deadline=None)
def test_any_pattern_has_matching_strings_or_none(pattern: str, seed: int) -> None:
    """Any valid pattern results in matching strings or none."""
    try:
        matches_pattern(pattern, "")
    except ValueError:
        return  # no pattern, which `lint` says
    assert all(matches_pattern(pattern, string) for string in make_matching(pattern, Random(seed)))


@pytest.mark.parametrize("pattern", ["^(x{9999}){9999}$", r"^\p{Greek}+$", "^a(?=b)c$"])
def test_unsupported_patterns_have_no_strings(pattern: str) -> None:
    """A pattern that is huge, unknown to Python or unsatisfiable has no strings."""
    assert list(make_matching(pattern, Random(0))) == []


@pytest.mark.parametrize(
    ("pattern", "min_length", "max_length"),
    [
        ("^[a-z]+$", 20, 20),
        ("[A-Z]", 5, None),
        (r"^\p{L}+$", 3, 4),
        ("^(a|bb)+$", 7, 8),
        ("^PN(.*)$", 0, None),
    ],
)
@given(seed=st.integers(0, 2**32))
@settings(deadline=None)
def test_generated_strings_satisfy_the_lengths(
    pattern: str, min_length: int, max_length: int | None, seed: int
) -> None:
    """The strings satisfy the given minimum and maximum lengths."""
    strings = list(make_matching(pattern, Random(seed), min_length, max_length))
    assert strings
    assert all(min_length <= len(string) <= (max_length or 100) for string in strings)


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|aa)+$", "^(([a-z])+.)+[A-Z]$", "(?=a)(a+)+$"])
def test_exponential_patterns_are_matched_in_bounded_time(pattern: str) -> None:
    """Matching a pattern with exponential backtracking completes."""
    assert not matches_pattern(pattern, "a" * 60 + "!")


@pytest.mark.parametrize("otherwise", [True, False])
def test_an_invalid_pattern_matches_as_otherwise_says(otherwise: bool) -> None:
    """An invalid pattern matches as `otherwise` says."""
    assert matches_pattern("[", "a", otherwise=otherwise) is otherwise
