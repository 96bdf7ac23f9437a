# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import Model
from driftline.runtime import required as _required

if TYPE_CHECKING:
    from .created_call import CreatedCall

__all__ = ["CallCreateResponse"]


@_frozen(kw_only=True, repr=False, eq=False)
class CallCreateResponse(Model):
    """CallCreateResponse"""

    data: CreatedCall = _field(metadata=_required("data"))
    """A call as it was stored."""
