"""Specs: reading, checking and describing OpenAPI documents. No HTTP library in here."""

from driftline.spec.load import build_spec, files_below, find, load
from driftline.spec.model import Operation, Spec

__all__ = ["Operation", "Spec", "build_spec", "files_below", "find", "load"]
