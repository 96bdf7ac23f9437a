# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, ListingModel
from driftline.runtime import optional as _optional
from driftline.runtime import required as _required

if TYPE_CHECKING:
    from .call import Call
    from .call_list_data import CallListData

__all__ = ["CallListResponse"]


@_frozen(kw_only=True, repr=False, eq=False)
class CallListResponse(ListingModel["Call"]):
    """CallListResponse"""

    message: str = _field(metadata=_required("message"))
    """A sentence for a person to read."""
    status: str = _field(metadata=_required("status"))
    """How it went; the document's example is success."""
    data: CallListData = _field(metadata=_required("data"))
    """One page of calls and how it was made."""
    error: str | None = _field(default=ABSENT, metadata=_optional("error", nullable=True))
    """What went wrong, or null."""
