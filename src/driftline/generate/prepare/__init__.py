"""The input of openapi-python-client for a spec: all operations, in types that it can express."""

from driftline.generate.prepare.document import prepare, report_widened
from driftline.generate.prepare.operations import METHOD_NAMES
from driftline.generate.prepare.prepared import (
    Prepared,
    PreparedBody,
    PreparedField,
    PreparedModel,
    PreparedOperation,
    PreparedParameter,
    PreparedResponse,
    PreparedStream,
)
from driftline.generate.prepare.reasons import REASONS

__all__ = [
    "METHOD_NAMES",
    "REASONS",
    "Prepared",
    "PreparedBody",
    "PreparedField",
    "PreparedModel",
    "PreparedOperation",
    "PreparedParameter",
    "PreparedResponse",
    "PreparedStream",
    "prepare",
    "report_widened",
]
