"""Orders with an action, creations and searches: a right live service is clean, a wrong one not."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import attrs
import pytest

from driftline.checks import CHECKS
from driftline.checks.finding import Check, Finding
from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.run import run_suite

from .conftest import ROOT
from .documents import build_operation, build_responses, load_document

LINE = {
    "type": "object",
    "required": ["price"],
    "properties": {"price": {"type": "string", "pattern": r"^\d{1,6}\.\d{2}$"}},
}
INPUT = {
    "type": "object",
    "required": ["name", "lines"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 40},
        "lines": {"type": "array", "items": LINE, "maxItems": 9},
        "open": {"type": "boolean", "default": True},
    },
}
ORDER = {
    "type": "object",
    "required": ["id", "state", *INPUT["properties"]],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "state": {"enum": ["draft", "paid"], "readOnly": True},
        **INPUT["properties"],
    },
}
MISSING = {"404": {"description": "No such order."}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
SORT = [
    {"name": "sort", "in": "query", "schema": {"enum": ["id", "name"], "default": "id"}},
    {"name": "descending", "in": "query", "schema": {"type": "boolean", "default": False}},
]


def build_spec(folder: Path, conflict: str) -> Spec:
    """Orders that are listed without pages, and paid once."""
    listing = {
        "items": "",
        "id": "/id",
        "page": {"style": "single"},
        "order": {
            "by": "sort",
            "direction": "descending",
            "fields": {"id": "/id", "name": "/name"},
        },
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Input"}}}}
    order = {"$ref": "#/components/schemas/Order"}
    row = {"of": "order.list", "item": "", "id": "id"}
    rows = {"type": "array", "items": order}
    return load_document(
        folder,
        {
            "/orders": {
                "get": build_operation(
                    "order.list", rows, parameters=SORT, **{"x-listing": listing}
                ),
                "post": {
                    "operationId": "order.create",
                    "requestBody": body,
                    "x-effect": {"kind": "create", "of": "order.list", "item": ""},
                    "responses": {"201": build_responses(order)["200"]},
                },
            },
            "/orders/{id}": {
                "get": {
                    **build_operation("order.get", order, parameters=[ID]),
                    "responses": build_responses(order, **MISSING),
                    "x-effect": {"kind": "read", **row},
                }
            },
            "/orders/{id}/pay": {
                "post": {
                    **build_operation("order.pay", order, parameters=[ID]),
                    "responses": build_responses(
                        order, **MISSING, **{"409": {"description": conflict}}
                    ),
                    "x-effect": {"kind": "update", **row},
                }
            },
        },
        schemas={"Input": INPUT, "Order": ORDER},
    )


@attrs.define
class Orders:
    """The service; `bug` is what it does wrong."""

    bug: str = ""
    rows: dict[int, dict[str, Any]] = attrs.field(factory=dict)
    ids: Any = attrs.field(factory=lambda: count(1))

    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/orders":
            return self.create(request) if request.method == "POST" else self.list(request)
        name = request.path.split("/")[2]
        row = self.rows.get(int(name)) if name.isdecimal() else None
        if row is None:
            return answer(404, {})
        return self.pay(row) if request.path.endswith("/pay") else answer(200, row)

    def list(self, request: HttpRequest) -> HttpResponse:
        query = dict(parse_qsl(request.query))
        if query.get("sort", "id") not in {"id", "name"}:
            return answer(400, {})
        down = query.get("descending") == "true" and self.bug != "always up"
        rows = sorted(self.rows.values(), key=lambda row: row[query.get("sort", "id")])
        return answer(200, rows[::-1] if down else rows)

    def create(self, request: HttpRequest) -> HttpResponse:
        try:
            body = json.loads(request.body)
        except ValueError:
            return answer(400, {})
        lines = body.get("lines") if isinstance(body, dict) else None
        is_right = isinstance(lines, list) and isinstance(body.get("name"), str)
        is_right = is_right and 0 < len(body["name"]) < 41 and len(lines) < 10
        is_right = is_right and isinstance(body.get("open", True), bool)
        if not is_right or not all(isinstance(line, dict) and "price" in line for line in lines):
            return answer(400, {})
        row = {"id": next(self.ids), "state": "draft", "open": True, **body}
        row = {name: row[name] for name in ORDER["properties"]}
        if self.bug == "one line":
            row["lines"] = lines[:1]
        if self.bug == "float":
            row["lines"] = [{"price": str(float(line["price"]))} for line in lines]
        if self.bug == "falsy":
            row["open"] = row["open"] or True
        if self.bug != "not stored":
            self.rows[row["id"]] = row
        return answer(201, row)

    def pay(self, row: dict[str, Any]) -> HttpResponse:
        if row["state"] == "paid" and self.bug != "paid twice":
            return answer(409, {})
        if self.bug == "not saved":
            return answer(200, {**row, "state": "paid"})
        row["state"] = "paid"
        return answer(200, row)


def answer(status: int, body: Any) -> HttpResponse:
    return HttpResponse(status, (("Content-Type", "application/json"),), json.dumps(body).encode())


def run(spec: Spec, bug: str) -> list[Check]:
    """All checks but those of a client and the fuzzing."""
    left_out = {c.name for c in CHECKS if c.column == "client"} | {"fuzzing", "sequences"}
    with run_server({spec.name: Orders(bug).handle}) as url:
        return run_suite(
            Project(ROOT),
            [spec],
            urls={spec.name: f"{url}/{spec.name}"},
            allow_writes=["order.create", "order.pay"],
            rate=100_000,
            rank=lambda _, name: None if name in left_out else 0,
        )


def find(spec: Spec, bug: str) -> list[Finding]:
    return [finding for check in run(spec, bug) for finding in check.findings]


def test_an_action_is_sent_to_a_new_row_after_a_conflict(tmp_path: Path) -> None:
    """The check of documented requests is made although an earlier check paid the last order."""
    checks = run(build_spec(tmp_path, "The order is paid already."), "")
    [check] = [c for c in checks if (c.operation, c.name) == ("order.pay", "documented requests")]
    assert (check.outcome, check.detail) == ("passed", "")


BUGS = {
    "": set[str](),
    "paid twice": {"effect.conflict.accepted"},
    "not saved": {"effect.field.changed", "effect.conflict.accepted"},
    "one line": {"effect.field.changed"},
    "float": {"response.bound.exceeded"},
    "falsy": {"effect.field.changed"},
    "always up": {"listing.order.wrong"},
}


@pytest.mark.parametrize("bug", BUGS)
def test_what_a_careless_service_does_is_found(tmp_path: Path, bug: str) -> None:
    """An action that is repeated or not stored, a lost line, zero, falsy value, or direction."""
    spec = build_spec(tmp_path, "The order is paid already.")
    assert {finding.id for finding in find(spec, bug)} >= BUGS[bug]
    assert bug or find(spec, bug) == []


@pytest.mark.parametrize(
    ("conflict", "is_found"),
    [
        ("The order is already paid.", True),
        ("Only drafts can be paid.", True),
        ("Not a draft.", True),
        ("The stock changed in the meantime.", False),
    ],
)
def test_a_conflict_is_what_its_description_says(
    tmp_path: Path, conflict: str, *, is_found: bool
) -> None:
    """A second payment may be right where the 409 is about something else."""
    ids = {finding.id for finding in find(build_spec(tmp_path, conflict), "paid twice")}
    assert ids == ({"effect.conflict.accepted"} if is_found else set())


def test_a_row_is_missing_in_a_short_list(tmp_path: Path) -> None:
    """A listing without pages and with few rows shows them all."""
    findings = find(build_spec(tmp_path, ""), "not stored")
    assert "effect.not-listed" in {finding.id for finding in findings}
