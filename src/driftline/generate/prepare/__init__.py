"""Prepares the input of openapi-python-client: all operations, in types that it can express."""

from driftline.generate.prepare.document import prepare, report_widened
from driftline.generate.prepare.operations import METHOD_NAMES
from driftline.generate.prepare.prepared import (
    Prepared,
    PreparedBody,
    PreparedField,
    PreparedOperation,
    PreparedParameter,
    PreparedStream,
)
