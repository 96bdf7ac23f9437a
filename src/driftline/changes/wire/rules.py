"""Every id that a change of a document may have."""

from __future__ import annotations

from typing import Final

from driftline.rules import Rules

RULES: Final = Rules("driftline.changes.wire", "operations.toml", "schemas.toml", "extensions.toml")
