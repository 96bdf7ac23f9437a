# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING
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

__all__ = ["CreatedCall"]


@_frozen(kw_only=True, repr=False, eq=False)
class CreatedCall(Model):
    """A call as it was stored."""

    id: UUID = _field(metadata=_required("id"))
    """Names the call."""
    project_id: UUID = _field(metadata=_required("projectId"))
    """The project that the call belongs to."""
    call_direction: CallDirection = _field(metadata=_required("callDirection"))
    """Whether the agent was called or called itself."""
    started_at: datetime.datetime = _field(metadata=_required("startedAt"))
    """When the call began."""
    status: CallStatus | None = _field(default=ABSENT, metadata=_optional("status"))
    """Where a call stands."""
    agents: Sequence[CallAgent] | None = _field(default=ABSENT, metadata=_optional("agents"))
    """The agents that took part."""
    customers: Sequence[CallCustomer] | None = _field(
        default=ABSENT, metadata=_optional("customers")
    )
    """The customers that took part."""
    created_at: str | None = _field(default=ABSENT, metadata=_optional("createdAt"))
    """When the record was made. The document's example is no time."""
    external_id: str | None = _field(default=ABSENT, metadata=_optional("externalId"))
    """The caller's own ID for the call."""
