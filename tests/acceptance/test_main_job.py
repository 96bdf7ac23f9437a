"""`driftline check` passes for the mocks and names the clause of each fault."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from driftline.check import check
from driftline.generate import generate
from driftline.mock import Handle, HttpRequest, HttpResponse, Mock
from driftline.openapi import find, load
from driftline.project import Project
from driftline.report import Report
from driftline.suite.operation_filter import OperationFilter

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
PROJECT = Project(ROOT)
Change = Callable[[dict[str, Any], HttpRequest], None]


def edit_lists(mock: Mock, change: Change) -> Handle:
    """Return a handler that applies `change` to the body of each list of the mock."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = mock.handle(request)
        if request.method != "GET" or response.status != 200:
            return response
        body = response.parse_json()
        change(body, request)
        content = json.dumps(body).encode()
        headers = [(k, v) for k, v in response.headers if k != "Content-Length"]
        return HttpResponse(200, (*headers, ("Content-Length", str(len(content)))), content)

    return handle


def omit_field_now_and_then() -> Change:
    """Return a change that removes a required field from one row in fifty."""
    body_count = 0

    def change(body: dict[str, Any], request: HttpRequest) -> None:
        nonlocal body_count
        for row in body["data"]:
            body_count += 1
            if body_count % 50 == 0:
                del row["startedAt"]

    return change


def change_enum_value(body: dict[str, Any], request: HttpRequest) -> None:
    for row in body["data"][3:4]:
        row["endedStatus"] = "AGENT_SAID_END_CALL_PHRASE"


def add_undocumented_field(body: dict[str, Any], request: HttpRequest) -> None:
    for row in body["data"]:
        row["policyIds"] = []


def filter_ignored(mock: Mock) -> Handle:
    def handle(request: HttpRequest) -> HttpResponse:
        query_parts = [part for part in request.query.split("&") if not part.startswith("status=")]
        return mock.handle(attrs.evolve(request, query="&".join(query_parts)))

    return handle


def page_repeats_a_row() -> Change:
    """Return a change that starts every page but the first with the first row of the first page."""
    first: list[Any] = []

    def change(body: dict[str, Any], request: HttpRequest) -> None:
        if "after=" not in request.query:
            first[:] = body["data"][:1]
        elif body["data"] and first:
            body["data"][0] = first[0]

    return change


def accept_any_token(mock: Mock) -> Handle:
    authorization = f"Bearer {mock.credentials['bearerToken']}"

    def handle(request: HttpRequest) -> HttpResponse:
        other_headers = [(k, v) for k, v in request.headers if k.lower() != "authorization"]
        return mock.handle(
            attrs.evolve(request, headers=(*other_headers, ("Authorization", authorization)))
        )

    return handle


@attrs.frozen
class Fault:
    """A fault of a server and its expected finding."""

    name: str
    handle: Callable[[Mock], Handle]
    finding: str
    severity: str
    pointer: str


