"""Every id that a change may have, with what it means for a caller: the table of the command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from driftline.diff.rule import Rule
from driftline.diff.rules_calls import CALLS
from driftline.diff.rules_schemas import SCHEMAS
from driftline.diff.rules_words import WORDS

__all__ = ["RULES", "Rule"]

RULES: Final[Mapping[str, Rule]] = {rule.id: rule for rule in (*CALLS, *SCHEMAS, *WORDS)}
