"""The catalogue as SARIF has it: a rule an id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from driftline.checks import CATALOGUE, Severity
from driftline.suite import finding_docs as prose

LEVELS: Final[Mapping[Severity, str]] = {
    "breaking": "error",
    "additive": "warning",
    "assumed": "note",
}
_NAMES: Final = {"error": "error", "warning": "warning", "note": "recommendation"}


def build_rule(kind: str) -> dict[str, Any]:
    """Return what is said about the id once, for all results that have it."""
    entry = CATALOGUE.get(kind)
    if entry is None:
        return {"id": kind, "shortDescription": {"text": kind}}
    level = LEVELS[entry.severity]
    return {
        "id": kind,
        "name": "".join(word.capitalize() for word in kind.replace("-", ".").split(".")),
        "shortDescription": {"text": prose.format_sentence(entry.summary)},
        "fullDescription": {"text": f"{prose.format_sentence(entry.summary)} {entry.meaning}"},
        "help": {"text": prose.format_text(entry), "markdown": prose.format_markdown(entry)},
        "defaultConfiguration": {"level": level},
        "properties": {
            "tags": ["api-contract", kind.partition(".")[0]],
            "precision": "very-high",
            "problem.severity": _NAMES[level],
        },
    }
