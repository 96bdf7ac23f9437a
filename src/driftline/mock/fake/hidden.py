"""Removes `readOnly` and `writeOnly` members that are excluded in a direction."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from driftline.openapi import (
    Direction,
    Spec,
    find_hidden_keyword,
    find_schema_at,
    is_array,
    is_hidden,
    is_object,
    iterate_nodes,
    join,
)


def remove_hidden(spec: Spec, schema_pointer: str, value: Any, direction: Direction) -> Any:
    """Return the value without members, at any depth, that are excluded in a direction."""
    keyword = find_hidden_keyword(direction)
    if not _has_keyword(spec, keyword):
        return value
    return _strip(spec, schema_pointer, value, keyword)


@lru_cache(maxsize=128)
def _has_keyword(spec: Spec, keyword: str) -> bool:
    """Return whether a spec uses the keyword at all; most do not, and cost nothing here."""
    return any(node.get(keyword) is True for _, node in iterate_nodes(spec.document))


def _strip(spec: Spec, schema_pointer: str | None, value: Any, keyword: str) -> Any:
    if schema_pointer is None:
        return value
    if is_array(value):
        inner = find_schema_at(spec, schema_pointer, "/0")
        return [_strip(spec, inner, item, keyword) for item in value]
    if not is_object(value):
        return value
    pointers = {name: find_schema_at(spec, schema_pointer, join(name)) for name in value}
    return {
        name: _strip(spec, pointers[name], member, keyword)
        for name, member in value.items()
        if pointers[name] is None
        or not is_hidden(spec.document, spec.get_node(pointers[name] or ""), keyword)
    }
