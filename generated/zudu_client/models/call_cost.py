# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional

__all__ = ["CallCost"]


@_frozen(kw_only=True, repr=False, eq=False)
class CallCost(Model):
    """What the call cost."""

    combined_cost: float | None = _field(default=ABSENT, metadata=_optional("combined_cost"))
    """All costs together."""
