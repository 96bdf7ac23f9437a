"""Rows below a parent, and operations on them without `x-effect`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.openapi import Operation, Spec
from driftline.suite.examinations.rows.row_parts import check_part
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine
from driftline.suite.samples import make_sample

from .documents import build_operation, build_responses, load_document

NUMBER = {"type": "integer"}
ROOM = {"type": "object", "required": ["id"], "properties": {"id": NUMBER}}
BOOKING = {"type": "object", "required": ["id"], "properties": {"id": NUMBER}}
BODY = {"type": "object", "properties": {"title": {"type": "string"}}}
SEND = {"requestBody": {"required": True, "content": {"application/json": {"schema": BODY}}}}
GONE = {"responses": {"204": {"description": "Gone."}, "404": {"description": "No."}}}


def build_spec(folder: Path) -> Spec:
    """Return a spec of rooms and bookings that are cancelled and deleted without `x-effect`."""
    listing = {"items": "", "id": "/id", "page": {"style": "single"}}
    room = {"name": "room", "in": "path", "required": True, "schema": NUMBER}
    booking = {**room, "name": "booking"}
    rooms = build_operation("rooms.list", {"type": "array", "items": ROOM})
    bookings = build_operation("bookings.list", {"type": "array", "items": BOOKING})
    create = {"operationId": "bookings.create", "responses": build_responses(BOOKING), **SEND}
    effect = {"kind": "create", "of": "bookings.list", "item": ""}
    paths = {
        "/rooms": {"get": {**rooms, "x-listing": listing}},
        "/rooms/{room}/bookings": {
            "parameters": [room],
            "get": {**bookings, "x-listing": listing},
            "post": {**create, "x-effect": effect},
        },
        "/rooms/{room}/bookings/{booking}": {
            "parameters": [room, booking],
            "delete": {"operationId": "bookings.delete", **GONE},
        },
        "/rooms/{room}/bookings/{booking}/cancel": {
            "parameters": [room, booking],
            "post": {"operationId": "bookings.cancel", **GONE},
        },
    }
    return load_document(folder, paths)


class Hotel:
    """A server of three rooms, of which only the last one is booked."""

    def __init__(self) -> None:
        self.bookings: dict[int, int] = {7: 3}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        steps = request.path.strip("/").split("/")
        if len(steps) == 1:
            return build_reply([{"id": number} for number in (1, 2, 3)])
        room = int(steps[1])
        if len(steps) > 3:
            number = int(steps[3])
            if self.bookings.get(number) != room:
                return HttpResponse(404)
            if request.method == "DELETE":
                del self.bookings[number]
            return HttpResponse(204)
        if request.method == "POST":
            self.bookings[len(self.bookings) + 100] = room
            return build_reply({"id": len(self.bookings) + 99})
        return build_reply([{"id": key} for key, of in self.bookings.items() if of == room])


def build_reply(body: Any) -> HttpResponse:
    return HttpResponse(200, (("Content-Type", "application/json"),), json.dumps(body).encode())


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """Open a live session that may write."""
    spec = build_spec(tmp_path)
    writes = {operation.id for operation in spec.operations}
    with (
        run_server({spec.name: Hotel()}) as url,
        Session(
            Target.connect(spec, f"{url}/{spec.name}", allow_writes=writes), rate=1000
        ) as session,
    ):
        yield session


def find_operation(session: Session, name: str) -> Operation:
    operation = session.spec.find_operation(name)
    assert operation is not None
    return operation


def test_a_listing_below_a_parent_has_rows(session: Session) -> None:
    """A listing below a parent is requested for the first parent that has rows."""
    assert make_sample(session, find_operation(session, "bookings.list")).arguments["room"] == 3


def test_a_sample_below_a_nested_row_names_a_created_row(session: Session) -> None:
    """A sample of `/rooms/{room}/bookings/{booking}/cancel` names a booking created for it."""
    operation = find_operation(session, "bookings.cancel")
    sample = make_sample(session, operation)
    assert not sample.invented
    assert session.send(operation, sample.arguments).status == 204


def test_a_row_that_was_deleted_is_not_used_again(session: Session) -> None:
    """A row deleted by a DELETE request without `x-effect` is not used in later samples."""
    deletion = find_operation(session, "bookings.delete")
    for name in ("bookings.delete", "bookings.cancel", "bookings.delete"):
        operation = find_operation(session, name)
        exchange = session.send(operation, make_sample(session, operation).arguments)
        assert exchange.status == 204
    assert session.statuses[deletion.id][204] == 2


SETTINGS: dict[str, Any] = {
    "type": "object",
    "required": ["languages", "notify"],
    "properties": {
        "languages": {"type": "array", "items": {"enum": ["de", "en", "fr"], "type": "string"}},
        "notify": {"type": "boolean"},
        "token": {"type": "string", "writeOnly": True},
    },
}


def _keep_all(body: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
    return body


def _lose_second(body: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
    return {**body, "languages": body["languages"][:1]}


def _keep_old(body: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    return old or body


@pytest.mark.parametrize("wrapper", ["", "data"])
@pytest.mark.parametrize(
    ("store", "fields"),
    [(_keep_all, set()), (_lose_second, {"languages"}), (_keep_old, {"languages", "notify"})],
)
def test_what_a_put_replaces_is_read_back(
    tmp_path: Path, store: Any, fields: set[str], wrapper: str
) -> None:
    """A part of a row that is not read back as it was sent is a finding, also in an envelope."""
    schema = {"type": "object", "properties": {wrapper: SETTINGS}} if wrapper else SETTINGS
    replace = {
        "operationId": "settings.replace",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": SETTINGS}},
        },
        "responses": build_responses(schema),
    }
    path = {"get": build_operation("settings.get", schema), "put": replace}
    spec = load_document(tmp_path, {"/settings": path})
    operation = spec.find_operation("settings.replace")
    assert operation is not None
    stored: dict[str, Any] = {}

    def handle(request: HttpRequest) -> HttpResponse:
        body = json.loads(request.body or b"{}")
        if request.method == "PUT":
            body.pop("token", None)
            stored["row"] = store(body, stored.get("row", {}))
        row = body if request.method == "PUT" else stored["row"]
        row = {wrapper: row} if wrapper else row
        return HttpResponse(200, (("Content-Type", "application/json"),), json.dumps(row).encode())

    with run_server({spec.name: handle}) as url:
        writes = frozenset({"settings.replace"})
        target = Target.connect(spec, f"{url}/{spec.name}", allow_writes=writes)
        with Session(target, rate=100_000) as session:
            check = examine(session, operation, "row parts", check_part)
    assert {finding.id for finding in check.findings} <= {"effect.field.changed"}
    assert {f.message.split()[2] for f in check.findings} == fields


@pytest.mark.parametrize(
    ("behavior", "finding_ids"),
    [("delete", set()), ("reset", set()), ("keep", {"effect.not-deleted"})],
)
def test_a_deleted_part_is_not_read_any_more(
    tmp_path: Path, behavior: str, finding_ids: set[str]
) -> None:
    """What a DELETE of a part leaves unchanged is a finding; a server may show defaults instead."""
    operations = {
        "get": build_operation("settings.get", SETTINGS),
        "put": {
            "operationId": "settings.replace",
            "requestBody": {"content": {"application/json": {"schema": SETTINGS}}},
            "responses": build_responses(SETTINGS),
        },
        "delete": {
            "operationId": "settings.delete",
            "responses": {"204": {"description": "Deleted."}},
        },
    }
    spec = load_document(tmp_path, {"/settings": operations})
    operation = spec.find_operation("settings.replace")
    assert operation is not None
    stored: dict[str, Any] = {}

    def handle(request: HttpRequest) -> HttpResponse:
        json_header = (("Content-Type", "application/json"),)
        if request.method == "DELETE":
            default = {"languages": [], "notify": None}
            stored["row"] = {"delete": None, "reset": default, "keep": stored["row"]}[behavior]
            return HttpResponse(204, (), b"")
        if request.method == "PUT":
            stored["row"] = json.loads(request.body)
        if stored["row"] is None:
            return HttpResponse(404, json_header, b"{}")
        return HttpResponse(200, json_header, json.dumps(stored["row"]).encode())

    with run_server({spec.name: handle}) as url:
        writes = frozenset({"settings.replace", "settings.delete"})
        target = Target.connect(spec, f"{url}/{spec.name}", allow_writes=writes)
        with Session(target, rate=100_000) as session:
            check = examine(session, operation, "row parts", check_part)
    found_ids = {finding.id for finding in check.findings if finding.id.startswith("effect.")}
    assert found_ids == finding_ids


@pytest.mark.parametrize(
    ("behavior", "fields"), [("replace", set()), ("append", {"labels"}), ("lose", {"labels"})]
)
def test_a_field_of_a_row_that_a_put_replaces_is_read_back(
    tmp_path: Path, behavior: str, fields: set[str]
) -> None:
    """`PUT /rows/{id}/labels` is compared with the row, if nothing reads that path."""
    labels = {"type": "array", "items": {"enum": ["a", "b", "c"], "type": "string"}}
    body = {"type": "object", "required": ["labels"], "properties": {"labels": labels}}
    row_schema = {**body, "properties": {"labels": labels, "id": NUMBER}}
    row_id = {"name": "id", "in": "path", "required": True, "schema": NUMBER, "example": 1}
    replace = {
        "operationId": "labels.replace",
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": build_responses(row_schema),
    }
    spec = load_document(
        tmp_path,
        {
            "/rows/{id}": {"parameters": [row_id], "get": build_operation("rows.get", row_schema)},
            "/rows/{id}/labels": {"parameters": [row_id], "put": replace},
        },
    )
    operation = spec.find_operation("labels.replace")
    assert operation is not None
    row: dict[str, Any] = {"id": 1, "labels": []}

    def handle(request: HttpRequest) -> HttpResponse:
        if request.method == "PUT":
            sent = json.loads(request.body)["labels"]
            stored = {"replace": sent, "append": row["labels"] + sent, "lose": sent[:1]}
            row["labels"] = stored[behavior]
        return build_reply(row)

    with run_server({spec.name: handle}) as url:
        writes = frozenset({"labels.replace"})
        target = Target.connect(spec, f"{url}/{spec.name}", allow_writes=writes)
        with Session(target, rate=100_000) as session:
            check = examine(session, operation, "row parts", check_part)
    assert {f.message.split()[2] for f in check.findings} == fields
