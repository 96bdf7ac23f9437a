"""The form of a rule."""

from __future__ import annotations

import attrs

from driftline.diff.change import Direction, Severity

__all__ = ["Rule"]


@attrs.frozen(kw_only=True)
class Rule:
    """One id, and what a reader of a comparison wants to know about it.

    `summary` is one line without a full stop; `reason` says why it is as grave as it is, `remedy`
    what to do; both are sentences.
    """

    id: str
    severity: Severity
    direction: Direction
    summary: str
    reason: str
    remedy: str
