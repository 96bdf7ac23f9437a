"""What a change of an OpenAPI document does to callers: no HTTP library, and no client in here."""

from driftline.changes.wire.change import Change as Change
from driftline.changes.wire.compare import (
    compare as compare,
    compare_apis as compare_apis,
)
from driftline.changes.wire.rules import RULES as RULES
from driftline.changes.wire.source.document import Document as Document
from driftline.changes.wire.uses import Use as Use
