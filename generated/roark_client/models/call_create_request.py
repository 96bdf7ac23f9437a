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
    from .call_direction import CallDirection
    from .ended_status import EndedStatus
    from .interface_type import InterfaceType

__all__ = ["CallCreateRequest"]


@_frozen(kw_only=True, repr=False, eq=False)
class CallCreateRequest(Model):
    """A call to be added."""

    recording_url: str = _field(metadata=_required("recordingUrl"))
    """Where the recording can be fetched, signed or not. The file is WAV, MP3, MP4 or OGG."""
    started_at: datetime.datetime = _field(metadata=_required("startedAt"))
    """When the call began."""
    interface_type: InterfaceType = _field(metadata=_required("interfaceType"))
    """Whether the call came by telephone or from a web page."""
    call_direction: CallDirection = _field(metadata=_required("callDirection"))
    """Whether the agent was called or called itself."""
    stereo_recording_url: str | None = _field(
        default=ABSENT, metadata=_optional("stereoRecordingUrl")
    )
    """Where a recording in stereo can be fetched. WAV, MP3, MP4 or OGG."""
    ended_status: EndedStatus | None = _field(default=ABSENT, metadata=_optional("endedStatus"))
    """How the call came to its end."""
    transcript: Sequence[Mapping[str, Any]] | None = _field(
        default=ABSENT, metadata=_optional("transcript")
    )
    """What was said, turn by turn."""
    tool_invocations: Sequence[Mapping[str, Any]] | None = _field(
        default=ABSENT, metadata=_optional("toolInvocations")
    )
    """The tools that were used during the call."""
    properties: Mapping[str, Any] | None = _field(default=ABSENT, metadata=_optional("properties"))
    """The caller's own facts about the call, shown with it and usable in filters."""
    vapi_call_id: UUID | None = _field(default=ABSENT, metadata=_optional("vapiCallId"))
    """The call's ID at Vapi; links it with traces that come from there."""
    livekit_room_id: str | None = _field(default=ABSENT, metadata=_optional("livekitRoomId"))
    """The room's ID at LiveKit Cloud; links the call with traces from there."""
    external_id: str | None = _field(default=ABSENT, metadata=_optional("externalId"))
    """The caller's own lasting ID for the call, unique within a project. Traces that carry it as
    `roark.external_id` are linked with the call.
    """
    agent: Mapping[str, Any] | None = _field(default=ABSENT, metadata=_optional("agent"))
    """The agent, where there is only one."""
    agents: Sequence[Mapping[str, Any]] | None = _field(
        default=ABSENT, metadata=_optional("agents")
    )
    """The agents, each with what identifies it and its prompt."""
    customer: Mapping[str, Any] | None = _field(default=ABSENT, metadata=_optional("customer"))
    """The customer, where there is only one."""
    customers: Sequence[Mapping[str, Any]] | None = _field(
        default=ABSENT, metadata=_optional("customers")
    )
    """The customers."""
