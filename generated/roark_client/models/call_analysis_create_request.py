# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional
from driftline.runtime import required as _required

if TYPE_CHECKING:
    from .call_direction import CallDirection
    from .interface_type import InterfaceType
    from .participant_request import ParticipantRequest

__all__ = ["CallAnalysisCreateRequest"]


@_frozen(kw_only=True, repr=False, eq=False)
class CallAnalysisCreateRequest(Model):
    """A recorded call to be analysed."""

    recording_url: str = _field(metadata=_required("recordingUrl"))
    """Where the recording, a WAV file, can be fetched, signed or not."""
    started_at: datetime.datetime = _field(metadata=_required("startedAt"))
    """When the call began."""
    interface_type: InterfaceType = _field(metadata=_required("interfaceType"))
    """Whether the call came by telephone or from a web page."""
    call_direction: CallDirection = _field(metadata=_required("callDirection"))
    """Whether the agent was called or called itself."""
    participants: Sequence[ParticipantRequest] = _field(metadata=_required("participants"))
    """The two who spoke."""
    stereo_recording_url: str | None = _field(
        default=ABSENT, metadata=_optional("stereoRecordingUrl")
    )
    """Where a stereo WAV file can be fetched; makes the player richer."""
    ended_reason: str | None = _field(default=ABSENT, metadata=_optional("endedReason"))
    """Why the call ended."""
    is_test: bool | None = _field(default=ABSENT, metadata=_optional("isTest"))
    """Whether the call was only a test."""
