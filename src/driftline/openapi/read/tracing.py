"""Follows a clause of a document back to its source file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from driftline.openapi.read.moves import MovedLines
from driftline.openapi.read.origins import LayeredLines


def trace_clause(
    path: Path, lines: Mapping[str, int], pointer: str, *, into_base: bool = True
) -> tuple[Path, str]:
    """Return the source file of a node, and its pointer there.

    `path` and `lines` are those of a spec or a source. Without `into_base`, a node of a document
    with an overlay is named by its pointer in the resulting document.

    Raises:
        KeyError: the node does not exist.
    """
    while isinstance(lines, MovedLines | LayeredLines):
        if isinstance(lines, LayeredLines) and not into_base:
            return path, pointer
        source, pointer = lines.find_origin(pointer)
        path, lines = source.path, source.lines
    return path, pointer
