"""The envelopes of pages match their schema, the last one's too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftline.mock import Mock
from driftline.openapi import build_spec, list_violations
from driftline.openapi.read.reader import Source
from mocks.calling import call

CURSOR = {"type": "string", "minLength": 1}
PAGE = {"type": "object", "required": ["cursor", "limit"], "properties": {"cursor": CURSOR}}


def build_mock(schema: dict[str, Any], example: Any) -> Mock:
    """Return a mock of a listing with this envelope, with seven rows in pages of three."""
    rows = {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "string", "format": "uuid"}},
        },
    }
    envelope = {
        "allOf": [{"type": "object", "required": ["rows"], "properties": {"rows": rows}}, schema]
    }
    media: dict[str, Any] = {"schema": envelope} | ({"example": example} if example else {})
    operation = {
        "operationId": "row.list",
        "parameters": [{"name": "cursor", "in": "query", "schema": {"type": "string"}}],
        "responses": {"200": {"description": "A page.", "content": {"application/json": media}}},
        "x-listing": {
            "items": "/rows",
            "id": "/id",
            "page": {"style": "cursor", "parameter": "cursor", "next": "/page/cursor"},
            "size": {"fixed": 3},
        },
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Rows", "version": "1"},
        "servers": [{"url": "https://rows.example.com"}],
        "paths": {"/rows": {"get": operation}},
    }
    return Mock(build_spec(Source(Path("rows"), document, {"": 1})), rows=7)


@pytest.mark.parametrize("example", [None, {"rows": []}])
@pytest.mark.parametrize(
    ("page", "required"),
    [
        (PAGE, []),
        ({**PAGE, "properties": {"cursor": {"type": "string"}}}, ["page"]),
        ({**PAGE, "required": ["limit"]}, ["page"]),
        ({**PAGE, "properties": {"cursor": {"type": ["string", "null"]}}}, ["page"]),
    ],
)
def test_every_page_matches_the_schema(page: Any, required: list[str], example: Any) -> None:
    """Every page is valid and the walk ends, if the example lacks the object around the cursor,
    and if the cursor is required and cannot be empty: then the last page lacks the object.
    """
    schema = {"properties": {"page": page}, "required": required}
    mock = build_mock(schema, example)
    operation = mock.spec.operations[0]
    assert operation.success is not None
    assert operation.success.json is not None
    cursor, sizes = "", list[int]()
    while len(sizes) < 4:
        query = {"cursor": cursor} if cursor else {}
        body = json.loads(call(mock, "GET", "/rows", query=query).body)
        pointer = operation.success.json.schema_pointer
        assert list_violations(mock.spec, pointer, body, "response") == []
        sizes.append(len(body["rows"]))
        cursor = body.get("page", {}).get("cursor")
        if not cursor:
            break
    assert sizes == [3, 3, 1]
