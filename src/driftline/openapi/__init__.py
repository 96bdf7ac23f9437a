"""Specs: reading, checking and describing OpenAPI documents. No HTTP library in here."""

from driftline.openapi.model import CLIENT_DOCUMENT, Operation, Spec, name_client_package
from driftline.openapi.read.load import build_spec, files_below, find, load

__all__ = [
    "CLIENT_DOCUMENT",
    "Operation",
    "Spec",
    "build_spec",
    "files_below",
    "find",
    "load",
    "name_client_package",
]
