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
    """`document` with `value` at `pointer`, objects made on the way; changes `document`."""
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
    """`document` without what stands at `pointer`; changes `document`."""
    *parents, last = split(pointer)
    node = follow(document, join(*parents))
    if is_object(node):
        node.pop(last, None)
    return document
