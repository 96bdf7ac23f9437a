"""Unique values of other rows in updates, on a live server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.suite.examinations.rows.updates.updates import check_updates
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine

from .documents import build_operation, build_responses, load_document

FIELDS = {"email": {"type": "string", "minLength": 1}, "name": {"type": "string"}}
BODY: dict[str, Any] = {"type": "object", "required": ["email"], "properties": FIELDS}
GUEST = {
    "type": "object",
    "required": ["id", "email"],
    "properties": {"id": {"type": "integer", "readOnly": True}, **FIELDS},
}
SEND = {"requestBody": {"required": True, "content": {"application/json": {"schema": BODY}}}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}


def build_paths(method: str, statuses: tuple[str, ...], unique: list[str]) -> dict[str, Any]:
    """Return guests that are created and updated."""
    effect = {"of": "guests.list", "item": ""}
    rejections = {status: {"description": "No."} for status in statuses}
    guests = build_operation("guests.list", {"type": "array", "items": GUEST})
    return {
        "/guests": {
            "get": {**guests, "x-listing": {"items": "", "id": "/id", "page": {"style": "single"}}},
            "post": {
                **build_operation("guests.create", GUEST),
                **SEND,
                "x-effect": {"kind": "create", "unique": unique, **effect},
            },
        },
        "/guests/{id}": {
            "parameters": [ID],
            "get": {
                **build_operation("guests.get", GUEST),
                "x-effect": {"kind": "read", "id": "id", **effect},
            },
            method: {
                "operationId": "guests.update",
                "responses": build_responses(GUEST, **rejections),
                **SEND,
                "x-effect": {"kind": "update", "id": "id", **effect},
            },
        },
    }


@pytest.mark.parametrize("method", ["put", "patch"])
@pytest.mark.parametrize(
    ("statuses", "unique", "is_found"),
    [
        (("404", "409"), ["/email"], True),
        (("404", "409"), [], False),
        (("404",), ["/email"], False),
        ((), ["/email"], False),
    ],
)
def test_an_update_must_not_take_a_unique_value(
    tmp_path: Path,
    method: str,
    statuses: tuple[str, ...],
    unique: list[str],
    is_found: bool,
) -> None:
    """A unique value of another row in an update is rejected, where the document has a 409."""
    spec = load_document(tmp_path, build_paths(method, statuses, unique))
    rows: dict[int, dict[str, Any]] = {}

    def respond(request: HttpRequest) -> tuple[int, Any]:
        row_id = int(request.path.rpartition("/")[2]) if request.path != "/guests" else None
        if row_id is not None and row_id not in rows:
            return 404, {}
        if request.method == "GET":
            return 200, list(rows.values()) if row_id is None else rows[row_id]
        body = json.loads(request.body)
        others = [row["email"] for key, row in rows.items() if key != row_id]
        if not isinstance(body, dict) or body.keys() - FIELDS.keys():
            return 400, {}
        if not all(isinstance(value, str) for value in body.values()):
            return 400, {}
        if body.get("email", "?") in others and row_id is None:
            return 409, {}
        new_id = len(rows) + 1 if row_id is None else row_id
        old = rows.get(new_id, {}) if method == "patch" else {}
        if not (row := {**old, **body, "id": new_id}).get("email"):
            return 400, {}
        rows[new_id] = row
        return 200, row

    def handle(request: HttpRequest) -> HttpResponse:
        status, body = respond(request)
        content = json.dumps(body).encode()
        return HttpResponse(status, (("Content-Type", "application/json"),), content)

    operation = spec.find_operation("guests.update")
    assert operation is not None
    with run_server({spec.name: handle}) as url:
        names = frozenset({"guests.create", "guests.update"})
        target = Target.connect(spec, f"{url}/{spec.name}", allow_writes=names)
        with Session(target, rate=100_000) as session:
            check = examine(session, operation, "updates", check_updates)
    finding_ids = {finding.id for finding in check.findings if "another one" in finding.message}
    assert finding_ids == ({"effect.unique.accepted"} if is_found else set())
