# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import Model
from driftline.runtime import required as _required

__all__ = ["Error"]


@_frozen(kw_only=True, repr=False, eq=False)
class Error(Model):
    """What went wrong."""

    message: str = _field(metadata=_required("message"))
    """A sentence for a person to read."""
