# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
"""The models of Revox; each is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .call import Call
    from .call_ended_by import CallEndedBy
    from .call_filter_status import CallFilterStatus
    from .call_list_response import CallListResponse
    from .call_result import CallResult
    from .call_status import CallStatus
    from .dial_error import DialError
    from .error import Error
    from .transcript_role import TranscriptRole
    from .transcript_turn import TranscriptTurn

_MODULES: dict[str, str] = {
    "Call": ".call",
    "CallEndedBy": ".call_ended_by",
    "CallFilterStatus": ".call_filter_status",
    "CallListResponse": ".call_list_response",
    "CallResult": ".call_result",
    "CallStatus": ".call_status",
    "DialError": ".dial_error",
    "Error": ".error",
    "TranscriptRole": ".transcript_role",
    "TranscriptTurn": ".transcript_turn",
}

__all__ = [
    "Call",
    "CallEndedBy",
    "CallFilterStatus",
    "CallListResponse",
    "CallResult",
    "CallStatus",
    "DialError",
    "Error",
    "TranscriptRole",
    "TranscriptTurn",
]


if not TYPE_CHECKING:  # or else a type checker would take any name for one of the models

    def __getattr__(name: str) -> Any:
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(module, __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
