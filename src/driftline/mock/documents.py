"""Changes at a pointer in a document."""

from __future__ import annotations

from typing import Any

from driftline.openapi import (
    follow,
    is_object,
    join,
    split,
)


def put(document: Any, pointer: str, value: Any) -> Any:
    """Set `value` at `pointer` of `document` in place, creating objects on the way."""
    tokens = split(pointer)
    if not tokens:
        return value
    node: dict[str, Any] = document
    for token in tokens[:-1]:
        if not is_object(node.get(token)):
            node[token] = {}
        node = node[token]
    node[tokens[-1]] = value
    return document


def remove_at(document: Any, pointer: str) -> Any:
    """Remove the value at `pointer` of `document` in place."""
    *parents, last = split(pointer)
    node = follow(document, join(*parents))
    if is_object(node):
        node.pop(last, None)
    return document
