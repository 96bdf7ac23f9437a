"""The ids of changes of a generated client."""

from __future__ import annotations

from typing import Final

from driftline.rules import Rules

PYTHON_RULES: Final = Rules("driftline.changes.python", "rules.toml", prefix="python.")
