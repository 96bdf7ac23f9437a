# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
"""GET /call"""

from __future__ import annotations

from driftline.runtime import Endpoint, NumberPaging, WireParameter

from ... import models

__all__ = ["ENDPOINT"]

ENDPOINT = Endpoint(
    id="call.list",
    method="GET",
    path="/call",
    parameters=(
        WireParameter("page", "query", style="form", explode=True, required=True),
        WireParameter("page_size", "query", style="form", explode=True, required=True),
        WireParameter("statuses", "query", style="form", explode=False, required=False),
    ),
    security=(("apiKey",),),
    messages={
        "400": "/message",
        "401": "/message",
        "429": "/message",
    },
    listing=NumberPaging(
        "/calls",
        "/id",
        parameter="page",
        size="page_size",
    ),
    responses={
        "200": lambda: models.CallListResponse,
        "400": lambda: models.Error,
        "401": lambda: models.Error,
        "429": lambda: models.Error,
    },
)
