"""The modules of the project as syntax trees, parsed once for all tests of names and imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def parse_module(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def list_nodes(path: Path) -> Sequence[ast.AST]:
    """Return every node of a module."""
    return tuple(ast.walk(parse_module(path)))


def filter_functions(nodes: Sequence[ast.AST]) -> Iterator[Function]:
    """Yield the functions and methods among the nodes of a module."""
    return (node for node in nodes if isinstance(node, Function))
