"""Without a listing, rows are created, then changed and read by the id in the response."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftline.checks import Check
from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.openapi import Spec
from driftline.suite.fuzzing.schemathesis_pass import check_fuzzing
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine

from .documents import build_operation, build_responses, load_document

NAME = {"type": ["string", "null"], "maxLength": 9}
JSON = (("Content-Type", "application/json"),)
ID = {"name": "key", "in": "path", "required": True, "schema": {"type": "string"}}


def build_spec(folder: Path, *, links: bool) -> Spec:
    """Return a spec with bookings that are created, read and changed, and never listed."""
    body = {"type": "object", "properties": {"name": NAME}, "required": ["name"]}
    row = {"type": "object", "properties": {"id": {"type": "string"}, "name": NAME}}
    asks = {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}}
    no = {"404": {"description": "No."}, "400": {"description": "Wrong."}}
    create_responses = build_responses(row if not links else {"type": "object"}, **no)
    if links:
        link = {"operationId": "booking.change", "parameters": {"key": "$response.body#/id"}}
        create_responses["200"]["links"] = {
            "change": link,
            "read": {**link, "operationId": "booking.read"},
        }
    path_item = {"parameters": [ID]}
    path_item |= {"get": {"operationId": "booking.read", "responses": build_responses(row, **no)}}
    path_item |= {
        "patch": {"operationId": "booking.change", **asks, "responses": build_responses(row, **no)}
    }
    paths = {
        "/bookings": {
            "post": {**build_operation("booking.make", row), **asks, "responses": create_responses}
        },
        "/bookings/{key}": path_item,
    }
    return load_document(folder, paths)


class Bookings:
    """A server that fails to read a booking whose name is null."""

    def __init__(self, *, is_right: bool) -> None:
        self.rows: dict[str, Any] = {}
        self.is_right = is_right

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.path.removeprefix("/bookings").strip("/")
        body = self._read(request)
        if key and key not in self.rows:
            return HttpResponse(404)
        if request.method != "GET":
            if body is None:
                return HttpResponse(400)
            key = key or str(len(self.rows) + 1)
            self.rows[key] = {"id": key, "name": body["name"]}
        elif self.rows[key]["name"] is None and not self.is_right:
            return HttpResponse(500)
        return HttpResponse(200, JSON, json.dumps(self.rows[key]).encode())

    def _read(self, request: HttpRequest) -> Any:
        try:
            body = json.loads(request.body)
            is_valid = body["name"] is None or len(body["name"] + "") < 10
        except (ValueError, TypeError, KeyError):
            return None
        return body if is_valid else None


def check(spec: Spec, *, is_right: bool) -> Check:
    """Fuzz the change of a booking over the loopback interface."""
    subject = spec.find_operation("booking.change")
    assert subject is not None
    with run_server({spec.name: Bookings(is_right=is_right)}) as url:
        writes = {operation.id for operation in spec.operations}
        target = Target.connect(spec, f"{url}/{spec.name}", allow_writes=writes)
        with Session(target, rate=1000) as session:
            return examine(session, subject, "fuzzing", check_fuzzing)


@pytest.mark.parametrize("links", [True, False])
def test_a_change_after_which_the_row_cannot_be_read_is_found(
    tmp_path: Path, *, links: bool
) -> None:
    """The row is read after its change by a documented link, or by the path and the `id` of the
    row.
    """
    (finding,) = check(build_spec(tmp_path, links=links), is_right=False).findings
    assert (finding.id, finding.operation) == ("response.server-error", "booking.read")


def test_a_correct_server_has_no_finding(tmp_path: Path) -> None:
    """A correct server has no finding when the created row is changed and read."""
    result = check(build_spec(tmp_path, links=True), is_right=True)
    assert (result.findings, result.outcome) == ((), "passed")


def test_an_id_that_the_path_does_not_allow_names_no_row(tmp_path: Path) -> None:
    """An `id` in a response that the path parameter does not allow is not used as a row's id."""
    spec = build_spec(tmp_path, links=False)
    for operation in spec.operations[1:]:
        spec.get_node(operation.parameters[0].schema_pointer)["format"] = "uuid"
    with Session(Target.mock(spec)) as session:
        session.linked_rows.record_created(spec.operations[0], {"id": "a booking"})
        assert session.linked_rows.find(spec.operations[1]) == {}
        key = "0d6ac8a4-5a7b-4f0e-9b3a-6a3a2d4c1b2e"
        session.linked_rows.record_created(spec.operations[0], {"id": key})
        assert session.linked_rows.find(spec.operations[1]) == {"key": key}
