"""States in which an operation is described to fail, on a live server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.openapi import Spec
from driftline.suite.examinations.rows.deletion import check_deletion
from driftline.suite.examinations.rows.state_rules import find_forbidden_states
from driftline.suite.examinations.rows.updates.updates import check_updates
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine

from .documents import build_operation, build_responses, load_document

STATES = ["draft", "in_review", "paid"]
BILL: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "status", "paid_at"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string", "maxLength": 40},
        "status": {"type": "string", "enum": STATES},
        "paid_at": {"type": ["string", "null"]},
    },
}
BODY = {"type": "object", "properties": {"name": BILL["properties"]["name"]}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}


def build_spec(folder: Path, description: str, conflict: str = "Conflict") -> Spec:
    """Return a spec of bills that are submitted and then paid, changed and deleted."""
    listing = {"items": "", "id": "/id", "page": {"style": "single"}}
    row = {"of": "bills.list", "item": "", "id": "id"}
    body = {"requestBody": {"content": {"application/json": {"schema": BODY}}}}
    answers = {
        "description": description,
        "responses": build_responses(
            BILL, **{"404": {"description": "No."}, "409": {"description": conflict}}
        ),
    }
    action = {"x-effect": {"kind": "update", **row}, "responses": answers["responses"]}
    pay = {**action, "description": "Sets the status to `paid`, and the time in `paid_at`."}
    return load_document(
        folder,
        {
            "/bills": {
                "get": {
                    **build_operation("bills.list", {"type": "array", "items": BILL}),
                    "x-listing": listing,
                },
                "post": {
                    **build_operation("bills.create", BILL),
                    **body,
                    "x-effect": {"kind": "create", "of": "bills.list", "item": ""},
                },
            },
            "/bills/{id}": {
                "parameters": [ID],
                "get": {
                    **build_operation("bills.get", BILL),
                    "x-effect": {"kind": "read", **row},
                    "responses": answers["responses"],
                },
                "patch": {
                    "operationId": "bills.update",
                    **body,
                    **answers,
                    "x-effect": {"kind": "update", **row},
                },
                "delete": {
                    "operationId": "bills.delete",
                    **answers,
                    "x-effect": {"kind": "delete", "of": "bills.list", "id": "id"},
                },
            },
            "/bills/{id}/submit": {
                "parameters": [ID],
                "post": {"operationId": "bills.submit", **action},
            },
            "/bills/{id}/pay": {"parameters": [ID], "post": {"operationId": "bills.pay", **pay}},
        },
    )


@pytest.mark.parametrize(
    ("description", "states"),
    [
        ("Only drafts can be changed.", {"in_review", "paid"}),
        ("Only drafts can be paid.", {"in_review", "paid"}),
        ("Can only be changed while it is a draft.", {"in_review", "paid"}),
        ("409 if the bill is paid.", {"paid"}),
        ("409 if the bill is `in_review` or already `paid`.", {"in_review", "paid"}),
        ("409 if the status is not `draft`.", {"in_review", "paid"}),
        ("409 unless the bill is a draft or in review.", {"paid"}),
        ("A paid bill cannot be changed.", {"paid"}),
        ("Paid bills are rejected.", {"paid"}),
        ("Changes a bill, even if it is paid.", set()),
        ("A draft can be changed.", set()),
        ("409 if the account is paid.", set()),
        ("409 if a paid invoice has the same name.", set()),
        ("409 if it has paid items.", set()),
        ("The name of a paid bill cannot be changed.", set()),
        ("Sets the status to `paid` and cannot be undone.", set()),
        ("409 if it is paid before the draft is closed.", set()),
        ("Only admins can change drafts.", set()),
    ],
)
def test_the_described_states_are_read(tmp_path: Path, description: str, states: set[str]) -> None:
    """Sentences name the states in which a call fails; one that says more names none."""
    spec = build_spec(tmp_path, description)
    operation = spec.find_operation("bills.update")
    assert operation is not None
    conflict = operation.find_exact_response("409")
    assert conflict is not None
    rule = find_forbidden_states(spec, operation, conflict)
    assert (set(rule.states) if rule else set()) == states


def test_the_description_of_the_conflict_counts(tmp_path: Path) -> None:
    """What the 409 itself is described as needs no word of rejection."""
    spec = build_spec(tmp_path, "Changes it.", "The bill is paid.")
    operation = spec.find_operation("bills.delete")
    assert operation is not None
    conflict = operation.find_exact_response("409")
    assert conflict is not None
    rule = find_forbidden_states(spec, operation, conflict)
    assert rule is not None
    assert rule.states == {"paid"}


class Bills:
    """A server whose bills are paid after they are submitted; `open_states` allow changes."""

    def __init__(self, open_states: set[str], bug: str = "") -> None:
        self.open_states, self.bug = open_states, bug
        self.rows: dict[int, dict[str, Any]] = {}

    def handle(self, request: HttpRequest) -> HttpResponse:
        status, body = self.respond(request)
        return HttpResponse(
            status, (("Content-Type", "application/json"),), json.dumps(body).encode()
        )

    def respond(self, request: HttpRequest) -> tuple[int, Any]:
        match = re.fullmatch(r"/bills(?:/(\d+))?(?:/(\w+))?", request.path)
        if match is None:
            return 404, {}
        if match[1] is None and request.method == "POST":
            row = {"name": "", **json.loads(request.body), "status": "draft", "paid_at": None}
            row["id"] = len(self.rows) + 1
            self.rows[row["id"]] = row
            return 200, row
        if match[1] is None:
            is_listed = {"archived": self.bug == "archived bill is listed", None: True}
            return 200, [r for r in self.rows.values() if is_listed[r.get("kept")]]
        row = self.rows.get(int(match[1]), {})
        if not row:
            return 404, {}
        return self.change(request, row, match[2])

    def change(self, request: HttpRequest, row: dict[str, Any], verb: str) -> tuple[int, Any]:
        if verb is not None:
            before, after = {"submit": STATES[:2], "pay": STATES[1:]}[verb]
            if row["status"] != before and self.bug != "any state":
                return 409, {}
            row["status"] = before if self.bug == "nothing paid" and verb == "pay" else after
            if verb == "pay" and self.bug != "no time":
                row["paid_at"] = "2024-01-01T00:00:00Z"
        elif request.method != "GET" and row["status"] not in self.open_states:
            return 409, {}
        elif request.method == "DELETE":
            if "archive" not in self.bug:
                del self.rows[row["id"]]
            elif self.bug != "nothing archived":
                row["kept"] = "archived"
        elif request.method == "PATCH":
            row.update(json.loads(request.body))
        return 200, row


def list_effects(spec: Spec, name: str, run: Any, bills: Bills) -> set[str]:
    """Return the findings of a check on the effect of an operation."""
    operation = spec.find_operation(f"bills.{name}")
    assert operation is not None
    names = frozenset(o.id for o in spec.operations if not o.is_read)
    with run_server({spec.name: bills.handle}) as url:
        target = Target.connect(spec, f"{url}/{spec.name}", allow_writes=names)
        with Session(target, rate=100_000) as session:
            check = examine(session, operation, name, run)
    assert not check.detail
    return {f.id for f in check.findings if f.id.startswith("effect.")}


@pytest.mark.parametrize(("name", "run"), [("update", check_updates), ("delete", check_deletion)])
@pytest.mark.parametrize(
    ("open_states", "is_right"), [({"draft"}, True), ({"draft", "paid"}, False)]
)
def test_a_call_fails_in_the_described_states(
    tmp_path: Path, name: str, run: Any, open_states: set[str], is_right: bool
) -> None:
    """Actions bring a new row into each state; a change or deletion that succeeds is a finding."""
    spec = build_spec(tmp_path, "Only drafts can be changed or deleted.")
    effects = list_effects(spec, name, run, Bills(open_states))
    assert effects == (set() if is_right else {"effect.conflict.accepted"})


def test_an_action_fails_in_the_described_states(tmp_path: Path) -> None:
    """An action that succeeds in a state that its description forbids is a finding."""
    spec = build_spec(tmp_path, "", "The bill is a draft.")
    effects = list_effects(spec, "pay", check_updates, Bills(set(STATES), "any state"))
    assert effects == {"effect.conflict.accepted"}


@pytest.mark.parametrize(
    ("bug", "is_right"), [("", True), ("nothing paid", False), ("no time", False)]
)
def test_an_action_is_called_after_the_one_that_it_needs(
    tmp_path: Path, bug: str, is_right: bool
) -> None:
    """A bill is paid after it was submitted; a state or time that is not set is a finding."""
    effects = list_effects(build_spec(tmp_path, ""), "pay", check_updates, Bills(set(STATES), bug))
    assert effects == (set() if is_right else {"effect.field.changed"})


@pytest.mark.parametrize(
    ("bug", "is_right"),
    [
        ("", True),
        ("archive", True),
        ("archived bill is listed", False),
        ("nothing archived", False),
    ],
)
def test_a_deletion_may_keep_the_row(tmp_path: Path, bug: str, is_right: bool) -> None:
    """A row that is described to be archived can be read, but must have changed."""
    spec = build_spec(tmp_path, "Archives the bill, which is not listed any more.")
    effects = list_effects(spec, "delete", check_deletion, Bills(set(STATES), bug))
    assert effects == (set() if is_right else {"effect.not-deleted"})
