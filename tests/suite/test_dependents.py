"""Rows that belong to a deleted row, on a live server."""

from __future__ import annotations

import json
import re
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.openapi import Spec
from driftline.suite.examinations.rows.deletion import check_deletion
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine

from .documents import build_operation, build_responses, load_document

NUMBER = {"type": "integer"}
HOTEL = {"type": "object", "required": ["id"], "properties": {"id": NUMBER}}
HOTEL_ID = {**NUMBER, "x-reference": {"of": "hotels.list"}}
FIELDS = {"id": {**NUMBER, "readOnly": True}, "hotel_id": HOTEL_ID}
BOOKING = {
    "type": "object",
    "required": ["id", "room_id"],
    "properties": {
        "id": {**NUMBER, "readOnly": True},
        "room_id": {**NUMBER, "x-reference": {"of": "rooms.list"}},
    },
}
ROOM = {"type": "object", "required": ["id", "hotel_id"], "properties": FIELDS}
PARAMETER = {"name": "id", "in": "path", "required": True, "schema": NUMBER}
REJECTIONS = {"404": {"description": "No."}, "409": {"description": "Conflict"}}


def build_rows(noun: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return the paths of rows that can be listed, created, read and deleted."""
    listing = {"items": "", "id": "/id", "page": {"style": "single"}}
    effect = {"of": f"{noun}.list", "item": ""}
    return {
        f"/{noun}": {
            "get": {
                **build_operation(f"{noun}.list", {"type": "array", "items": row}),
                "x-listing": listing,
            },
            "post": {
                **build_operation(f"{noun}.create", row),
                "requestBody": {"content": {"application/json": {"schema": row}}},
                "x-effect": {"kind": "create", **effect},
            },
        },
        f"/{noun}/{{id}}": {
            "parameters": [PARAMETER],
            "get": {
                **build_operation(f"{noun}.get", row),
                "responses": build_responses(row, **REJECTIONS),
                "x-effect": {"kind": "read", "id": "id", **effect},
            },
            "delete": {
                "operationId": f"{noun}.delete",
                "responses": {"204": {"description": "Deleted."}, **REJECTIONS},
                "x-effect": {"kind": "delete", "of": f"{noun}.list", "id": "id"},
            },
        },
    }


def build_spec(folder: Path, description: str) -> Spec:
    paths = {**build_rows("hotels", HOTEL), **build_rows("rooms", ROOM)}
    paths |= build_rows("bookings", BOOKING)
    paths["/hotels/{id}"]["delete"]["description"] = description
    return load_document(folder, paths)


class Hotels:
    """A server whose hotels are deleted with their rooms, without them, or not if they have any."""

    def __init__(self, behavior: str) -> None:
        self.behavior = behavior
        self.rows: dict[str, dict[int, Any]] = {"hotels": {}, "rooms": {}, "bookings": {}}
        self.ids = count(1)

    def handle(self, request: HttpRequest) -> HttpResponse:
        status, body = self.respond(request)
        content = b"" if status == 204 else json.dumps(body).encode()
        return HttpResponse(status, (("Content-Type", "application/json"),), content)

    def respond(self, request: HttpRequest) -> tuple[int, Any]:
        match = re.fullmatch(r"/(hotels|rooms|bookings)(?:/(\d+))?", request.path)
        if match is None:
            return 404, {}
        rows, row_id = self.rows[match[1]], int(match[2] or 0)
        if request.method == "POST":
            row = {**json.loads(request.body or b"{}"), "id": next(self.ids)}
            rows[row["id"]] = row
            return 200, row
        if not row_id:
            return 200, list(rows.values())
        if row_id not in rows:
            return 404, {}
        if request.method == "DELETE":
            return self.delete(match[1], row_id)
        return 200, rows[row_id]

    def delete(self, noun: str, row_id: int) -> tuple[int, Any]:
        rooms = self.rows["rooms"]
        own = [k for k, room in rooms.items() if noun == "hotels" and room["hotel_id"] == row_id]
        if own and self.behavior == "restrict":
            return 409, {}
        for room_id in own if self.behavior in {"cascade", "keep bookings"} else ():
            del rooms[room_id]
        bookings = self.rows["bookings"]
        for key in [k for k, b in bookings.items() if b["room_id"] in own]:
            if self.behavior == "cascade":
                del bookings[key]
        del self.rows[noun][row_id]
        return 204, None


CASCADE, RESTRICT = "effect.not-deleted", "effect.conflict.accepted"


@pytest.mark.parametrize(
    ("description", "behavior", "finding_id"),
    [
        ("Deletes the hotel with all its rooms.", "cascade", ""),
        ("Deletes the hotel with all its rooms.", "restrict", ""),
        ("Deletes the hotel with all its rooms.", "keep", CASCADE),
        ("Its rooms are deleted, too.", "keep", CASCADE),
        ("Deletes the hotel with its rooms and their bookings.", "cascade", ""),
        ("Deletes the hotel with its rooms and their bookings.", "keep bookings", CASCADE),
        ("Deletes the hotel with its rooms.", "keep bookings", ""),
        ("Its rooms are not deleted.", "keep", ""),
        ("Rooms must be deleted first.", "keep", ""),
        ("Deletes the hotel.", "keep", ""),
        ("A hotel with rooms is not deleted: the response is 409.", "restrict", ""),
        ("A hotel with rooms is not deleted: the response is 409.", "keep", RESTRICT),
        ("409 if the hotel has any rooms.", "cascade", RESTRICT),
        ("409 if the hotel has rooms that are booked.", "cascade", ""),
        ("404 if the hotel with rooms is unknown.", "keep", ""),
    ],
)
def test_a_deletion_treats_dependent_rows_as_described(
    tmp_path: Path, description: str, behavior: str, finding_id: str
) -> None:
    """What the description says of rooms happens when their hotel is deleted; else all may."""
    spec = build_spec(tmp_path, description)
    operation = spec.find_operation("hotels.delete")
    assert operation is not None
    names = frozenset(o.id for o in spec.operations if not o.is_read)
    with run_server({spec.name: Hotels(behavior).handle}) as url:
        target = Target.connect(spec, f"{url}/{spec.name}", allow_writes=names)
        with Session(target, rate=100_000) as session:
            check = examine(session, operation, "deletion", check_deletion)
    assert not check.detail
    assert {finding.id for finding in check.findings} == ({finding_id} - {""})
