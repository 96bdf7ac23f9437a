"""A pattern that can take exponential time is not matched; all others are."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, strategies as st

from driftline.suite.fuzzing.costly_patterns import (
    drop_costly_patterns,
    drop_long_lengths,
    is_costly,
)

COSTLY = (
    "^(a+)+$",
    "(a*)*b",
    "^((a+))+$",
    "^(?:a+|b)*c$",
    "(x+x+)+y",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "^([a-z]+){1,100}$",
    "^(a|(b+)+)$",
    "^(\\d*)*$",
    "^(a+?)+$",
    "^([a-z]+.)+$",
    "^(a|aa)+$",
    "^(a|b|ab)*$",
    "^(\\d{1,3})+$",
    "^([a-z][a-z0-9]?)*$",
    "^(([^,]|,)|,)*$",
)
HARMLESS = (
    "^a+$",
    "^[a-z]+(-[a-z]+)*$",
    "^(ab)+$",
    "^(a{1,3}){1,3}$",
    "^([0-9]{4}-){2}[0-9]{2}$",
    "^(a|b)*$",
    "^([a-z]+,)*$",
    "^(,[a-z]{2,9})+$",
    "^([a-z][0-9]?)+$",
    "^(\\.\\w+)*$",
    "^(GET|POST|DELETE)*$",
    "",
    "(",
    "\\",
    "a{99999999999999999999}",
)


@pytest.mark.parametrize("pattern", COSTLY)
def test_a_group_with_exponentially_many_splits_is_costly(pattern: str) -> None:
    """A repeated group is costly if a string can be split into its repeats exponentially often."""
    assert is_costly(pattern)


@pytest.mark.parametrize("pattern", HARMLESS)
def test_a_pattern_with_few_splits_is_not_costly(pattern: str) -> None:
    """A pattern is not costly if a string has one or few splits, or if the pattern is invalid."""
    assert not is_costly(pattern)


SCHEMAS = st.recursive(
    st.sampled_from(
        [{"type": "string", "pattern": pattern} for pattern in (*COSTLY[:3], *HARMLESS[:3])]
        + [{"type": "integer"}]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["pattern", "items", "properties"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(SCHEMAS)
def test_only_costly_patterns_are_dropped(document: object) -> None:
    """Only costly patterns are removed, at any depth; a field named `pattern` stays."""
    before = copy.deepcopy(document)
    drop_costly_patterns(document)
    assert document == _remove_patterns(before)


def _remove_patterns(node: object) -> object:
    if isinstance(node, list):
        return [_remove_patterns(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _remove_patterns(value)
        for key, value in node.items()
        if not (key == "pattern" and isinstance(value, str) and is_costly(value))
    }


def test_costly_names_of_properties_are_dropped() -> None:
    """Costly patterns in `patternProperties` are removed, since schemathesis matches names with
    them.
    """
    names = {"^(a|aa)+$": {"type": "string"}, "(": {}, "^x-": {"type": "integer"}}
    document = {"schema": {"patternProperties": names}}
    drop_costly_patterns(document)
    assert document == {"schema": {"patternProperties": {"^x-": {"type": "integer"}}}}


def test_long_lengths_beside_a_pattern_are_dropped() -> None:
    """Long lengths next to a pattern and invalid patterns are removed; examples and other lengths
    stay.
    """
    long = {"pattern": ".*", "minLength": 1, "maxLength": 2147483647}
    alone = {"maxLength": 2147483647, "example": dict(long)}
    huge = {"pattern": "^.{0,262144}$", "maxLength": 20}
    schemas = {"Long": long, "Alone": alone, "Huge": huge, "Broken": {"pattern": "("}}
    document = {"components": {"schemas": schemas}}
    drop_long_lengths(document)
    assert document["components"]["schemas"] == {
        "Long": {"pattern": ".*", "minLength": 1},
        "Alone": {"maxLength": 2147483647, "example": {**long, "maxLength": 2147483647}},
        "Huge": {"maxLength": 20},
        "Broken": {},
    }
