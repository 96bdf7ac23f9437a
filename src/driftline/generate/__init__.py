"""Typed clients from specs, by openapi-python-client with our templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later
from driftline.generate.packaging import PROJECT_FILES, keep_project_files
from driftline.generate.trees import Changed, Difference, compare, generate, name_package

if TYPE_CHECKING:
    from driftline.generate.prepare.discriminators import Literals, collect_literals
    from driftline.generate.prepare.nodes import ReferenceResolver

if not TYPE_CHECKING:  # without this, a type checker takes any name for an export
    __getattr__ = load_later(__name__)
