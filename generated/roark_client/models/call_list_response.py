# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ListingModel
from driftline.runtime import required as _required

if TYPE_CHECKING:
    from .call import Call
    from .call_list_pagination import CallListPagination

__all__ = ["CallListResponse"]


@_frozen(kw_only=True, repr=False, eq=False)
class CallListResponse(ListingModel["Call"]):
    """CallListResponse"""

    data: Sequence[Call] = _field(metadata=_required("data"))
    """The calls of this page."""
    pagination: CallListPagination = _field(metadata=_required("pagination"))
    """Where this page stands among all."""
