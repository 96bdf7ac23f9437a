"""Values that may have to be ids of rows, and rejections that are no drift on a live server."""

from __future__ import annotations

import json

import pytest

from driftline.checks.exchange import Exchange
from driftline.checks.outgoing import Outgoing
from driftline.checks.possible_ids import find_possible_ids
from driftline.checks.tolerance import can_be_rejected, is_absent_value
from driftline.openapi import Spec

from .documents import load_document, operation

BODY = {
    "type": "object",
    "required": ["brand"],
    "properties": {
        "brand": {"type": "integer"},
        "owner": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
        "stock": {"type": "integer", "minimum": 0},
        "name": {"type": "string"},
        "price": {"type": "string", "format": "decimal"},
    },
}
FILTER = {"name": "brand", "in": "query", "schema": {"type": "integer"}}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Spec:
    """One operation with a filter and a body that no document calls required."""
    create = {
        **operation("row.create", {}, parameters=[FILTER]),
        "requestBody": {"content": {"application/json": {"schema": BODY}}},
    }
    return load_document(tmp_path_factory.mktemp("ids"), {"/rows": {"post": create}})


def send(query: str = "", body: object = None) -> Exchange:
    """A request that was rejected."""
    content = b"" if body is None else json.dumps(body).encode()
    headers = (("Content-Type", "application/json"),)
    request = Outgoing("POST", "/rows", query, headers, content)
    return Exchange("row.create", request, "http://x", 400, headers, b"{}", 0.0)


def test_integers_and_uuids_without_bounds_may_be_ids(spec: Spec) -> None:
    """In the query and in the body; what has bounds or is a text is none."""
    (create,) = spec.operations
    body = {"brand": 1, "owner": "x", "stock": 2, "name": "a", "other": 3}
    found = find_possible_ids(spec, create, send("brand=7&limit=3", body))
    assert found == {"brand": 1, "owner": "x"}
    assert find_possible_ids(spec, create, send("brand=7")) == {"brand": "7"}


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ("", {"name": "a\0b"}, True),
        ("", None, True),
        ("", {"brand": 1, "price": ""}, True),
        ("", {"brand": 1, "name": "a"}, False),
    ],
)
def test_what_a_right_server_may_reject(
    spec: Spec, query: str, body: object, *, expected: bool
) -> None:
    """NUL, no body where fields are required, and a format that JSON Schema does not know."""
    (create,) = spec.operations
    assert can_be_rejected(spec, create, send(query, body)) is expected


@pytest.mark.parametrize(
    ("value", "expected"), [("", True), ("null", True), ("null,", True), ("0", False), ("x", False)]
)
def test_an_empty_value_is_no_value(value: str, *, expected: bool) -> None:
    """Nor is `null`, which clients write for it."""
    assert is_absent_value(value) is expected