CALL = "/components/schemas/Call"
LIST = "/paths/~1v1~1call/get"
LISTING = OperationFilter(operations=["call.list"])
FAULTS = [
    Fault(
        "a required field is missing from one row in fifty",
        lambda mock: edit_lists(mock, omit_field_now_and_then()),
        "response.required.missing",
        "assumed",  # the document does not say what is required: see x-assumed in the spec
        f"{CALL}/required",
    ),
    Fault(
        "a new enum value",
        lambda mock: edit_lists(mock, change_enum_value),
        "response.enum.undocumented",
        "breaking",
        "/components/schemas/EndedStatus/enum",
    ),
    Fault(
        "an undocumented field",
        lambda mock: edit_lists(mock, add_undocumented_field),
        "response.field.undocumented",
        "additive",
        f"{CALL}/properties",
    ),
    Fault(
        "a filter is ignored",
        filter_ignored,
        "listing.filter.ignored",
        "breaking",
        f"{LIST}/x-listing/filter/status",
    ),
    Fault(
        "a page repeats a row",
        lambda mock: edit_lists(mock, page_repeats_a_row()),
        "listing.page.repeats",
        "breaking",
        f"{LIST}/x-listing/page",
    ),
    Fault(
        "a wrong token is accepted",
        accept_any_token,
        "security.not-enforced",
        "breaking",
        f"{LIST}/security",
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_each_fault_is_a_finding_at_its_clause(fault: Fault) -> None:
    """A fault exits with 1, and its finding has the right id, severity and line of the spec."""
    spec = load(ROOT / "specs" / "roark.yaml")
    handles = {"roark": fault.handle(Mock(spec))}
    report = check(PROJECT, ["roark"], handles=handles, selection=LISTING)
    assert report.exit_code == 1
    findings = [f for f in report.findings if f.id == fault.finding]
    assert findings, [(f.id, f.location.pointer) for f in report.findings]
    clause_finding = next(f for f in findings if f.location.pointer.startswith(fault.pointer))
    assert clause_finding.severity == fault.severity
    assert clause_finding.location.file.name == "roark.yaml"
    line = (
        (ROOT / "specs" / "roark.yaml").read_text().splitlines()[clause_finding.location.line - 1]
    )
    assert (
        clause_finding.location.pointer.rpartition("/")[2].replace("~1", "/") in line
        or "- " in line
    )
    assert "curl" in clause_finding.curl
    assert any("ROARK_API_BEARER_TOKEN" in f.curl for f in findings)


def test_correct_mocks_have_no_findings() -> None:
    """The mocks of three APIs with five operations have no findings."""
    report = check(PROJECT, seed=11)
    assert report.findings == []
    assert report.exit_code == 0
    checked_operations = {(c.api, c.operation) for c in report.checks if c.operation}
    assert checked_operations == {
        ("roark", "call.list"),
        ("roark", "call.create"),
        ("roark", "callAnalysis.create"),
        ("revox", "call.list"),
        ("zudu", "call.list"),
    }


def copy_project(tmp_path: Path, *names: str) -> Project:
    """Create a project with some of this repository's specs and their clients."""
    (tmp_path / "specs").mkdir()
    for name in names:
        shutil.copy(ROOT / "specs" / f"{name}.yaml", tmp_path / "specs")
        shutil.copytree(
            ROOT / "generated" / f"{name}_client", tmp_path / f"generated/{name}_client"
        )
    return Project(tmp_path)


def test_a_spec_edited_without_regenerating_is_a_finding(tmp_path: Path) -> None:
    """A spec that changed after generating is a finding that names the spec and a file that
    differs.
    """
    project = copy_project(tmp_path, "zudu")
    path = project.specs / "zudu.yaml"
    path.write_text(path.read_text().replace("in_voicemail:\n", "in_voice_mail:\n", 1))
    report = check(project)
    assert report.exit_code == 1
    (stale,) = [f for f in report.findings if f.id == "generated.stale"]
    assert stale.location.file.name == "zudu.yaml"
    assert "zudu_client/models/call_analysis.py" in stale.got + stale.message


def list_passed(report: Report) -> set[tuple[str, str]]:
    assert [(f.id, str(f.location), f.message) for f in report.findings] == []
    assert [(c.name, c.detail) for c in report.errors] == []
    return {(c.api, c.operation) for c in report.checks if c.operation}


def test_third_party_specs_are_checked_without_findings(tmp_path: Path) -> None:
    """Two third-party specs are generated, mocked and checked without findings."""
    shutil.copytree(FOLDER / "specs", tmp_path / "specs")
    project = Project(tmp_path)
    generate(project, [load(path) for path in find(project.specs)])
    report = check(project)
    assert list_passed(report) == {
        ("bookshop", "listBooks"),
        ("bookshop", "ping"),
        ("pet-store", "pets.list"),
        ("pet-store", "pets.create"),
        ("pet-store", "pets.get"),
        ("pet-store", "pets.delete"),
    }
    assert report.exit_code == 0
