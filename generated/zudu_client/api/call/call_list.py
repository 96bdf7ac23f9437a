# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
"""GET /api/calls"""

from __future__ import annotations

from driftline.runtime import Endpoint, SinglePaging

from ... import models

__all__ = ["ENDPOINT"]

ENDPOINT = Endpoint(
    id="call.list",
    method="GET",
    path="/api/calls",
    security=(
        (
            "apiKey",
            "apiSecret",
        ),
    ),
    messages={
        "401": "/message",
        "429": "/message",
    },
    listing=SinglePaging(
        "/data/calls",
        "/id",
        first=0,
        total="/data/pagination/total_count",
    ),
    responses={
        "200": lambda: models.CallListResponse,
        "401": lambda: models.Error,
        "429": lambda: models.Error,
    },
)
