"""Tracks nodes that reading moves, so that each keeps its file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from driftline.errors import Problem
from driftline.openapi import pointer as json_pointer
from driftline.openapi.read.reader import Source


class Moves:
    """The original file and pointer of moved nodes, by pointer in the new document.

    The descendants of a node move with it. A node that was never moved is where it was in `base`.
    """

    def __init__(self, base: Source) -> None:
        self.base = base
        self._table: dict[str, tuple[Source, str]] = {}

    def note(self, pointer: str, origin: str, source: Source | None = None) -> None:
        """Record that the node at `pointer` was at `origin`, in another file or this document."""
        self._table[pointer] = (source, origin) if source is not None else self.find_origin(origin)

    def find_origin(self, pointer: str) -> tuple[Source, str]:
        """Return the original file and pointer of the node at `pointer`."""
        if not self._table:
            return self.base, pointer
        found = json_pointer.find_nearest(pointer, self._table)
        if found not in self._table:
            return self.base, pointer
        source, origin = self._table[found]
        return source, origin + pointer[len(found) :]

    def build_source(self, data: Any, problems: tuple[Problem, ...]) -> Source:
        """Return the new document, whose nodes keep their original lines."""
        base = self.base
        return Source(
            base.path, data, MovedLines(self, data), _Files(self, data), problems, base.folder
        )


class _Table:
    def __init__(self, moves: Moves, data: Any) -> None:
        self._moves, self._data = moves, data

    def __iter__(self) -> Iterator[str]:
        return (pointer for pointer, _ in json_pointer.walk(self._data))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class MovedLines(_Table, Mapping[str, int]):
    """The line of each node in its original file, by pointer."""

    def find_origin(self, pointer: str) -> tuple[Source, str]:
        """Return the original file and pointer of the node at `pointer`."""
        return self._moves.find_origin(pointer)

    def __getitem__(self, pointer: str) -> int:
        source, origin = self._moves.find_origin(pointer)
        return source.lines[origin]


class _Files(_Table, Mapping[str, Path]):
    """The original file of each node, by pointer."""

    def __getitem__(self, pointer: str) -> Path:
        source, origin = self._moves.find_origin(pointer)
        return source.files.get(origin, source.path)
