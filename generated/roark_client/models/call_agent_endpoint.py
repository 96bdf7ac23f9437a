# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from uuid import UUID

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional
from driftline.runtime import required as _required

__all__ = ["CallAgentEndpoint"]


@_frozen(kw_only=True, repr=False, eq=False)
class CallAgentEndpoint(Model):
    """Where the agent was reached."""

    id: UUID = _field(metadata=_required("id"))
    """Names the endpoint."""
    environment: str = _field(metadata=_required("environment"))
    """The environment that the endpoint belongs to."""
    phone_number_e164: str | None = _field(default=ABSENT, metadata=_optional("phoneNumberE164"))
    """The endpoint's telephone number, in E.164 form by its name."""
