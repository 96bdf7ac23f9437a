"""States that the description of an operation names, on a live server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.suite.examinations.rows.creations.creation import check_creation
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine

from .documents import build_operation, load_document

STATUS = {"type": "string", "enum": ["draft", "paid"]}
BILL: dict[str, Any] = {
    "type": "object",
    "required": ["id", "status", "kind"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "status": STATUS,
        "kind": STATUS,
    },
}


@pytest.mark.parametrize(
    ("description", "sent", "fields"),
    [
        ("Its status is `draft`.", {}, {"status"}),
        ("Created, in the state `draft`.", {}, {"status"}),
        ("Its status is `paid`.", {}, set()),
        ("Its status is `draft`, if it has lines.", {}, set()),
        ("Its status is `draft` or `paid`.", {}, set()),
        ("A `draft` is created.", {}, set()),
        ("Its status is `open`.", {}, set()),
        ("Its status is `draft`.", {"status": STATUS}, set()),
    ],
)
def test_a_new_row_has_the_described_state(
    tmp_path: Path, description: str, sent: dict[str, Any], fields: set[str]
) -> None:
    """Another state than the only one that the description names for the field is a finding."""
    body = {"type": "object", "properties": {"name": {"type": "string"}, **sent}}
    listing = {"items": "", "id": "/id", "page": {"style": "single"}}
    bills = build_operation("bills.list", {"type": "array", "items": BILL})
    create = {
        **build_operation("bills.create", BILL),
        "description": description,
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "x-effect": {"kind": "create", "of": "bills.list", "item": ""},
    }
    spec = load_document(
        tmp_path, {"/bills": {"get": {**bills, "x-listing": listing}, "post": create}}
    )
    rows: list[dict[str, Any]] = []

    def handle(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            row = {"id": len(rows), "status": "paid", "kind": "paid"}
            rows.append({**row, **json.loads(request.body or b"{}")})
        content_value = rows[-1] if request.method == "POST" else rows
        content = json.dumps(content_value).encode()
        return HttpResponse(200, (("Content-Type", "application/json"),), content)

    operation = spec.find_operation("bills.create")
    assert operation is not None
    with run_server({spec.name: handle}) as url:
        names = frozenset({"bills.create"})
        target = Target.connect(spec, f"{url}/{spec.name}", allow_writes=names)
        with Session(target, rate=100_000) as session:
            check = examine(session, operation, "creation", check_creation)
    assert {f.message.split()[2] for f in check.findings} == fields
