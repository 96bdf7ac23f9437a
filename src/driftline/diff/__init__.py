"""What a change of an OpenAPI document does to callers: no HTTP library, and no client in here."""

from driftline.diff.change import SEVERITIES, Change, Use
from driftline.diff.compare import compare, compare_apis
from driftline.diff.document import Document
from driftline.diff.rules import RULES, Rule

__all__ = ["RULES", "SEVERITIES", "Change", "Document", "Rule", "Use", "compare", "compare_apis"]
