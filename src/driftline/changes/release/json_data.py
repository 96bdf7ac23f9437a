"""An outcome as JSON, for machines; release.schema.json describes it."""

from __future__ import annotations

import json

from driftline.changes.release.outcome import Outcome


def render(outcome: Outcome) -> str:
    """The outcome as one JSON document."""
    return json.dumps(outcome.to_dict(), ensure_ascii=False, indent=2) + "\n"
