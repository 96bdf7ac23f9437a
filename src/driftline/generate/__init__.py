"""Typed clients from specs, by openapi-python-client with our templates."""

from driftline.generate.trees import Difference, compare, generate, package_name

__all__ = ["Difference", "compare", "generate", "package_name"]
