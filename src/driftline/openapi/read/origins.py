"""Keeps the file and line of each node, also after it was merged or moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from driftline.errors import Location, Problem
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
        self._set_members: dict[tuple[int, str], _Origin] = {}
        self._edited_arrays: set[int] = set()
        self.note(base.data, base, "")

    def note(self, node: Any, source: Source, pointer: str) -> int:
        """Record that `node` and its descendants are from `source`; return the number of nodes."""
        count = 0
        for subpointer, child in json_pointer.walk(node):
            count += 1
            if is_object(child) or is_array(child):
                self._containers[id(child)] = _Origin(source, pointer + subpointer)
        return count

    def set(
        self, owner: dict[str, Any] | list[Any], key: str, source: Source, pointer: str
    ) -> None:
        """Record that the member or item `key` of `owner` is from `source`."""
        self._set_members[id(owner), key] = _Origin(source, pointer)

    def mark_edited(self, array: list[Any]) -> None:
        """Record that the items of `array` have changed position."""
        self._edited_arrays.add(id(array))
        for index in range(len(array) + 1):
            self._set_members.pop((id(array), str(index)), None)

    def find_origin(self, pointer: str) -> tuple[Source, str]:
        """Return the file of the node at `pointer`, and its pointer there.

        Raises:
            KeyError: the node does not exist.
        """
        node, origin = self.data, self._containers[id(self.data)]
        for token in json_pointer.split(pointer):
            child = json_pointer.follow(node, json_pointer.join(token))
            if child is json_pointer.MISSING:
                raise KeyError(pointer)
            if (id(node), token) in self._set_members:
                origin = self._set_members[id(node), token]
            elif is_object(child) or is_array(child):
                origin = self._containers[id(child)]
            elif id(node) not in self._edited_arrays:
                origin = origin.descend(token)
            node = child
        return origin.source, origin.pointer


class NodeMoves:
    """The original file and pointer of moved nodes, by pointer in the new document.

    The descendants of a node move with it. A node that was never moved is where it was in `base`.
    """

    def __init__(self, base: Source) -> None:
        self.base = base
        self._moved_nodes: dict[str, tuple[Source, str]] = {}

    def note(self, pointer: str, origin: str, source: Source | None = None) -> None:
        """Record that the node at `pointer` was at `origin`, in another file or this document."""
        self._moved_nodes[pointer] = (
            (source, origin) if source is not None else self.find_origin(origin)
        )

    def find_origin(self, pointer: str) -> tuple[Source, str]:
        """Return the original file and pointer of the node at `pointer`."""
        if not self._moved_nodes:
            return self.base, pointer
        nearest = json_pointer.find_nearest(pointer, self._moved_nodes)
        if nearest not in self._moved_nodes:
            return self.base, pointer
        source, origin = self._moved_nodes[nearest]
        return source, origin + pointer[len(nearest) :]

    def build_source(self, data: Any, problems: tuple[Problem, ...]) -> Source:
        """Return the new document, whose nodes keep their original lines."""
        base, find = self.base, self.find_origin
        lines, files = OriginLines(data, find), OriginFiles(data, find)
        return Source(base.path, data, lines, files, problems, base.folder)


class _Table:
    """The pointers of a new document, and where each of its nodes was."""

    def __init__(self, data: Any, find_origin: Callable[[str], tuple[Source, str]]) -> None:
        self._data, self.find_origin = data, find_origin

    def __iter__(self) -> Iterator[str]:
        return (pointer for pointer, _ in json_pointer.walk(self._data))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class OriginLines(_Table, Mapping[str, int]):
    """The line of each node in its original file, by pointer."""

    def __getitem__(self, pointer: str) -> int:
        source, origin = self.find_origin(pointer)
        return source.lines[origin]


class LayeredLines(OriginLines):
    """The lines of a document with an overlay; a changed item has that of its array."""

    def __getitem__(self, pointer: str) -> int:
        source, origin = self.find_origin(pointer)
        return source.lines[json_pointer.find_nearest(origin, source.lines)]


class OriginFiles(_Table, Mapping[str, Path]):
    """The original file of each node, by pointer."""

    def __getitem__(self, pointer: str) -> Path:
        source, origin = self.find_origin(pointer)
        return source.files.get(origin, source.path)


def trace_clause(
    path: Path, lines: Mapping[str, int], pointer: str, *, into_base: bool = True
) -> tuple[Path, str]:
    """Return the source file of a node, and its pointer there.

    `path` and `lines` are those of a spec or a source. Without `into_base`, a node of a document
    with an overlay is named by its pointer in the resulting document.

    Raises:
        KeyError: the node does not exist.
    """
    while isinstance(lines, OriginLines):
        if isinstance(lines, LayeredLines) and not into_base:
            return path, pointer
        source, pointer = lines.find_origin(pointer)
        path, lines = source.path, source.lines
    return path, pointer


_MOST_NOTES: Final = 2_000
"""The maximum number of problems that are kept; a hostile document may have a million."""


@attrs.frozen
class _Note:
    id: str
    pointer: str
    message: str
    hint: str
    severity: str
    origin: tuple[Source, str] | None = attrs.field(default=None, eq=False)


class Notes:
    """Collects problems by their pointer in the document at that time.

    Moves are resolved when a problem is recorded, since a pointer may refer to another node later.
    """

    def __init__(self, moves: NodeMoves | None = None) -> None:
        self._moves = moves
        self._notes: dict[_Note, None] = {}

    def warn(self, name: str, pointer: str, message: str, hint: str) -> None:
        """Record a mistake that was read leniently, or a part that cannot be used."""
        self._add(name, pointer, message, hint, "warning")

    def error(self, name: str, pointer: str, message: str, hint: str) -> None:
        """Record a mistake that has to be corrected."""
        self._add(name, pointer, message, hint, "error")

    def _add(self, name: str, pointer: str, message: str, hint: str, severity: str) -> None:
        if len(self._notes) < _MOST_NOTES:
            origin = self._moves.find_origin(pointer) if self._moves else None
            self._notes.setdefault(_Note(name, pointer, message, hint, severity, origin))

    def list_problems(self, source: Source) -> tuple[Problem, ...]:
        """Return the problems with their files and lines."""
        return tuple(
            Problem(
                note.id,
                _locate_note(source, note),
                note.message,
                note.hint,
                "error" if note.severity == "error" else "warning",
            )
            for note in self._notes
        )


def _locate_note(source: Source, note: _Note) -> Location:
    if note.origin is None:
        return source.locate(note.pointer)
    origin, pointer = note.origin
    return attrs.evolve(origin.locate(pointer), pointer=note.pointer)
