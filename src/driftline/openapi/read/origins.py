"""The origin of each node of a document that was merged from two files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from driftline.openapi import pointer as json_pointer
from driftline.openapi.pointer import is_array, is_object
from driftline.openapi.read.reader import Source


@attrs.frozen
class _Origin:
    """A node of one of the files, by its pointer there."""

    source: Source
    pointer: str

    def descend(self, token: str) -> _Origin:
        return _Origin(self.source, self.pointer + json_pointer.join(token))


class Origins:
    """The origins of objects and arrays, by identity, and of members set in them."""

    def __init__(self, base: Source) -> None:
        self.data = base.data
        self._containers: dict[int, _Origin] = {}
        self._set: dict[tuple[int, str], _Origin] = {}
        self._edited: set[int] = set()
        self.note(base.data, base, "")

    def note(self, node: Any, source: Source, pointer: str) -> int:
        """Record that `node` and its descendants are from `source`; return the number of nodes."""
        seen = 0
        for below, each in json_pointer.walk(node):
            seen += 1
            if is_object(each) or is_array(each):
                self._containers[id(each)] = _Origin(source, pointer + below)
        return seen

    def set(
        self, owner: dict[str, Any] | list[Any], key: str, source: Source, pointer: str
    ) -> None:
        """Record that the member or item `key` of `owner` is from `source`."""
        self._set[id(owner), key] = _Origin(source, pointer)

    def mark_edited(self, array: list[Any]) -> None:
        """Record that the items of `array` have changed position."""
        self._edited.add(id(array))
        for index in range(len(array) + 1):
            self._set.pop((id(array), str(index)), None)

    def find(self, pointer: str) -> tuple[Source, str]:
        """Return the file of the node at `pointer`, and its pointer there.

        Raises:
            KeyError: the node does not exist.
        """
        node, origin = self.data, self._containers[id(self.data)]
        for token in json_pointer.split(pointer):
            child = json_pointer.follow(node, json_pointer.join(token))
            if child is json_pointer.MISSING:
                raise KeyError(pointer)
            if (id(node), token) in self._set:
                origin = self._set[id(node), token]
            elif is_object(child) or is_array(child):
                origin = self._containers[id(child)]
            elif id(node) not in self._edited:
                origin = origin.descend(token)
            node = child
        return origin.source, origin.pointer


class _View:
    """The shared part of both tables: the pointers of the merged document."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins

    def __iter__(self) -> Iterator[str]:
        return (pointer for pointer, _ in json_pointer.walk(self.origins.data))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class LayeredLines(_View, Mapping[str, int]):
    """The line of each node in its file, by pointer."""

    def find_origin(self, pointer: str) -> tuple[Source, str]:
        """Return the file of the node at `pointer`, and its pointer there."""
        return self.origins.find(pointer)

    def __getitem__(self, pointer: str) -> int:
        source, found = self.origins.find(pointer)
        return source.lines[json_pointer.find_nearest(found, source.lines)]


class Files(_View, Mapping[str, Path]):
    """The file of each node, by pointer."""

    def __getitem__(self, pointer: str) -> Path:
        return self.origins.find(pointer)[0].path
