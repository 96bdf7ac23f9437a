"""Loans of books: a right service has no finding, whatever books are lent, and a wrong one has."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import attrs
import pytest

from driftline.checks import CHECKS
from driftline.checks.finding import Check
from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.run import run_suite

from .conftest import ROOT
from .documents import build_operation, build_responses, load_document

NUMBER = {"type": "integer"}
BOOK = {"type": "integer", "x-reference": {"of": "book.list"}}
FIELDS = {
    "book": BOOK,
    "wanted": {"type": "array", "items": BOOK, "maxItems": 3},
}
INPUT = {"type": "object", "required": ["book"], "properties": FIELDS}
PATCH = {"type": "object", "properties": {"wanted": FIELDS["wanted"]}}
LOAN = {
    "type": "object",
    "required": ["id", "renewals", *FIELDS],
    "properties": {"id": NUMBER, "renewals": NUMBER, **FIELDS},
}
ID = {"name": "id", "in": "path", "required": True, "schema": NUMBER}
SINGLE = {"items": "", "id": "/id", "page": {"style": "single"}}
WRITES = ["loan.create", "loan.update", "loan.renew"]


def build_spec(folder: Path) -> Spec:
    """Books, and loans of them that can be renewed three times."""
    row = {"of": "loan.list", "item": "", "id": "id"}
    refused, missing = {"description": "No."}, {"description": "No such book or loan."}
    book = {"type": "object", "required": ["id"], "properties": {"id": NUMBER}}

    def act(name: str, schema: Any, conflict: str, **more: Any) -> dict[str, Any]:
        operation = build_operation(name, LOAN, **more)
        if schema:
            content = {"application/json": {"schema": schema}}
            operation["requestBody"] = {"required": True, "content": content}
        rejections = {"404": missing, "400": refused, "409": {"description": conflict}}
        return {**operation, "responses": build_responses(LOAN, **rejections)}

    create = act("loan.create", INPUT, "The book is lent.")
    create["x-effect"] = {"kind": "create", "of": "loan.list", "item": ""}
    create["responses"]["201"] = create["responses"].pop("200")
    update = act("loan.update", PATCH, "The loan has ended.", parameters=[ID])
    renew = act("loan.renew", None, "Renewed three times already.", parameters=[ID])
    get = act("loan.get", None, "The loan is locked.", parameters=[ID])
    get["x-effect"] = {"kind": "read", **row}
    update["x-effect"] = renew["x-effect"] = {"kind": "update", **row}
    return load_document(
        folder,
        {
            "/books": {
                "get": build_operation(
                    "book.list", {"type": "array", "items": book}, **{"x-listing": SINGLE}
                )
            },
            "/loans": {
                "get": build_operation(
                    "loan.list", {"type": "array", "items": LOAN}, **{"x-listing": SINGLE}
                ),
                "post": create,
            },
            "/loans/{id}": {"get": get, "patch": update},
            "/loans/{id}/renew": {"post": renew},
        },
    )


@attrs.define
class Library:
    """The service, whose first book is lent for good; `bug` is what it does wrong."""

    bug: str = ""
    loans: dict[int, dict[str, Any]] = attrs.field(factory=dict)
    ids: Any = attrs.field(factory=lambda: count(1))

    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/books":
            return answer(200, [{"id": number} for number in range(1, 10)])
        if request.path == "/loans" and request.method == "GET":
            return answer(200, [*self.loans.values()])
        if request.path == "/loans":
            return self.create(request)
        name = request.path.split("/")[2]
        loan = self.loans.get(int(name)) if name.isdecimal() else None
        if loan is None:
            return answer(404, {})
        if request.path.endswith("/renew"):
            loan["renewals"] += loan["renewals"] < 3 or 0
            return answer(200 if loan["renewals"] < 3 else 409, loan)
        return answer(200, loan) if request.method == "GET" else self.update(request, loan)

    def create(self, request: HttpRequest) -> HttpResponse:
        body = read(request)
        if not isinstance(body, dict) or type(body.get("book")) is not int:
            return answer(400, {})
        books = [body["book"], *(body.get("wanted") or ())]
        if not is_known(books) and self.bug != "unknown book":
            return answer(404, {})
        if body["book"] == 1:
            return answer(409, {})
        loan = {"id": next(self.ids), "renewals": 0, "wanted": [], **body}
        self.loans[loan["id"]] = {name: loan[name] for name in LOAN["properties"]}  # type: ignore[attr-defined]
        return answer(201, self.loans[loan["id"]])

    def update(self, request: HttpRequest, loan: dict[str, Any]) -> HttpResponse:
        body = read(request)
        books = body.get("wanted", []) if isinstance(body, dict) else None
        if not isinstance(books, list) or not is_known(books) or len(books) > 3:
            return answer(400, {})
        if "wanted" in body:
            loan["wanted"] = loan["wanted"] + books if self.bug == "append" else books
        return answer(200, loan)


def is_known(books: list[Any]) -> bool:
    return all(type(book) is int and 0 < book < 10 for book in books)


def read(request: HttpRequest) -> Any:
    try:
        return json.loads(request.body)
    except ValueError:
        return None


def answer(status: int, body: Any) -> HttpResponse:
    return HttpResponse(status, (("Content-Type", "application/json"),), json.dumps(body).encode())


def check(spec: Spec, bug: str) -> list[Check]:
    """Run the checks of rows."""
    names = {check.name for check in CHECKS if check.column == "creation"} | {"documented requests"}
    with run_server({spec.name: Library(bug).handle}) as url:
        return run_suite(
            Project(ROOT),
            [spec],
            urls={spec.name: f"{url}/{spec.name}"},
            allow_writes=WRITES,
            rate=100_000,
            rank=lambda _, name: 0 if name in names else None,
        )


def list_findings(checks: list[Check]) -> set[tuple[str, str]]:
    return {(f.id, f.operation) for check_result in checks for f in check_result.findings}


def test_a_conflict_with_one_row_leads_to_another(tmp_path: Path) -> None:
    """Nothing is skipped because the first book is lent, or found because an action repeats."""
    checks = check(build_spec(tmp_path), "")
    assert list_findings(checks) == set()
    skipped = [c for c in checks if c.outcome == "not-sent" and "loan.create" in c.detail]
    assert skipped == []


@pytest.mark.parametrize(
    ("bug", "finding"),
    [
        ("unknown book", ("effect.missing.accepted", "loan.create")),
        ("append", ("effect.field.changed", "loan.update")),
    ],
)
def test_what_a_careless_library_does_is_found(
    tmp_path: Path, bug: str, finding: tuple[str, str]
) -> None:
    """A loan of an unknown book, and a list that an update extends, are reported."""
    assert finding in list_findings(check(build_spec(tmp_path), bug))
