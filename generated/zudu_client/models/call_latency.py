# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional

if TYPE_CHECKING:
    from .latency_statistics import LatencyStatistics

__all__ = ["CallLatency"]


@_frozen(kw_only=True, repr=False, eq=False)
class CallLatency(Model):
    """How long the agent took to answer."""

    e2e: LatencyStatistics | None = _field(default=ABSENT, metadata=_optional("e2e"))
    """Measurements in milliseconds, and how they are distributed."""
