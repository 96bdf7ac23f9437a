# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional
from driftline.runtime import required as _required

if TYPE_CHECKING:
    from .call_ended_by import CallEndedBy
    from .call_result import CallResult
    from .call_status import CallStatus
    from .dial_error import DialError
    from .transcript_turn import TranscriptTurn

__all__ = ["Call"]


@_frozen(kw_only=True, repr=False, eq=False)
class Call(Model):
    """An attempt to call somebody."""

    id: str = _field(metadata=_required("id"))
    """Names the attempt."""
    answered_at: Any = _field(metadata=_required("answered_at"))
    """When somebody answered."""
    dial_error: DialError | None = _field(metadata=_required("dial_error"))
    ended_at: Any = _field(metadata=_required("ended_at"))
    """When the call ended."""
    phone_number: str = _field(metadata=_required("phone_number"))
    """The number called, in E.164 form such as +1234567890."""
    recording_url: str | None = _field(metadata=_required("recording_url"))
    """Where the recording can be fetched."""
    result: CallResult | None = _field(metadata=_required("result"))
    started_at: Any = _field(metadata=_required("started_at"))
    """When the call began."""
    status: CallStatus = _field(metadata=_required("status"))
    """Where an attempt stands."""
    end_reason: str | None = _field(default=ABSENT, metadata=_optional("end_reason", nullable=True))
    """Why an agent hung up, e.g. tool_end_call, voicemail, transfer, ivr_no_navigate."""
    ended_by: CallEndedBy | None = _field(
        default=ABSENT, metadata=_optional("ended_by", nullable=True)
    )
    structured_output: Mapping[str, Any] | None = _field(
        default=ABSENT, metadata=_optional("structured_output", nullable=True)
    )
    """What was extracted from the conversation, in the form that the call asked for."""
    transcript: Sequence[TranscriptTurn] | None = _field(
        default=ABSENT, metadata=_optional("transcript", nullable=True)
    )
    """What was said, turn by turn."""
