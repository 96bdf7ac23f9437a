"""Reads a spec file, YAML 1.2 or JSON, to plain data with the line of every node.

YAML is read by its core schema: `no` is a string, and a date is a string. An alias is
followed at most `MAX_NODES` nodes far in all, so that a small file cannot become a huge one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from driftline.errors import Location, Problem, SpecError
from driftline.spec import pointer as json_pointer
from driftline.spec.quick import from_json, from_yaml

__all__ = ["MAX_NODES", "Source", "parse", "read", "slowly"]

MAX_NODES = 1_000_000
MAX_DEPTH = 200


@attrs.frozen
class Source:
    """The data of a spec file and, per JSON pointer, the 1-based line it stands on.

    `files` says of each node that stands in another file than `path` in which one.
    """

    path: Path
    data: Any
    lines: Mapping[str, int]
    files: Mapping[str, Path] = attrs.field(factory=dict[str, Path])

    def location(self, pointer: str) -> Location:
        """File and line of the clause at `pointer`, or of its nearest ancestor."""
        found = json_pointer.nearest(pointer, self.lines)
        return Location(self.files.get(found, self.path), self.lines.get(found, 1), pointer)


def read(path: Path) -> Source:
    """Reads the file at `path`.

    Raises:
        SpecError: the file is missing, is not UTF-8, or is neither YAML 1.2 nor JSON.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read: {error}"
        problem = Problem("file.unreadable", Location(path, 1, ""), what, "Name a UTF-8 file.")
        raise SpecError((problem,)) from None
    return parse(path, text)


def parse(path: Path, text: str) -> Source:
    """Reads `text`; `path` is what the file is called, wherever the text came from.

    Raises:
        SpecError: it is neither YAML 1.2 nor JSON.
    """
    quick = from_json if path.suffix == ".json" else from_yaml
    found = quick(text, most=MAX_NODES, deepest=MAX_DEPTH)
    return slowly(path, text) if found is None else Source(path, *found)


def slowly(path: Path, text: str) -> Source:
    """The same for any text; what is wrong with it is told.

    Raises:
        SpecError: it is neither YAML 1.2 nor JSON.
    """
    # Few files need it, and what it stands on takes a while to import.
    from driftline.spec.slow import read_whole  # noqa: PLC0415

    return Source(path, *read_whole(path, text, most=MAX_NODES, deepest=MAX_DEPTH))
