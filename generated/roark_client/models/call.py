# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional
from driftline.runtime import required as _required

if TYPE_CHECKING:
    from .call_agent import CallAgent
    from .call_customer import CallCustomer
    from .call_direction import CallDirection
    from .call_status import CallStatus
    from .ended_status import EndedStatus

__all__ = ["Call"]


@_frozen(kw_only=True, repr=False, eq=False)
class Call(Model):
    """A call as it is listed."""

    id: UUID = _field(metadata=_required("id"))
    """Names the call, and is the cursor for the page after it."""
    project_id: UUID = _field(metadata=_required("projectId"))
    """The project that the call belongs to."""
    call_direction: CallDirection = _field(metadata=_required("callDirection"))
    """Whether the agent was called or called itself."""
    started_at: datetime.datetime = _field(metadata=_required("startedAt"))
    """When the call began."""
    title: str | None = _field(default=ABSENT, metadata=_optional("title"))
    """A headline made from the conversation."""
    summary: str | None = _field(default=ABSENT, metadata=_optional("summary"))
    """What was said, in short."""
    status: CallStatus | None = _field(default=ABSENT, metadata=_optional("status"))
    """Where a call stands."""
    ended_at: datetime.datetime | None = _field(default=ABSENT, metadata=_optional("endedAt"))
    """When the call ended."""
    duration_ms: float | None = _field(default=ABSENT, metadata=_optional("durationMs"))
    """How long the call lasted, in milliseconds."""
    ended_status: EndedStatus | None = _field(default=ABSENT, metadata=_optional("endedStatus"))
    """How the call came to its end."""
    recording_url: str | None = _field(default=ABSENT, metadata=_optional("recordingUrl"))
    """Where the recording can be fetched."""
    simulation_job_id: UUID | None = _field(default=ABSENT, metadata=_optional("simulationJobId"))
    """The simulation that made the call, if one did."""
    superseded_by_call_id: UUID | None = _field(
        default=ABSENT, metadata=_optional("supersededByCallId")
    )
    """The call that took this one's place, if one did."""
    agents: Sequence[CallAgent] | None = _field(default=ABSENT, metadata=_optional("agents"))
    """The agents that took part."""
    customers: Sequence[CallCustomer] | None = _field(
        default=ABSENT, metadata=_optional("customers")
    )
    """The customers that took part."""
    created_at: datetime.datetime | None = _field(default=ABSENT, metadata=_optional("createdAt"))
    """When the record was made."""
    updated_at: datetime.datetime | None = _field(default=ABSENT, metadata=_optional("updatedAt"))
    """When the record was last changed."""
    properties: Mapping[str, Any] | None = _field(default=ABSENT, metadata=_optional("properties"))
    """The caller's own facts about the call."""
