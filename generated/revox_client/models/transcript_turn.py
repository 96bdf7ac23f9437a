# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional
from driftline.runtime import required as _required

if TYPE_CHECKING:
    from .transcript_role import TranscriptRole

__all__ = ["TranscriptTurn"]


@_frozen(kw_only=True, repr=False, eq=False)
class TranscriptTurn(Model):
    """One turn of a conversation."""

    content: str = _field(metadata=_required("content"))
    """What was said, or what a tool answered."""
    role: TranscriptRole = _field(metadata=_required("role"))
    """Whose turn it was."""
    tool_arguments: Mapping[str, Any] | str | None = _field(
        default=ABSENT, metadata=_optional("tool_arguments")
    )
    """What the tool was called with."""
    tool_is_error: bool | None = _field(default=ABSENT, metadata=_optional("tool_is_error"))
    """Whether the tool failed."""
    tool_name: str | None = _field(default=ABSENT, metadata=_optional("tool_name"))
    """Which tool was called."""
