"""Breaks or changes a document somewhere, as any editor's slip of the hand may."""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

__all__ = ["mutate"]

STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, "", "string", "object", "#/components", "2XX", [], {}, [None],
    [[]], {"$ref": "#/components/schemas/Nothing"}, {"type": "string"}, {"type": ["null"]},
    {"anyOf": []}, {"oneOf": [{"type": "null"}]}, {"enum": []}, {"properties": {"a": False}},
    {"required": True}, {"minimum": "1"}, {"allOf": [{}]},
)  # fmt: skip


def mutate(document: Any, random: Random, count: int = 1) -> Any:
    """A copy with so many changes."""
    made = deepcopy(document)
    for _ in range(count):
        spots = _spots(made)
        if spots:
            _change(random, spots)
    return made


def _spots(node: Any) -> list[tuple[Any, Any]]:
    """Every member of every object and array."""
    found: list[tuple[Any, Any]] = []
    waiting = [node]
    while waiting:
        node = waiting.pop()
        keys: Any = ()
        if isinstance(node, dict):
            keys = node
        elif isinstance(node, list):
            keys = range(len(node))
        for key in keys:
            found.append((node, key))
            waiting.append(node[key])
    return found


def _change(random: Random, spots: list[tuple[Any, Any]]) -> None:
    owner, key = random.choice(spots)
    kind = random.randrange(6)
    if kind == 0:
        del owner[key]
    elif kind == 1:
        owner[key] = deepcopy(random.choice(STRANGE))
    elif kind == 2:
        other, name = random.choice(spots)
        owner[key] = deepcopy(other[name])
    elif kind == 3 and isinstance(owner, dict):
        owner[f"{key}x"] = owner.pop(key)
    elif kind == 4 and isinstance(owner, list):
        random.shuffle(owner)
    elif isinstance(owner[key], bool):
        owner[key] = not owner[key]
    elif isinstance(owner[key], int | float):
        owner[key] += random.choice((-1, 1))
    else:
        owner[key] = deepcopy(random.choice(STRANGE))
