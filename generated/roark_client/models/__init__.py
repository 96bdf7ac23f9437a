# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
"""The models of Roark; each is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .analysis_call import AnalysisCall
    from .analysis_job import AnalysisJob
    from .call import Call
    from .call_agent import CallAgent
    from .call_agent_endpoint import CallAgentEndpoint
    from .call_analysis_create_request import CallAnalysisCreateRequest
    from .call_analysis_create_response import CallAnalysisCreateResponse
    from .call_create_request import CallCreateRequest
    from .call_create_response import CallCreateResponse
    from .call_customer import CallCustomer
    from .call_direction import CallDirection
    from .call_list_pagination import CallListPagination
    from .call_list_response import CallListResponse
    from .call_list_sort_by import CallListSortBy
    from .call_list_sort_direction import CallListSortDirection
    from .call_status import CallStatus
    from .created_call import CreatedCall
    from .ended_status import EndedStatus
    from .error import Error
    from .interface_type import InterfaceType
    from .participant import Participant
    from .participant_request import ParticipantRequest

_MODULES: dict[str, str] = {
    "AnalysisCall": ".analysis_call",
    "AnalysisJob": ".analysis_job",
    "Call": ".call",
    "CallAgent": ".call_agent",
    "CallAgentEndpoint": ".call_agent_endpoint",
    "CallAnalysisCreateRequest": ".call_analysis_create_request",
    "CallAnalysisCreateResponse": ".call_analysis_create_response",
    "CallCreateRequest": ".call_create_request",
    "CallCreateResponse": ".call_create_response",
    "CallCustomer": ".call_customer",
    "CallDirection": ".call_direction",
    "CallListPagination": ".call_list_pagination",
    "CallListResponse": ".call_list_response",
    "CallListSortBy": ".call_list_sort_by",
    "CallListSortDirection": ".call_list_sort_direction",
    "CallStatus": ".call_status",
    "CreatedCall": ".created_call",
    "EndedStatus": ".ended_status",
    "Error": ".error",
    "InterfaceType": ".interface_type",
    "Participant": ".participant",
    "ParticipantRequest": ".participant_request",
}

__all__ = [
    "AnalysisCall",
    "AnalysisJob",
    "Call",
    "CallAgent",
    "CallAgentEndpoint",
    "CallAnalysisCreateRequest",
    "CallAnalysisCreateResponse",
    "CallCreateRequest",
    "CallCreateResponse",
    "CallCustomer",
    "CallDirection",
    "CallListPagination",
    "CallListResponse",
    "CallListSortBy",
    "CallListSortDirection",
    "CallStatus",
    "CreatedCall",
    "EndedStatus",
    "Error",
    "InterfaceType",
    "Participant",
    "ParticipantRequest",
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
