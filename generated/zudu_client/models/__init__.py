# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
"""The models of Zudu; each is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .call import Call
    from .call_analysis import CallAnalysis
    from .call_cost import CallCost
    from .call_latency import CallLatency
    from .call_list_data import CallListData
    from .call_list_pagination import CallListPagination
    from .call_list_response import CallListResponse
    from .error import Error
    from .latency_statistics import LatencyStatistics
    from .telephony_identifier import TelephonyIdentifier

_MODULES: dict[str, str] = {
    "Call": ".call",
    "CallAnalysis": ".call_analysis",
    "CallCost": ".call_cost",
    "CallLatency": ".call_latency",
    "CallListData": ".call_list_data",
    "CallListPagination": ".call_list_pagination",
    "CallListResponse": ".call_list_response",
    "Error": ".error",
    "LatencyStatistics": ".latency_statistics",
    "TelephonyIdentifier": ".telephony_identifier",
}

__all__ = [
    "Call",
    "CallAnalysis",
    "CallCost",
    "CallLatency",
    "CallListData",
    "CallListPagination",
    "CallListResponse",
    "Error",
    "LatencyStatistics",
    "TelephonyIdentifier",
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
