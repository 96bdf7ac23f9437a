"""The modules of the project as syntax trees, parsed once for all tests of names and imports."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache
from pathlib import Path


@cache
def parse_module(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def list_nodes(path: Path) -> Sequence[ast.AST]:
    """Return every node of a module."""
    return tuple(ast.walk(parse_module(path)))
