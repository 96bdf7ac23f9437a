# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
"""GET /api/calls"""

from __future__ import annotations

from driftline.runtime import Operation

from ... import models

__all__ = ["OPERATION"]

OPERATION = Operation(
    id="call.list",
    method="GET",
    path="/api/calls",
    security=(
        (
            "apiKey",
            "apiSecret",
        ),
    ),
    responses={
        "200": lambda: models.CallListResponse,
        "401": lambda: models.Error,
        "429": lambda: models.Error,
    },
)
