# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional

__all__ = ["CallAnalysis"]


@_frozen(kw_only=True, repr=False, eq=False)
class CallAnalysis(Model):
    """What was made of the conversation afterwards."""

    call_successful: bool | None = _field(default=ABSENT, metadata=_optional("call_successful"))
    """Whether the call reached its aim."""
    call_summary: str | None = _field(default=ABSENT, metadata=_optional("call_summary"))
    """What was said, in short."""
    user_sentiment: str | None = _field(default=ABSENT, metadata=_optional("user_sentiment"))
    """How the person felt; the document's example is Positive."""
    in_voicemail: bool | None = _field(default=ABSENT, metadata=_optional("in_voicemail"))
    """Whether a voicemail answered."""
