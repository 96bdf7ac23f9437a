# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional
from driftline.runtime import required as _required

if TYPE_CHECKING:
    from .call_direction import CallDirection
    from .call_status import CallStatus
    from .participant import Participant

__all__ = ["AnalysisCall"]


@_frozen(kw_only=True, repr=False, eq=False)
class AnalysisCall(Model):
    """The call that is analysed."""

    id: UUID = _field(metadata=_required("id"))
    """Names the call."""
    call_direction: CallDirection = _field(metadata=_required("callDirection"))
    """Whether the agent was called or called itself."""
    started_at: str = _field(metadata=_required("startedAt"))
    """When the call began."""
    is_test: bool = _field(metadata=_required("isTest"))
    """Whether the call was only a test."""
    participants: Sequence[Participant] = _field(metadata=_required("participants"))
    """Those who spoke."""
    status: CallStatus | None = _field(default=ABSENT, metadata=_optional("status"))
    """Where a call stands."""
    summary: str | None = _field(default=ABSENT, metadata=_optional("summary"))
    """What was said, in short."""
    ended_at: str | None = _field(default=ABSENT, metadata=_optional("endedAt"))
    """When the call ended."""
    duration_ms: float | None = _field(default=ABSENT, metadata=_optional("durationMs"))
    """How long the call lasted, in milliseconds."""
    ended_reason: str | None = _field(default=ABSENT, metadata=_optional("endedReason"))
    """Why the call ended."""
