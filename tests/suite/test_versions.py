"""Versions of rows on a live server: ETag and If-Match."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from driftline.mock import HttpRequest, HttpResponse, Mock, run_server
from driftline.mutation.clauses import generate_mutants
from driftline.openapi import Spec
from driftline.suite.examinations.rows.creations.creation import check_creation
from driftline.suite.examinations.rows.deletion import check_deletion
from driftline.suite.examinations.rows.updates.updates import check_updates
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine

from .documents import build_operation, build_responses, load_document

JSON = ("Content-Type", "application/json")
LOCATION = {"Location": {"schema": {"type": "string"}}}
NAME: dict[str, Any] = {"type": "string", "enum": ["a", "b", "c"]}


def build_spec(folder: Path) -> Spec:
    """Return a spec of rows that are changed and deleted with If-Match."""
    body = {"type": "object", "properties": {"name": NAME}, "required": ["name"]}
    time = {"type": "string", "format": "date-time"}
    properties = {"id": {"type": "string"}, "name": NAME, "updated_at": time}
    row = {**body, "properties": properties, "required": ["id"]}
    body_member = {
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}}
    }
    string_parameter = {"required": True, "schema": {"type": "string"}}
    match = {"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}}
    rejections = {status: {"description": "No."} for status in ("400", "404", "412")}
    effect = {"of": "rows.list", "id": "id"}
    listing = {"items": "", "id": "/id", "page": {"style": "single"}}
    change = {**body_member, "parameters": [match], "responses": build_responses(row, **rejections)}
    paths = {
        "/rows": {
            "get": {
                **build_operation("rows.list", {"type": "array", "items": row}),
                "x-listing": listing,
            },
            "post": {
                "operationId": "rows.create",
                "responses": {"200": {**build_responses(row)["200"], "headers": LOCATION}},
                **body_member,
                "x-effect": {"kind": "create", "of": "rows.list", "item": ""},
            },
        },
        "/rows/{id}": {
            "parameters": [{"name": "id", "in": "path", **string_parameter}],
            "get": {
                **build_operation("rows.get", row),
                "responses": build_responses(row, **rejections),
                "x-effect": {"kind": "read", "item": "", **effect},
            },
            "put": {
                "operationId": "rows.update",
                **change,
                "x-effect": {"kind": "update", "item": "", **effect},
            },
            "delete": {
                "operationId": "rows.delete",
                "parameters": [match],
                "responses": {"204": {"description": "Gone."}, **rejections},
                "x-effect": {"kind": "delete", **effect},
            },
        },
    }
    return load_document(folder, paths)


class Rows:
    """A server of rows with a fault, such as ignoring If-Match."""

    def __init__(self, fault: str) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.fault = fault
        self.changes = 0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        row_id = request.path.removeprefix("/rows").strip("/")
        if row_id and row_id not in self.rows:
            return HttpResponse(404)
        if request.method == "GET" and not row_id:
            return HttpResponse(200, (JSON,), json.dumps([*self.rows.values()]).encode())
        match_header = (
            request.get_header("If-Match") if row_id and request.method != "GET" else None
        )
        if match_header and match_header != self.compute_tag(row_id) and self.fault != "match":
            return HttpResponse(412)
        if request.method == "DELETE":
            del self.rows[row_id]
            return HttpResponse(204)
        if request.method in {"POST", "PUT"}:
            body = json.loads(request.body)
            if not isinstance(body, dict) or body.get("name") not in NAME["enum"]:
                return HttpResponse(400)
            row_id = row_id or str(len(self.rows) + 1)
            self.changes += self.fault != "time"
            time = f"2030-01-01T00:00:{self.changes:02}Z"
            self.rows[row_id] = {"id": row_id, "name": body["name"], "updated_at": time}
        tag = '"other"' if self.fault == "other tag" else self.compute_tag(row_id)
        headers = (JSON, ("ETag", tag))
        return HttpResponse(200, headers, json.dumps(self.rows[row_id]).encode())

    def compute_tag(self, row_id: str) -> str:
        content = row_id if self.fault == "tag" else json.dumps(self.rows[row_id])
        return f'"{hashlib.sha256(content.encode()).hexdigest()}"'


def test_the_suite_names_each_mutant_of_versions(tmp_path: Path) -> None:
    """The checks report each mutant of versions and locations, and nothing for the mock."""
    spec = build_spec(tmp_path)
    kinds = {"effect.update.version", "effect.update.etag", "effect.delete.version"}
    mutants = {m.clause.kind: m for m in generate_mutants(spec)}
    for kind in {*kinds, "effect.location"}:
        mutant, mock = mutants[kind], Mock(spec, rows=6)
        examination = {"rows.update": check_updates, "rows.delete": check_deletion}.get(
            mutant.clause.operation.id, check_creation
        )
        for handle in (mock.handle, mutant.handle(mock)):
            mock.reset()
            with Session(Target.mock(spec, handle=handle)) as session:
                check = examine(session, mutant.clause.operation, "writes", examination)
            is_named = [mutant.is_reported_by(finding) for finding in check.findings]
            assert (check.detail, is_named) == ("", [True] * (handle != mock.handle)), kind


@pytest.mark.parametrize(
    ("name", "fault", "expected_places"),
    [
        ("rows.update", "", set[str]()),
        ("rows.delete", "", set[str]()),
        ("rows.update", "match", {"If-Match"}),
        ("rows.delete", "match", {"If-Match"}),
        ("rows.update", "tag", {"ETag"}),
        ("rows.update", "other tag", {"If-Match"}),
        ("rows.update", "time", {"updated_at"}),
    ],
)
def test_a_constant_etag_and_an_ignored_if_match_are_found(
    tmp_path: Path, name: str, fault: str, expected_places: set[str]
) -> None:
    """A constant ETag or timestamp and an ignored If-Match are found; a correct server has no
    finding.
    """
    spec = build_spec(tmp_path)
    subject = spec.find_operation(name)
    assert subject is not None
    examination = check_updates if name == "rows.update" else check_deletion
    with run_server({spec.name: Rows(fault)}) as url:
        writes = {operation.id for operation in spec.operations}
        target = Target.connect(spec, f"{url}/{spec.name}", allow_writes=writes)
        with Session(target, rate=1000, sleep=lambda _: None) as session:
            check = examine(session, subject, "writes", examination)
    assert {(finding.id, finding.where) for finding in check.findings} == {
        ("effect.version.wrong", expected_place) for expected_place in expected_places
    }
