# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional
from driftline.runtime import required as _required

if TYPE_CHECKING:
    from .call import Call
    from .call_list_pagination import CallListPagination

__all__ = ["CallListData"]


@_frozen(kw_only=True, repr=False, eq=False)
class CallListData(Model):
    """One page of calls and how it was made."""

    calls: Sequence[Call] = _field(metadata=_required("calls"))
    """The calls of this page."""
    organization_id: str | None = _field(default=ABSENT, metadata=_optional("organization_id"))
    """Whose calls these are."""
    pagination: CallListPagination | None = _field(default=ABSENT, metadata=_optional("pagination"))
    """Where this page stands among all."""
    returned_count: int | None = _field(default=ABSENT, metadata=_optional("returned_count"))
    """How many calls this page has."""
    sort_order: str | None = _field(default=ABSENT, metadata=_optional("sort_order"))
    """Which way calls are sorted; the document's example is descending."""
    sort_by: str | None = _field(default=ABSENT, metadata=_optional("sort_by"))
    """What calls are sorted by; the document's example is start_timestamp."""
    applied_filters: Mapping[str, Any] | None = _field(
        default=ABSENT, metadata=_optional("applied_filters")
    )
    """The filters that were used."""
