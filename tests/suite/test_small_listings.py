"""Listings with so few rows that one page of the usual sizes has all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.suite.examinations.listings.pages import check_pages
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine

from .documents import build_operation, load_document

ROW = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
LISTING = {
    "items": "",
    "id": "/id",
    "page": {"style": "offset", "parameter": "offset"},
    "size": {"parameter": "limit"},
}


@pytest.mark.parametrize(("extra", "finding_ids"), [(0, set()), (1, {"listing.row.lost"})])
def test_a_row_between_two_pages_of_a_small_listing_is_not_lost(
    tmp_path: Path, extra: int, finding_ids: set[str]
) -> None:
    """A server that skips a row before each later page is found although it has ten rows."""
    limit: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    offset = {"type": "integer", "minimum": 0, "default": 0}
    parameters = [
        {"name": name, "in": "query", "schema": schema}
        for name, schema in (("limit", limit), ("offset", offset))
    ]
    rows = build_operation("rows.list", {"type": "array", "items": ROW}, parameters=parameters)
    spec = load_document(tmp_path, {"/rows": {"get": {**rows, "x-listing": LISTING}}})

    def handle(request: HttpRequest) -> HttpResponse:
        query = dict(parse_qsl(request.query))
        first, size = int(query.get("offset", 0)), int(query.get("limit", 20))
        first += extra if first else 0
        page = [{"id": number} for number in range(10)][first : first + size]
        content = json.dumps(page).encode()
        return HttpResponse(200, (("Content-Type", "application/json"),), content)

    operation = spec.find_operation("rows.list")
    assert operation is not None
    with run_server({spec.name: handle}) as url:
        target = Target.connect(spec, f"{url}/{spec.name}")
        with Session(target, rate=100_000) as session:
            check = examine(session, operation, "pages", check_pages)
    assert {finding.id for finding in check.findings} == finding_ids
