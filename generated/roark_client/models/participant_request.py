# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional

__all__ = ["ParticipantRequest"]


@_frozen(kw_only=True, repr=False, eq=False)
class ParticipantRequest(Model):
    """One of the two who spoke."""

    role: str | None = _field(default=ABSENT, metadata=_optional("role"))
    """What part the participant had. The document's sample shows AGENT."""
