# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["EndedStatus"]

EndedStatus: TypeAlias = Literal[
    "PARTICIPANTS_DID_NOT_SPEAK",
    "AGENT_DID_NOT_ANSWER",
    "AGENT_DID_NOT_SPEAK",
    "AGENT_STOPPED_SPEAKING",
    "AGENT_ENDED_CALL",
    "AGENT_TRANSFERRED_CALL",
    "AGENT_BUSY",
    "AGENT_ERROR",
    "CUSTOMER_ENDED_CALL",
    "VOICE_MAIL_REACHED",
    "SILENCE_TIME_OUT",
    "PHONE_CALL_PROVIDER_CONNECTION_ERROR",
    "CUSTOMER_DID_NOT_ANSWER",
    "CUSTOMER_DID_NOT_SPEAK",
    "CUSTOMER_STOPPED_SPEAKING",
    "CUSTOMER_BUSY",
    "DIAL_ERROR",
    "MAX_DURATION_REACHED",
    "UNKNOWN",
]
"""How the call came to its end."""
