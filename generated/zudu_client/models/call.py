# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional
from driftline.runtime import required as _required

if TYPE_CHECKING:
    from .call_analysis import CallAnalysis
    from .call_cost import CallCost
    from .call_latency import CallLatency
    from .telephony_identifier import TelephonyIdentifier

__all__ = ["Call"]


@_frozen(kw_only=True, repr=False, eq=False)
class Call(Model):
    """A call as it is listed. All types are read off the document's one example."""

    id: str = _field(metadata=_required("id"))
    """Names the record."""
    call_id: str | None = _field(default=ABSENT, metadata=_optional("call_id"))
    """Names the call."""
    agent_id: str | None = _field(default=ABSENT, metadata=_optional("agent_id"))
    """The agent that called or was called."""
    organization_id: str | None = _field(default=ABSENT, metadata=_optional("organization_id"))
    """Whose call it is."""
    call_status: str | None = _field(default=ABSENT, metadata=_optional("call_status"))
    """Where the call stands; the document's example is ENDED."""
    call_type: str | None = _field(default=ABSENT, metadata=_optional("call_type"))
    """What kind of call it is; the document's example is PHONE_CALL."""
    direction: str | None = _field(default=ABSENT, metadata=_optional("direction"))
    """Who called whom; the document's example is OUTBOUND."""
    from_number: str | None = _field(default=ABSENT, metadata=_optional("from_number"))
    """The number that called."""
    to_number: str | None = _field(default=ABSENT, metadata=_optional("to_number"))
    """The number that was called."""
    start_timestamp: int | None = _field(default=ABSENT, metadata=_optional("start_timestamp"))
    """When the call began, in milliseconds since 1970 UTC."""
    end_timestamp: int | None = _field(default=ABSENT, metadata=_optional("end_timestamp"))
    """When the call ended, in milliseconds since 1970 UTC."""
    call_duration: int | None = _field(default=ABSENT, metadata=_optional("call_duration"))
    """How long the call lasted, in milliseconds."""
    disconnection_reason: str | None = _field(
        default=ABSENT, metadata=_optional("disconnection_reason")
    )
    """Why the call ended; the document's example is USER_HANGUP."""
    recording_url: str | None = _field(default=ABSENT, metadata=_optional("recording_url"))
    """Where the recording can be fetched."""
    public_log_url: str | None = _field(default=ABSENT, metadata=_optional("public_log_url"))
    """Where the log can be read."""
    opt_out_sensitive_data_storage: bool | None = _field(
        default=ABSENT, metadata=_optional("opt_out_sensitive_data_storage")
    )
    """Whether sensitive data is left out of what is stored."""
    metadata: Mapping[str, Any] | None = _field(default=ABSENT, metadata=_optional("metadata"))
    """The caller's own facts about the call, such as customer_id, priority, campaign and
    batch_call_id.
    """
    events: Sequence[Any] | None = _field(default=ABSENT, metadata=_optional("events"))
    """What happened during the call; the document's example has none."""
    transcript: str | None = _field(default=ABSENT, metadata=_optional("transcript"))
    """What was said, as one text."""
    transcript_object: Sequence[Any] | None = _field(
        default=ABSENT, metadata=_optional("transcript_object")
    )
    """What was said, turn by turn; the document's example has none."""
    transcript_with_tool_calls: Sequence[Any] | None = _field(
        default=ABSENT, metadata=_optional("transcript_with_tool_calls")
    )
    """The same with the tools that were used; the document's example has none."""
    latency: CallLatency | None = _field(default=ABSENT, metadata=_optional("latency"))
    """How long the agent took to answer."""
    call_analysis: CallAnalysis | None = _field(default=ABSENT, metadata=_optional("call_analysis"))
    """What was made of the conversation afterwards."""
    call_cost: CallCost | None = _field(default=ABSENT, metadata=_optional("call_cost"))
    """What the call cost."""
    telephony_identifier: TelephonyIdentifier | None = _field(
        default=ABSENT, metadata=_optional("telephony_identifier")
    )
    """The call's names at the telephone provider."""
