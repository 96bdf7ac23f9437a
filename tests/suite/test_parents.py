"""Rows below a parent and rows that a PUT creates, in the mock and against faulty servers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from driftline.mock import HttpRequest, HttpResponse, Mock, run_server
from driftline.mutation.clauses import generate_mutants
from driftline.mutation.mutants import Mutant
from driftline.openapi import Spec
from driftline.suite.examinations.rows.creations.creation import check_creation
from driftline.suite.examinations.rows.creations.parents import check_parents
from driftline.suite.examinations.rows.updates.updates import check_updates
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import Examination, Probe, examine

from .documents import build_operation, build_responses, load_document

ID = {"type": "integer", "minimum": 1}
KEY = {"type": "string", "minLength": 1, "maxLength": 60}
TEAM = {"type": "object", "required": ["id"], "properties": {"id": ID}}
MEMBER = {
    "type": "object",
    "required": ["id", "team_id"],
    "properties": {"id": ID, "team_id": {**ID, "x-reference": {"of": "team.list"}}},
}
VALUE = {
    "type": "object",
    "required": ["value"],
    "properties": {"value": {"type": "integer", "minimum": 0}},
}
FLAG = {
    "type": "object",
    "required": ["key", "value"],
    "properties": {"key": KEY, **VALUE["properties"]},  # type: ignore[dict-item]
}
SINGLE_PAGE = {"items": "", "id": "/id", "page": {"style": "single"}}
NOT_FOUND = {"404": {"description": "No such row."}, "4XX": {"description": "No."}}


def build_path_parameter(name: str, **schema: object) -> dict[str, object]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    return build_teams(tmp_path)


def build_teams(folder: Path, member_row: dict[str, Any] = MEMBER) -> Spec:
    """Return a spec with members of teams, and flags that a PUT creates."""
    team = build_path_parameter("team", **{**ID, "x-reference": {"of": "team.list"}})
    member = [team, build_path_parameter("member", **ID)]
    member_effect = {"of": "member.list", "id": "member"}
    flag_effect = {"of": "flag.list", "id": "key"}
    members = build_operation(
        "member.list", {"type": "array", "items": member_row}, parameters=[team]
    )
    members["responses"] |= NOT_FOUND
    flags = build_operation("flag.list", {"type": "array", "items": FLAG})
    get = build_operation("member.get", member_row, parameters=member)
    put_operation = build_operation(
        "flag.put", FLAG, parameters=[build_path_parameter("key", **KEY)]
    )
    put_operation["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": VALUE}},
    }
    put_operation["responses"] = build_responses(
        FLAG, **{"201": put_operation["responses"]["200"], **NOT_FOUND}
    )
    get["responses"] |= NOT_FOUND
    read_operation = build_operation(
        "flag.get", FLAG, parameters=[build_path_parameter("key", **KEY)]
    )
    read_operation["responses"] |= NOT_FOUND
    teams = build_operation(
        "team.list", {"type": "array", "items": TEAM}, **{"x-listing": SINGLE_PAGE}
    )
    paths = {
        "/teams": {"get": teams},
        "/teams/{team}/members": {
            "get": {**members, "x-listing": SINGLE_PAGE},
            "post": {
                "operationId": "member.create",
                "parameters": [team],
                "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
                "responses": build_responses(member_row, **NOT_FOUND),
                "x-effect": {"kind": "create", "of": "member.list", "item": ""},
            },
        },
        "/teams/{team}/members/{member}": {
            "get": {**get, "x-effect": {"kind": "read", "item": "", **member_effect}},
            "delete": {
                "operationId": "member.delete",
                "parameters": member,
                "responses": {"204": {"description": "Gone."}, **NOT_FOUND},
                "x-effect": {"kind": "delete", **member_effect},
            },
        },
        "/flags": {"get": {**flags, "x-listing": {**SINGLE_PAGE, "id": "/key"}}},
        "/flags/{key}": {
            "get": {**read_operation, "x-effect": {"kind": "read", "item": "", **flag_effect}},
            "put": {**put_operation, "x-effect": {"kind": "update", "item": "", **flag_effect}},
        },
    }
    return load_document(folder, paths)


def build_put_request(key: str, value: object) -> HttpRequest:
    body = json.dumps({"value": value}).encode()
    return HttpRequest("PUT", f"/flags/{key}", "", (("Content-Type", "application/json"),), body)


def test_the_mock_finds_a_row_only_below_its_parent(spec: Spec) -> None:
    """A member is 404 below every other team, and deleted only below its own."""
    mock = Mock(spec, rows=6)
    member, *_ = mock.list_rows("member.list")
    other_teams = [
        team["id"] for team in mock.list_rows("team.list") if team["id"] != member["team_id"]
    ]
    statuses = [
        mock.handle(HttpRequest(method, f"/teams/{team}/members/{member['id']}")).status
        for method in ("DELETE", "GET")
        for team in (other_teams[0], member["team_id"])[method == "GET" :]
    ]
    assert statuses == [404, 204, 404]


@pytest.mark.parametrize("is_right", [True, False])
def test_a_row_created_below_a_missing_parent_is_found(spec: Spec, *, is_right: bool) -> None:
    """A server that creates a member of a team that does not exist is found."""
    mock, create = Mock(spec, rows=6), spec.find_operation("member.create")
    assert create is not None

    def handle(request: HttpRequest) -> HttpResponse:
        response = mock.handle(request)
        if is_right or request.method != "POST" or response.status != 404:
            return response
        team = mock.list_rows("team.list")[0]["id"]
        return mock.handle(attrs.evolve(request, path=f"/teams/{team}/members"))

    with Session(Target.mock(spec, handle=handle)) as session:
        findings = examine(session, create, "creation", check_creation).findings
    expected = set() if is_right else {("effect.missing.accepted", "team")}
    assert {(finding.id, finding.where) for finding in findings} == expected


@pytest.mark.parametrize("is_right", [True, False])
def test_a_live_row_that_names_no_parent_is_only_below_its_own(
    tmp_path: Path, *, is_right: bool
) -> None:
    """A member without its team is found below another team, as a 404 is documented for that."""
    row = {"type": "object", "required": ["id"], "properties": {"id": ID}}
    spec = build_teams(tmp_path, row)
    mock, teams_by_member = Mock(spec, rows=6), dict[str, str]()

    def handle(request: HttpRequest) -> HttpResponse:
        _, _, team, *member = (*request.path.split("/"), "", "")[:6]
        own_team = teams_by_member.get(member[1], team) if len(member) > 1 else team
        if is_right and own_team != team:
            return HttpResponse(404)
        response = mock.handle(request)
        if request.method == "POST":
            teams_by_member[str(response.parse_json()["id"])] = team
        return response

    delete = spec.find_operation("member.delete")
    assert delete is not None
    writes = frozenset({"member.create", "member.delete"})
    with run_server({spec.name: handle}) as url:
        target = Target.connect(spec, f"{url}/{spec.name}", allow_writes=writes)
        with Session(target, rate=100_000) as session:
            check = examine(session, delete, "parents", check_parents)
    assert check.outcome == ("passed" if is_right else "drift"), check.detail
    finding_ids = {(finding.id, finding.where) for finding in check.findings}
    assert finding_ids == (set() if is_right else {("effect.parent.ignored", "team")})


def test_a_put_creates_a_row_if_a_201_is_documented(spec: Spec) -> None:
    """The first PUT to an id returns 201, the second 200, and the row can be read."""
    mock = Mock(spec, rows=2)
    assert [mock.handle(build_put_request("new", value)).status for value in (1, 2)] == [201, 200]
    assert mock.handle(HttpRequest("GET", "/flags/new")).parse_json() == {"key": "new", "value": 2}
    assert {"key": "new", "value": 2} in mock.list_rows("flag.list")


def check_both(probe: Probe) -> None:
    """Check the creation of rows, or the listing below its parents."""
    (check_creation if probe.operation.listing is None else check_parents)(probe)


def find_mutants(spec: Spec, kind: str) -> list[Mutant]:
    return [mutant for mutant in generate_mutants(spec) if mutant.clause.kind == kind]


@pytest.mark.parametrize(
    ("kind", "examination"),
    [
        ("effect.parent", check_parents),
        ("effect.parent.missing", check_both),
        ("effect.update.creation", check_updates),
    ],
)
def test_the_checks_report_each_mutant_of_parents_and_puts(
    kind: str, examination: Examination, spec: Spec
) -> None:
    """The checks report each mutant of parents and of creation by PUT, and nothing for the mock."""
    mutants = find_mutants(spec, kind)
    assert mutants
    for mutant in mutants:
        right_handle, wrong_handle = Mock(spec, rows=6).handle, mutant.handle(Mock(spec, rows=6))
        for handle in (right_handle, wrong_handle):
            with Session(Target.mock(spec, handle=handle)) as session:
                result = examine(session, mutant.clause.operation, "rows", examination)
            is_named = [mutant.is_reported_by(finding) for finding in result.findings]
            assert (result.detail, is_named) == ("", [True] * (handle is wrong_handle))
