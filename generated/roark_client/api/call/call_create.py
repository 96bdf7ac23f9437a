# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
"""POST /v1/call"""

from __future__ import annotations

from driftline.runtime import Endpoint

from ... import models

__all__ = ["ENDPOINT"]

ENDPOINT = Endpoint(
    id="call.create",
    method="POST",
    path="/v1/call",
    media_type="application/json",
    required_fields=(
        "recordingUrl",
        "startedAt",
        "interfaceType",
        "callDirection",
    ),
    security=(("bearerToken",),),
    messages={
        "400": "/message",
        "401": "/message",
        "409": "/message",
        "415": "/message",
        "429": "/message",
    },
    responses={
        "200": lambda: models.CallCreateResponse,
        "400": lambda: models.Error,
        "401": lambda: models.Error,
        "409": lambda: models.Error,
        "415": lambda: models.Error,
        "429": lambda: models.Error,
    },
)
