# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ListingModel
from driftline.runtime import required as _required

if TYPE_CHECKING:
    from .call import Call

__all__ = ["CallListResponse"]


@_frozen(kw_only=True, repr=False, eq=False)
class CallListResponse(ListingModel["Call"]):
    """CallListResponse"""

    calls: Sequence[Call] = _field(metadata=_required("calls"))
    """The attempts of this page."""
