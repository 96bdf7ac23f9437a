# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional
from driftline.runtime import required as _required

__all__ = ["Participant"]


@_frozen(kw_only=True, repr=False, eq=False)
class Participant(Model):
    """One who spoke."""

    role: str = _field(metadata=_required("role"))
    """What part the participant had. The document's example is AGENT."""
    name: str | None = _field(default=ABSENT, metadata=_optional("name"))
    """Who it was."""
    phone_number: str | None = _field(default=ABSENT, metadata=_optional("phoneNumber"))
    """The telephone number."""
    spoke_first: bool | None = _field(default=ABSENT, metadata=_optional("spokeFirst"))
    """Whether this participant spoke first."""
