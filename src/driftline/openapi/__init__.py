"""Specs: reading, checking and describing OpenAPI documents. No HTTP library in here."""

from driftline.openapi.model import Operation, Spec
from driftline.openapi.read.load import build_spec, files_below, find, load

__all__ = ["Operation", "Spec", "build_spec", "files_below", "find", "load"]
