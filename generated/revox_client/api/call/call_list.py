# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
"""GET /call"""

from __future__ import annotations

from driftline.runtime import Listing, Operation, Parameter

from ... import models

__all__ = ["OPERATION"]

OPERATION = Operation(
    id="call.list",
    method="GET",
    path="/call",
    parameters=(
        Parameter("page", "query", style="form", explode=True, required=True),
        Parameter("page_size", "query", style="form", explode=True, required=True),
        Parameter("statuses", "query", style="form", explode=False, required=False),
    ),
    security=(("apiKey",),),
    messages={
        "400": "/message",
        "401": "/message",
        "429": "/message",
    },
    listing=Listing(
        "/calls",
        "/id",
        "number",
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
