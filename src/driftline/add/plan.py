"""The actions that an overlay is to have, each done at once to a copy of the document."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from driftline.openapi import (
    MISSING,
    Applier,
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
"""From so many places on, one query that selects just these is better than an action each."""


class OverlayPlan:
    """What is to be done to a document, and the document as it is after all that so far."""

    def __init__(self, source: Source) -> None:
        self.origin = source
        self.data = copy.deepcopy(source.data)
        self.actions: list[Action] = []
        overlay = Source(Path("overlay"), {}, {"": 1})
        self._applier = Applier(Source(source.path, self.data, {"": 1}), overlay)

    def build_source(self) -> Source:
        """Return the document as it is now; lines are those of the original, as far as they go."""
        return attrs.evolve(self.origin, data=copy.deepcopy(self.data))

    def get_node(self, pointer: str) -> Any:
        """Return what is at a pointer now, or MISSING."""
        return json_pointer.follow(self.data, pointer)

    def update(self, pointer: str, value: Any, why: str) -> None:
        """Merge `value` with the object at `pointer`, or add it to the array there.

        Where nothing is at `pointer`, objects are made below the nearest one that is there.
        """
        while self.get_node(pointer) is MISSING:
            *above, last = split(pointer)
            pointer, value = join(*above), {last: value}
        self._do({"target": build_query(self.data, pointer), "description": why, "update": value})

    def remove(self, pointer: str, why: str) -> None:
        """Take away what is at `pointer`, if there is anything."""
        if self.get_node(pointer) is not MISSING:
            self._do(
                {"target": build_query(self.data, pointer), "description": why, "remove": True}
            )

    def remove_item(self, pointer: str, value: str, why: str) -> None:
        """Take a string away from the array at `pointer`, wherever in it that stands."""
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        target = f"{build_query(self.data, pointer)}[?@ == '{escaped}']"
        self._do({"target": target, "description": why, "remove": True})

    def set(self, pointer: str, key: str, value: Any, why: str) -> None:
        """Make the member `key` of the object at `pointer` the `value`, whatever it was."""
        old = self.get_node(pointer + join(key))
        if old is not MISSING and (_compound(old) or _compound(value)):
            self.remove(pointer + join(key), why)
        self.update(pointer, {key: value}, why)

    def update_all(self, pointers: Sequence[str], text: str, value: Any, why: str) -> None:
        """Merge `value` with what is at each of the pointers."""
        self._list_actions(pointers, text, {"description": why, "update": value})

    def repeat(self, action: Action) -> None:
        """Do an action of another plan for the same document."""
        self._do(action)

    def _list_actions(self, pointers: Sequence[str], text: str, action: Action) -> None:
        parts: dict[str, list[str]] = {}
        for pointer in pointers:
            parts.setdefault(split(pointer)[0], []).append(pointer)
        for part, within in parts.items():
            scoped = f"$.{part}{text.removeprefix('$')}"
            if len(within) >= MANY:
                selected = {join(*keys) for keys in select(self.data, scoped)}
                if selected == set(within):
                    self._do({"target": scoped, **action})
                    continue
            # The last items of an array first: each index is still that of its item.
            for pointer in sorted(within, key=_index_order, reverse=True):
                self._do({"target": build_query(self.data, pointer), **action})

    def _do(self, action: Action) -> None:
        place = f"/actions/{len(self.actions)}"
        self._applier.act(action, place)
        self.actions.append(action)


def _compound(value: Any) -> bool:
    return is_object(value) or is_array(value)


def _index_order(pointer: str) -> list[tuple[int, str]]:
    return [(int(token) if token.isdecimal() else -1, token) for token in split(pointer)]
