# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional

__all__ = ["CallListPagination"]


@_frozen(kw_only=True, repr=False, eq=False)
class CallListPagination(Model):
    """Where this page stands among all."""

    page: int | None = _field(default=ABSENT, metadata=_optional("page"))
    """Which page this is, counted from 0."""
    limit: int | None = _field(default=ABSENT, metadata=_optional("limit"))
    """How many calls a page holds at most."""
    total_count: int | None = _field(default=ABSENT, metadata=_optional("total_count"))
    """How many calls there are on all pages together."""
    total_pages: int | None = _field(default=ABSENT, metadata=_optional("total_pages"))
    """How many pages there are."""
    has_next_page: bool | None = _field(default=ABSENT, metadata=_optional("has_next_page"))
    """Whether another page follows."""
    has_previous_page: bool | None = _field(default=ABSENT, metadata=_optional("has_previous_page"))
    """Whether another page comes before."""
