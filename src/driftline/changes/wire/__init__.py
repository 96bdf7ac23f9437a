"""The effects of a change of an OpenAPI document on client code. Independent of HTTP libraries."""

from driftline.changes.rules import RULES
from driftline.changes.wire.change import Change
from driftline.changes.wire.compare import compare, compare_apis
from driftline.changes.wire.source.document import Document
from driftline.changes.wire.uses import Use
