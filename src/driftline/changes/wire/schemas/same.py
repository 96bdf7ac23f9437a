"""Tells parts of two documents that are the same, references included, without comparing them.

Two versions of a document differ in little. Whatever has the same JSON on both sides, and only
references to components of which that is true as well, has no difference in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final

from driftline.changes.wire.source.document import Document, Node
from driftline.openapi import is_object, pointer as json_pointer


def _encode_missing(_: object) -> dict[str, str]:
    return {"": "missing"}


_ENCODER: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_encode_missing)
_REFERENCE: Final = re.compile(r'"\$ref": "((?:[^"\\]|\\.)*)"')


class Sameness:
    """What is the same in two documents; it never says so of anything that differs."""

    def __init__(self, old: Document, new: Document) -> None:
        self._changed = frozenset[str]()
        self.comparable = _collect_context(old) == _collect_context(new)
        if self.comparable:
            self._changed = _list_changed(old, new)

    def is_same(self, old: Node, new: Node) -> bool:
        """Return whether both nodes, and whatever they refer to, are the same."""
        if not self.comparable:
            return False
        text = _dump(old.value)
        return text == _dump(new.value) and self._changed.isdisjoint(_list_references(text))


def _collect_context(document: Document) -> tuple[Any, ...]:
    """Return what parts of a document depend on without referring to it."""
    components = document.data.get("components")
    schemas = components.get("schemas") if is_object(components) else None
    schemes = components.get("securitySchemes") if is_object(components) else None
    names = sorted(schemas) if is_object(schemas) else None
    return (
        document.is_old,
        names,
        _dump(schemes),
        *map(document.data.get, ("servers", "security")),
    )


def _list_changed(old: Document, new: Document) -> frozenset[str]:
    """Return the references whose targets differ, or lead to one that does."""
    waiting = list(_list_references(_dump(old.data)))
    known = set(waiting)
    users: dict[str, list[str]] = {}
    changed: list[str] = []
    while waiting:
        reference = waiting.pop()
        target = json_pointer.parse_reference(reference)
        texts = [_dump(json_pointer.follow(each.data, target)) for each in (old, new)]
        if texts[0] != texts[1] or not reference.startswith("#"):
            changed.append(reference)
        for inner in _list_references(texts[0]):
            users.setdefault(inner, []).append(reference)
            if inner not in known:
                known.add(inner)
                waiting.append(inner)
    found = set(changed)
    while changed:
        for user in users.get(changed.pop(), ()):
            if user not in found:
                found.add(user)
                changed.append(user)
    return frozenset(found)


def _dump(value: Any) -> str:
    """Return the value as JSON, in which 1 is not true and the order of keys is nothing."""
    return _ENCODER.encode(value)


def _list_references(text: str) -> Iterable[str]:
    return (
        json.loads(f'"{found}"') if "\\" in found else found for found in _REFERENCE.findall(text)
    )
