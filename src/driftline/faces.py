"""The public names of a package, each imported from its module when it is first requested.

A package's `__init__` is its face: other packages import from there and nowhere else. Importing a
module at once would make each command load all of driftline, so a face has its imports under
`if TYPE_CHECKING`, which type checkers read and Python skips, and `load_later` reads them there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any


@contextmanager
def name_extra(extra: str) -> Generator[None]:
    """Add the hint to install an extra of driftline to the error of a failed import.

    Of imports within imports, the outermost names its extra, which contains the others.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        error.__notes__ = [suggest_extra(extra)]
        raise


def suggest_extra(extra: str) -> str:
    """Return the hint to install an extra; no command, since no package index has driftline."""
    return f"Install driftline again with the extra {extra!r}, from where you installed it."


def load_later(package: str) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package: it imports what its source lists for type checkers.

    Type checkers must not see the `__getattr__`, which would make any name an export.
    """

    @cache
    def find_modules() -> dict[str, str]:
        return dict(_read_imports(package))

    def load(name: str) -> Any:
        module = find_modules().get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(module), name)
        setattr(sys.modules[package], name, value)
        return value

    return load


def _read_imports(package: str) -> Iterator[tuple[str, str]]:
    """Yield each name that a package's source imports for type checkers, and its module."""
    import ast  # noqa: PLC0415 - a module that --help does without
    from linecache import getlines  # noqa: PLC0415

    module = sys.modules[package]
    lines = getlines(module.__file__ or "", vars(module))  # from a folder or an archive
    for block in ast.parse("".join(lines)).body:
        if isinstance(block, ast.If):
            for node in block.body:
                if isinstance(node, ast.ImportFrom) and node.module:
                    yield from ((alias.name, node.module) for alias in node.names)
