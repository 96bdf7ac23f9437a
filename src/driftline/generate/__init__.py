"""Typed clients from specs, by openapi-python-client with our templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later
from driftline.generate.packaging import PROJECT_FILES, distribution_name, keep_project_files
from driftline.generate.trees import Changed, Difference, compare, generate, package_name

if TYPE_CHECKING:
    from driftline.generate.prepare.discriminators import Literals, collect_literals
    from driftline.generate.prepare.nodes import ReferenceResolver

__all__ = [
    "PROJECT_FILES",
    "Changed",
    "Difference",
    "Literals",
    "ReferenceResolver",
    "collect_literals",
    "compare",
    "distribution_name",
    "generate",
    "keep_project_files",
    "package_name",
]

_MODULES = {
    "Literals": "prepare.discriminators",
    "ReferenceResolver": "prepare.nodes",
    "collect_literals": "prepare.discriminators",
}

if not TYPE_CHECKING:  # or else a type checker would take any name for an export
    __getattr__ = load_later(__name__, _MODULES)
