"""The response to a bulk creation has one row for each row of the request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from driftline.checks.exchange import Exchange
from driftline.checks.outgoing import Outgoing
from driftline.checks.response import find_flaws
from driftline.mock import HttpRequest, HttpResponse, Mock, run_server
from driftline.mutation.clauses import generate_mutants
from driftline.openapi import Spec, find_bulk_creation
from driftline.suite.examinations.rows.creations.bulk_creation import check_bulk_creation
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine

from .documents import build_operation, load_document

ID = {"type": "integer"}
NAME = {"type": "string", "minLength": 1}
NOTE = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": ID, "name": NAME},
}
SENT = {"type": "object", "required": ["name"], "properties": {"name": NAME}}
NOTES: dict[str, Any] = {"type": "array", "items": {"$ref": "#/components/schemas/Note"}}
MANY: dict[str, Any] = {"type": "array", "items": {"$ref": "#/components/schemas/Sent"}}
JSON = (("Content-Type", "application/json"),)
ENVELOPE = {"type": "object", "required": ["notes"]}


def wrap(schema: Any, **properties: Any) -> dict[str, Any]:
    return {**ENVELOPE, "properties": {"notes": schema, **properties}}


def load_notes(folder: Path, sent: Any = MANY, created: Any = NOTES, status: str = "201") -> Spec:
    """Return a spec with a listing of notes and an operation that creates several."""
    bulk = build_operation("notes.create_many", created)
    bulk["responses"] = {status: bulk["responses"]["200"]}
    bulk["requestBody"] = {"required": True, "content": {"application/json": {"schema": sent}}}
    listing = {"items": "", "id": "/id", "page": {"style": "single"}}
    paths = {
        "/notes": {"get": {**build_operation("notes.list", NOTES), "x-listing": listing}},
        "/notes/bulk": {"post": bulk},
    }
    return load_document(folder, paths, schemas={"Note": NOTE, "Sent": SENT})


def list_kinds(spec: Spec, sent: Any, created: Any) -> list[str]:
    """Return the kinds of the flaws of one bulk creation."""
    request = Outgoing("POST", "/notes/bulk", "", JSON, json.dumps(sent).encode())
    body = json.dumps(created).encode()
    exchange = Exchange("notes.create_many", request, "http://x", 201, JSON, body, 0.0)
    return [flaw.kind for flaw in find_flaws(spec, exchange)]


A, B = {"name": "a"}, {"name": "b"}
ROWS = [{"id": 1, **A}, {"id": 2, **B}]


@pytest.mark.parametrize(
    ("sent", "created", "is_lost"),
    [
        ([A, B], ROWS, False),
        ([A, B], ROWS[:1], True),
        ([A], [], True),
        ([A, A], ROWS[:1], False),
        ([A, {}], ROWS[:1], False),
        ([], [], False),
    ],
)
def test_a_lost_row_is_found(tmp_path: Path, sent: Any, created: Any, *, is_lost: bool) -> None:
    """A missing row is a flaw, unless the rows sent are equal or the request is invalid."""
    kinds = list_kinds(load_notes(tmp_path), sent, created)
    assert kinds == (["response.rows.missing"] if is_lost else [])


def test_rows_may_be_in_a_field(tmp_path: Path) -> None:
    """A missing row is found, too, if both arrays are the only field of an object."""
    spec = load_notes(tmp_path, wrap(MANY), wrap(NOTES))
    assert list_kinds(spec, {"notes": [A, B]}, {"notes": ROWS[:1]}) == ["response.rows.missing"]


@pytest.mark.parametrize(
    ("sent", "created", "status"),
    [
        (MANY, NOTES, "200"),
        (MANY, NOTES, "207"),
        (MANY, wrap(NOTES, errors={"type": "array", "items": {"type": "string"}}), "201"),
        (MANY, {"type": "array", "items": SENT}, "201"),
        (wrap(MANY, dry_run={"type": "boolean"}), NOTES, "201"),
        (SENT, NOTES, "201"),
    ],
)
def test_missing_rows_are_allowed_in_other_responses(
    tmp_path: Path, sent: Any, created: Any, status: str
) -> None:
    """The rule does not apply if some rows may be rejected, or the response has no such rows."""
    spec = load_notes(tmp_path, sent, created, status)
    assert find_bulk_creation(spec, spec.operations[1]) is None


def test_the_mock_creates_all_rows_and_its_mutant_is_found(tmp_path: Path) -> None:
    """The mock returns all rows that were sent; its mutant that omits the last row is detected."""
    spec = load_notes(tmp_path, wrap(MANY), wrap(NOTES))
    body = json.dumps({"notes": [A, B]}).encode()
    response = Mock(spec).handle(HttpRequest("POST", "/notes/bulk", "", JSON, body))
    rows = response.parse_json()["notes"]
    assert [row["name"] for row in rows] == ["a", "b"]
    assert list_kinds(spec, {"notes": [A, B]}, {"notes": rows}) == []
    (mutant,) = [m for m in generate_mutants(spec) if m.clause.kind == "response.bulk"]
    assert mutant.expected == {"response.rows.missing"}


@pytest.mark.parametrize(
    ("behavior", "description", "finding_ids"),
    [
        ("right", "", set()),
        ("reversed", "", set()),
        ("reversed", "The rows, in the order of the request.", {"effect.field.changed"}),
        ("not stored", "", {"effect.not-found"}),
        ("renamed", "", {"effect.field.changed"}),
    ],
)
def test_the_rows_of_a_bulk_creation_are_read(
    tmp_path: Path, behavior: str, description: str, finding_ids: set[str]
) -> None:
    """Rows that a live server does not store, or with other values, are findings."""
    spec = load_notes(tmp_path)
    operation = attrs.evolve(spec.operations[-1], description=description)
    stored: list[dict[str, Any]] = []

    def handle(request: HttpRequest) -> HttpResponse:
        rows = stored
        if request.method == "POST":
            sent = json.loads(request.body)
            rows = [{"id": len(stored) + index, **row} for index, row in enumerate(sent)]
            if behavior == "renamed" and rows:
                rows[-1]["name"] = "x"
            stored.extend(rows if behavior != "not stored" else ())
            rows = rows[::-1] if behavior == "reversed" else rows
        status = 201 if request.method == "POST" else 200
        return HttpResponse(status, JSON, json.dumps(rows).encode())

    with run_server({spec.name: handle}) as url:
        writes = frozenset({operation.id})
        target = Target.connect(spec, f"{url}/{spec.name}", allow_writes=writes)
        with Session(target, rate=100_000) as session:
            check = examine(session, operation, "bulk creation", check_bulk_creation)
    assert {finding.id for finding in check.findings} == finding_ids
