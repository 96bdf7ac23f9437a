"""Every id that a change of a document may have."""

from __future__ import annotations

from typing import Final

from driftline.rules import Rule, Rules

__all__ = ["RULES", "Rule"]

RULES: Final = Rules("driftline.changes.wire", "operations.toml", "schemas.toml", "extensions.toml")
