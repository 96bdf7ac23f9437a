"""Every id that a change of a generated client may have."""

from __future__ import annotations

from typing import Final

from driftline.rules import Rules

PYTHON_RULES: Final = Rules("driftline.changes.python", "rules.toml", prefix="python.")
