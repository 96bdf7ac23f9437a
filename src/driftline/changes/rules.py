"""The ids of changes: on the wire, and of generated clients."""

from __future__ import annotations

from typing import Final

from driftline.rules import Rules

RULES: Final = Rules("driftline.changes.wire", "operations.toml", "schemas.toml", "extensions.toml")


PYTHON_RULES: Final = Rules("driftline.changes.python", "rules.toml", prefix="python.")
