"""Typed clients from specs, by openapi-python-client with our templates."""

from driftline.generate.render import RECORD
from driftline.generate.trees import Changed, Difference, compare, generate, package_name

__all__ = ["RECORD", "Changed", "Difference", "compare", "generate", "package_name"]
