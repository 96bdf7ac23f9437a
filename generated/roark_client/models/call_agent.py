# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional
from driftline.runtime import required as _required

if TYPE_CHECKING:
    from .call_agent_endpoint import CallAgentEndpoint

__all__ = ["CallAgent"]


@_frozen(kw_only=True, repr=False, eq=False)
class CallAgent(Model):
    """An agent that took part in a call."""

    id: UUID = _field(metadata=_required("id"))
    """Names the agent."""
    endpoint: CallAgentEndpoint | None = _field(default=ABSENT, metadata=_optional("endpoint"))
    """Where the agent was reached."""
