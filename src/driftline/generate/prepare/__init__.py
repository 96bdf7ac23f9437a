"""Prepares the input of openapi-python-client: all operations, in types that it can express."""

from driftline.generate.prepare.document import prepare as prepare, report_widened as report_widened
from driftline.generate.prepare.operations import METHOD_NAMES as METHOD_NAMES
from driftline.generate.prepare.prepared import (
    GeneratorInput as GeneratorInput,
    PreparedBody as PreparedBody,
    PreparedField as PreparedField,
    PreparedOperation as PreparedOperation,
    PreparedParameter as PreparedParameter,
    PreparedStream as PreparedStream,
)
