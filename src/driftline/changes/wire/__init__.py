"""What a change of an OpenAPI document does to callers: no HTTP library, and no client in here."""

from driftline.changes.wire.change import SEVERITIES, Change, Use
from driftline.changes.wire.compare import compare, compare_apis
from driftline.changes.wire.rules import RULES, Rule
from driftline.changes.wire.source.document import Document

__all__ = ["RULES", "SEVERITIES", "Change", "Document", "Rule", "Use", "compare", "compare_apis"]
