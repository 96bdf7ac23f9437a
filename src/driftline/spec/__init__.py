"""Specs: reading, checking and describing OpenAPI 3.1 documents. No HTTP library in here."""

from driftline.spec.load import find, load
from driftline.spec.model import Operation, Spec

__all__ = ["Operation", "Spec", "find", "load"]
