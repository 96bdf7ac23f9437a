"""Typed clients from specs, by openapi-python-client with our templates."""

from driftline.generate.packaging import PROJECT_FILES, distribution_name, keep_project_files
from driftline.generate.trees import Changed, Difference, compare, generate, package_name

__all__ = [
    "PROJECT_FILES",
    "Changed",
    "Difference",
    "compare",
    "distribution_name",
    "generate",
    "keep_project_files",
    "package_name",
]
