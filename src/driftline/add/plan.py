"""Collects the actions of an overlay, and applies each to a copy of the document."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from driftline.openapi import (
    MISSING,
    OverlayApplier,
    Source,
    build_query,
    is_array,
    is_object,
    join,
    pointer as json_pointer,
    select,
    split,
)

Action = dict[str, Any]
MANY = 8
"""From this number of locations on, one query for all of them replaces an action for each."""


class OverlayPlan:
    """The actions so far, and the document after them."""

    def __init__(self, source: Source) -> None:
        self.origin = source
        self.data = copy.deepcopy(source.data)
        self.actions: list[Action] = []
        overlay = Source(Path("overlay"), {}, {"": 1})
        self._applier = OverlayApplier(Source(source.path, self.data, {"": 1}), overlay)

    def build_source(self) -> Source:
        """Return the current document with the lines of the original."""
        return attrs.evolve(self.origin, data=copy.deepcopy(self.data))

    def get_node(self, pointer: str) -> Any:
        """Return the current node at a pointer, or MISSING."""
        return json_pointer.follow(self.data, pointer)

    def update(self, pointer: str, value: Any, why: str) -> None:
        """Merge `value` into the object at `pointer`, or append it to the array there.

        Missing objects on the path are created.
        """
        while self.get_node(pointer) is MISSING:
            *parent_tokens, last = split(pointer)
            pointer, value = join(*parent_tokens), {last: value}
        self._do({"target": build_query(self.data, pointer), "description": why, "update": value})

    def remove(self, pointer: str, why: str) -> None:
        """Remove the node at `pointer`, if it exists."""
        if self.get_node(pointer) is not MISSING:
            self._do(
                {"target": build_query(self.data, pointer), "description": why, "remove": True}
            )

    def remove_item(self, pointer: str, value: str, why: str) -> None:
        """Remove a string from the array at `pointer`."""
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        target = f"{build_query(self.data, pointer)}[?@ == '{escaped}']"
        self._do({"target": target, "description": why, "remove": True})

    def set(self, pointer: str, key: str, value: Any, why: str) -> None:
        """Set the member `key` of the object at `pointer` to `value`."""
        old = self.get_node(pointer + join(key))
        if old is not MISSING and (_is_container(old) or _is_container(value)):
            self.remove(pointer + join(key), why)
        self.update(pointer, {key: value}, why)

    def update_all(self, pointers: Sequence[str], query: str, value: Any, why: str) -> None:
        """Merge `value` into the nodes at all pointers."""
        self._list_actions(pointers, query, {"description": why, "update": value})

    def repeat(self, action: Action) -> None:
        """Apply an action of another plan for the same document."""
        self._do(action)

    def _list_actions(self, pointers: Sequence[str], query: str, action: Action) -> None:
        parts: dict[str, list[str]] = {}
        for pointer in pointers:
            parts.setdefault(split(pointer)[0], []).append(pointer)
        for part, within in parts.items():
            scoped = f"$.{part}{query.removeprefix('$')}"
            if len(within) >= MANY:
                selected_pointers = {join(*keys) for keys in select(self.data, scoped)}
                if selected_pointers == set(within):
                    self._do({"target": scoped, **action})
                    continue
            # In reverse order, so that the remaining indexes stay valid.
            for pointer in sorted(within, key=_index_order, reverse=True):
                self._do({"target": build_query(self.data, pointer), **action})

    def _do(self, action: Action) -> None:
        pointer = f"/actions/{len(self.actions)}"
        self._applier.act(action, pointer)
        self.actions.append(action)


def _is_container(value: Any) -> bool:
    return is_object(value) or is_array(value)


def _index_order(pointer: str) -> list[tuple[int, str]]:
    return [(int(token) if token.isdecimal() else -1, token) for token in split(pointer)]
