"""The input of openapi-python-client for a spec: all operations, in types that it can express."""

from driftline.generate.prepare.document import prepare
from driftline.generate.prepare.prepared import (
    Prepared,
    PreparedField,
    PreparedModel,
    PreparedOperation,
    PreparedParameter,
    PreparedResponse,
)
from driftline.generate.prepare.reasons import REASONS

__all__ = [
    "REASONS",
    "Prepared",
    "PreparedField",
    "PreparedModel",
    "PreparedOperation",
    "PreparedParameter",
    "PreparedResponse",
    "prepare",
]
