"""An acceptance as JSON, for programs."""

from __future__ import annotations

import json

from driftline.accept.outcome import Acceptance


def render(outcome: Acceptance) -> str:
    """Return one JSON document."""
    return json.dumps(outcome.to_dict(), ensure_ascii=False, indent=2) + "\n"
