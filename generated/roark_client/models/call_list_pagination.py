# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional
from driftline.runtime import required as _required

__all__ = ["CallListPagination"]


@_frozen(kw_only=True, repr=False, eq=False)
class CallListPagination(Model):
    """Where this page stands among all."""

    total: int = _field(metadata=_required("total"))
    """How many calls there are on all pages together."""
    has_more: bool = _field(metadata=_required("hasMore"))
    """Whether another page follows."""
    next_cursor: str | None = _field(
        default=ABSENT, metadata=_optional("nextCursor", nullable=True)
    )
    """What to send as `after` for the next page."""
