# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional

__all__ = ["CallCustomer"]


@_frozen(kw_only=True, repr=False, eq=False)
class CallCustomer(Model):
    """A customer that took part in a call."""

    phone_number_e164: str | None = _field(default=ABSENT, metadata=_optional("phoneNumberE164"))
    """The customer's telephone number, in E.164 form by its name."""
    label: str | None = _field(default=ABSENT, metadata=_optional("label"))
    """What the customer is called in the transcript."""
