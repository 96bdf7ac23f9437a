"""The effects of a change to an OpenAPI document on client code. Independent of HTTP libraries."""

from driftline.changes.rules import RULES as RULES
from driftline.changes.wire.change import Change as Change
from driftline.changes.wire.compare import compare as compare, compare_apis as compare_apis
from driftline.changes.wire.source.document import Document as Document
from driftline.changes.wire.uses import Use as Use
