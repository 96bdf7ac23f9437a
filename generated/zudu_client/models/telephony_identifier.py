# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional

__all__ = ["TelephonyIdentifier"]


@_frozen(kw_only=True, repr=False, eq=False)
class TelephonyIdentifier(Model):
    """The call's names at the telephone provider."""

    call_sid: str | None = _field(default=ABSENT, metadata=_optional("call_sid"))
    """The call there."""
    conference_sid: str | None = _field(default=ABSENT, metadata=_optional("conference_sid"))
    """The conference there."""
