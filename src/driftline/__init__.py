"""Typed clients, mock servers and contract suites from one OpenAPI document."""

__version__ = "0.1.0"
