"""Follows a clause of a document back to the file that somebody wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from driftline.openapi.read.moves import MovedLines
from driftline.openapi.read.origins import LayeredLines


def trace_clause(
    path: Path, lines: Mapping[str, int], pointer: str, *, into_base: bool = True
) -> tuple[Path, str]:
    """Return the file that a node stands in, and its pointer there.

    `path` and `lines` are those of a spec or a source. Without `into_base`, a node of a document
    below an overlay is named by its pointer in the document that the overlay gives.

    Raises:
        KeyError: there is no such node.
    """
    while isinstance(lines, MovedLines | LayeredLines):
        if isinstance(lines, LayeredLines) and not into_base:
            return path, pointer
        source, pointer = lines.find_origin(pointer)
        path, lines = source.path, source.lines
    return path, pointer
