"""Random mutations of a document."""

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
    """Return a copy of the document with `count` random changes."""
    mutant = deepcopy(document)
    for _ in range(count):
        nodes = _list_nodes(mutant)
        if nodes:
            _change_node(random, nodes)
    return mutant


def _list_nodes(node: Any) -> list[tuple[Any, Any]]:
    """Return every member of every object and array with its owner."""
    nodes: list[tuple[Any, Any]] = []
    waiting = [node]
    while waiting:
        node = waiting.pop()
        keys: Any = ()
        if isinstance(node, dict):
            keys = node
        elif isinstance(node, list):
            keys = range(len(node))
        for key in keys:
            nodes.append((node, key))
            waiting.append(node[key])
    return nodes


def _change_node(random: Random, nodes: list[tuple[Any, Any]]) -> None:
    owner, key = random.choice(nodes)
    kind = random.randrange(6)
    if kind == 0:
        del owner[key]
    elif kind == 1:
        owner[key] = deepcopy(random.choice(STRANGE))
    elif kind == 2:
        other_owner, name = random.choice(nodes)
        owner[key] = deepcopy(other_owner[name])
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
