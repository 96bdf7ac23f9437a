"""A server as written by hand: a listing of rows from a list, on Starlette and uvicorn.

`python -m bench.starlette_server PORT ROWS` serves so many calls at `/v1/call`, newest first.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench.pages import ROOT
from driftline.mock import Mock
from driftline.openapi import load

TOKEN = "Bearer mock-roark-bearer-token"  # noqa: S105 - the mock's
"""The same credential is asked for."""


def build_application(rows: list[dict[str, Any]]) -> Starlette:
    """Return a server of these rows."""

    async def list_rows(request: Request) -> Response:
        if request.headers.get("Authorization") != TOKEN:
            return JSONResponse({"error": "unauthorized"}, status_code=401)
        query: Mapping[str, str] = request.query_params
        field = query.get("sortBy", "createdAt")
        descending = query.get("sortDirection", "desc") == "desc"
        sorted_rows = sorted(rows, key=lambda row: str(row.get(field) or ""), reverse=descending)
        after = query.get("after")
        start = next((n + 1 for n, row in enumerate(sorted_rows) if row["id"] == after), 0)
        page = sorted_rows[start : start + int(query.get("limit", "20"))]
        more = start + len(page) < len(sorted_rows)
        following = page[-1]["id"] if more else None
        pagination = {"total": len(sorted_rows), "hasMore": more, "nextCursor": following}
        return JSONResponse({"data": page, "pagination": pagination})

    return Starlette(routes=[Route("/v1/call", list_rows)])


if __name__ == "__main__":
    made = Mock(load(ROOT / "specs" / "roark.yaml"), rows=int(sys.argv[2])).snapshot()
    calls = [row["data"] for row in made["listings"]["call.list"]]
    uvicorn.run(
        build_application(calls), port=int(sys.argv[1]), log_level="error", access_log=False
    )
