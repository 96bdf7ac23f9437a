"""The public names of a package, each imported from its module when it is first asked for.

A package's `__init__` is its face: other packages import from there and nowhere else. Importing a
module at once would make each command load all of driftline, so a face only knows where its names
are. Type checkers read the same imports under `if TYPE_CHECKING`, and do not see the `__getattr__`,
which would make any name an export.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["load_later"]


def load_later(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package: `modules` has the module of each name."""

    def load(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{modules[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return load
