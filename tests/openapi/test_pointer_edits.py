"""Edits at a JSON pointer return a new document and leave the original unchanged."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, strategies as st

from driftline.openapi.pointer import MISSING, change, follow, join, put, remove

VALUES = st.recursive(
    st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("a~/"), inner),
    max_leaves=8,
)


def list_pointers(node: Any, pointer: str = "") -> list[str]:
    pairs: Any = node.items() if isinstance(node, dict) else ()
    pairs = enumerate(node) if isinstance(node, list) else pairs
    descendants = [
        descendant
        for key, value in pairs
        for descendant in list_pointers(value, pointer + join(key))
    ]
    return [pointer, *descendants]


@given(VALUES, st.data())
def test_an_edit_changes_only_its_node(document: Any, data: st.DataObject) -> None:
    """`put`, `change` and `remove` affect the node at the pointer only in the returned document."""
    pointer = data.draw(st.sampled_from(list_pointers(document)))
    before = deepcopy(document)
    assert follow(put(document, pointer, "new"), pointer) == "new"
    assert follow(change(document, pointer, lambda value: [value]), pointer + "/0") == follow(
        document, pointer
    )
    pruned_document = remove(document, pointer)
    assert (
        len(list_pointers(pruned_document)) < len(list_pointers(document))
        or pruned_document is MISSING
    )
    assert document == before


def test_put_creates_missing_objects() -> None:
    """`put` creates missing objects, replaces scalars, and appends to arrays only with `-`."""
    assert put({}, "/a/b", 1) == {"a": {"b": 1}}
    assert put({"a": 3}, "/a/b", 1) == {"a": {"b": 1}}
    assert put({"a": [1]}, "/a/-", 2) == {"a": [1, 2]}
    with pytest.raises(KeyError):
        put({"a": [1]}, "/a/1", 2)


def test_editing_a_missing_node_changes_nothing() -> None:
    """Editing a missing node returns the same document."""
    document = {"a": 1}
    assert change(document, "/b/c", str) is document
    assert remove(document, "/b/c") is document
    assert remove({"a": [1, 2]}, "/a/0") == {"a": [2]}
