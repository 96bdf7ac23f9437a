"""Rows with their fields in `attributes`, as JSON:API has them, on a live server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from driftline.mock import HttpRequest, HttpResponse, Mock, run_server
from driftline.openapi import Spec
from driftline.suite.examinations.rows.creations.creation import check_creation
from driftline.suite.examinations.rows.updates.updates import check_updates
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine

from .documents import build_operation, build_responses, load_document

FIELDS: dict[str, Any] = {
    "title": {"type": "string", "minLength": 1, "maxLength": 20},
    "explicit": {"type": "boolean"},
    "rating": {"type": "number", "minimum": 0, "maximum": 5},
}
ID = {"type": "string", "pattern": "^[1-9][0-9]{0,8}$"}


def build_resource(required: list[str], **members: Any) -> dict[str, Any]:
    attributes = {"type": "object", "required": required, "properties": FIELDS}
    return {
        "type": "object",
        "required": ["attributes", *members],
        "properties": {"attributes": attributes, **members},
    }


def wrap(schema: Any) -> dict[str, Any]:
    return {"type": "object", "required": ["data"], "properties": {"data": schema}}


def build_spec(folder: Path) -> Spec:
    """Return a spec of shows that are created, read and changed."""
    row = build_resource([*FIELDS], id=ID)
    listing = {"items": "/data", "id": "/id", "page": {"style": "single"}}
    effect = {"of": "shows.list", "item": "/data"}
    parameter = {"name": "show", "in": "path", "required": True, "schema": ID}
    content = {"content": {"application/json": {"schema": wrap(build_resource([*FIELDS]))}}}
    change = {"content": {"application/json": {"schema": wrap(build_resource([], id=ID))}}}
    missing = {"404": {"description": "No."}}
    return load_document(
        folder,
        {
            "/shows": {
                "get": {
                    **build_operation("shows.list", wrap({"type": "array", "items": row})),
                    "x-listing": listing,
                },
                "post": {
                    **build_operation("shows.create", wrap(row)),
                    "requestBody": {"required": True, **content},
                    "x-effect": {"kind": "create", **effect},
                },
            },
            "/shows/{show}": {
                "parameters": [parameter],
                "get": {
                    "operationId": "shows.get",
                    "responses": build_responses(wrap(row), **missing),
                    "x-effect": {"kind": "read", "id": "show", **effect},
                },
                "patch": {
                    "operationId": "shows.update",
                    "requestBody": {"required": True, **change},
                    "responses": build_responses(wrap(row), **missing),
                    "x-effect": {"kind": "update", "id": "show", **effect},
                },
            },
        },
    )


class Shows:
    """A server that rejects a body with another id than that of the path."""

    def __init__(self, bug: str) -> None:
        self.bug = bug
        self.rows: dict[str, dict[str, Any]] = {}

    def handle(self, request: HttpRequest) -> HttpResponse:
        status, data = self.respond(request)
        content = json.dumps({"data": data}).encode()
        return HttpResponse(status, (("Content-Type", "application/json"),), content)

    def respond(self, request: HttpRequest) -> tuple[int, Any]:
        match = re.fullmatch(r"/shows(?:/(\d+))?", request.path)
        data = json.loads(request.body)["data"] if request.body else {}
        if match is None or (match[1] and match[1] not in self.rows):
            return 404, {}
        if match[1] is None and request.method == "GET":
            return 200, list(self.rows.values())
        row_id = match[1] or str(len(self.rows) + 1)
        if request.method == "GET":
            return 200, self.rows[row_id]
        if request.method == "PATCH" and data["id"] != row_id:
            return 400, {}
        old = self.rows.get(row_id, {"attributes": {}})["attributes"]
        sent = dict(data["attributes"])
        if self.bug == "explicit lost" and not old:
            sent["explicit"] = False
        if self.bug == "PATCH explicit ignored" and old:
            sent.pop("explicit", None)
        if self.bug == "PATCH resets rating" and old and "rating" not in sent:
            sent["rating"] = 0
        self.rows[row_id] = {"id": row_id, "attributes": {**old, **sent}}
        return 200, self.rows[row_id]


@pytest.mark.parametrize(
    ("name", "run", "bug", "finding_id"),
    [
        ("create", check_creation, "", ""),
        ("update", check_updates, "", ""),
        ("create", check_creation, "explicit lost", "effect.field.changed"),
        ("update", check_updates, "PATCH explicit ignored", "effect.field.changed"),
        ("update", check_updates, "PATCH resets rating", "effect.field.reset"),
    ],
)
def test_nested_fields_are_compared(
    tmp_path: Path, name: str, run: Any, bug: str, finding_id: str
) -> None:
    """Fields in `attributes` are compared as those of a row, and the body names the row."""
    spec = build_spec(tmp_path)
    operation = spec.find_operation(f"shows.{name}")
    assert operation is not None
    names = frozenset(o.id for o in spec.operations if not o.is_read)
    with run_server({spec.name: Shows(bug).handle}) as url:
        target = Target.connect(spec, f"{url}/{spec.name}", allow_writes=names)
        with Session(target, rate=100_000) as session:
            check = examine(session, operation, name, run)
    assert not check.detail
    effects = {f.id for f in check.findings if f.id.startswith(("effect.", "request.valid"))}
    assert effects == {finding_id} - {""}


def test_the_mock_stores_nested_fields(tmp_path: Path) -> None:
    """A PATCH of one field in `attributes` leaves the others as they are."""
    spec = build_spec(tmp_path)
    mock = Mock(spec)
    sent = {"title": "News", "explicit": True, "rating": 1.5}

    def send(method: str, path: str, attributes: dict[str, Any], **members: Any) -> Any:
        body = json.dumps({"data": {"attributes": attributes, **members}}).encode()
        headers = (("Content-Type", "application/json"),)
        return json.loads(mock.handle(HttpRequest(method, path, "", headers, body)).body)["data"]

    row = send("POST", "/shows", sent)
    assert row["attributes"] == sent
    row = send("PATCH", f"/shows/{row['id']}", {"rating": 2.5}, id=row["id"])
    assert row["attributes"] == {**sent, "rating": 2.5}


@pytest.mark.parametrize("name", ["attributes", "data"])
def test_a_flat_row_with_a_field_of_that_name_is_flat(tmp_path: Path, name: str) -> None:
    """A list called `attributes` or an object called `data` in a flat body are fields like others,
    in the mock and in the suite.
    """
    value = {
        "attributes": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "data": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
    }[name]
    fields = {"name": {"type": "string"}, name: value}
    body = {"type": "object", "required": [*fields], "properties": fields}
    row = {**body, "required": ["id", *fields], "properties": {"id": ID, **fields}}
    content = {"requestBody": {"content": {"application/json": {"schema": body}}}}
    change = {
        "requestBody": {"content": {"application/json": {"schema": {**body, "required": []}}}}
    }
    effect = {"of": "shows.list", "item": "/data"}
    listing = {"items": "/data", "id": "/id", "page": {"style": "single"}}
    parameter = {"name": "show", "in": "path", "required": True, "schema": ID}
    rows = build_operation("shows.list", wrap({"type": "array", "items": row}))
    create = {**build_operation("shows.create", wrap(row)), **content}
    update = {**build_operation("shows.update", wrap(row)), **change, "parameters": [parameter]}
    paths = {
        "/shows": {
            "get": {**rows, "x-listing": listing},
            "post": {**create, "x-effect": {"kind": "create", **effect}},
        },
        "/shows/{show}": {
            "patch": {**update, "x-effect": {"kind": "update", "id": "show", **effect}}
        },
    }
    spec = load_document(tmp_path, paths)
    assert not spec.problems
    with Session(Target.mock(spec), seed=0) as session:
        for operation, examination in (("create", check_creation), ("update", check_updates)):
            tested = spec.find_operation(f"shows.{operation}")
            assert tested is not None
            check = examine(session, tested, operation, examination)
            assert ([finding.id for finding in check.findings], check.detail) == ([], "")
