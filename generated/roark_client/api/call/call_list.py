# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
"""GET /v1/call"""

from __future__ import annotations

from driftline.runtime import CursorPaging, Endpoint, WireParameter

from ... import models

__all__ = ["ENDPOINT"]

ENDPOINT = Endpoint(
    id="call.list",
    method="GET",
    path="/v1/call",
    parameters=(
        WireParameter("limit", "query", style="form", explode=True, required=False),
        WireParameter("after", "query", style="form", explode=True, required=False),
        WireParameter("sortBy", "query", style="form", explode=True, required=False),
        WireParameter("sortDirection", "query", style="form", explode=True, required=False),
        WireParameter("status", "query", style="form", explode=True, required=False),
        WireParameter("searchText", "query", style="form", explode=True, required=False),
    ),
    security=(("bearerToken",),),
    messages={
        "400": "/message",
        "401": "/message",
        "429": "/message",
    },
    listing=CursorPaging(
        "/data",
        "/id",
        parameter="after",
        next="/pagination/nextCursor",
        more="/pagination/hasMore",
        total="/pagination/total",
        size="limit",
    ),
    responses={
        "200": lambda: models.CallListResponse,
        "400": lambda: models.Error,
        "401": lambda: models.Error,
        "429": lambda: models.Error,
    },
)
