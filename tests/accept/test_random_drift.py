"""Random drift of several APIs is accepted, the check is clean, and nothing else changes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from accept.conftest import SHOP, Shop
from click.testing import CliRunner
from hypothesis import Phase, given, settings, strategies as st

from driftline.accept import Acceptance
from driftline.checks import EDITABLE
from driftline.cli.group import driftline
from driftline.generate import generate
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.mutation.mutants import Mutant, find_operation
from driftline.mutation.operators.responses import generate_response_mutants
from driftline.openapi import Spec, is_array, is_object, load
from driftline.project import Project
from driftline.report import Report

SPECS = Path(__file__).parents[2] / "specs"
VALUES = {"response.enum.value-added", "response.alternative.added"}
"""Changes of an edit for a value that also breaks another clause of the same field."""
DIFFERENCES: Mapping[str, set[str]] = {
    "required": {"response.required.removed"},
    "type": {"response.type.widened", *VALUES},
    "null": {"response.null.allowed", *VALUES},
    "enum": {"response.type.widened", "request.enum.value-added", *VALUES},
    "format": {"response.format.removed"},
    "maximum": {"response.bound.loosened"},
    "minimum": {"response.bound.loosened"},
    "maxLength": {"response.bound.loosened", "response.pattern.removed"},
    "minItems": {"response.bound.loosened"},
    "pattern": {"response.pattern.removed", "response.bound.loosened"},
    "undocumented": {"response.field.added"},
    "header.missing": {"header.required.removed"},
    "header.wrong": {"header.type.changed", "response.type.widened", "response.type.changed"},
    "second": {"response.type.widened", "response.null.allowed", *VALUES},
    "shape": {"response.required.removed", "response.field.added", "response.type.widened"},
    "stream.wrong": {"response.required.removed", "response.field.added", "response.type.widened"},
    "status": {"response.error.added", "response.success.added"},
    "content-type": set(),
}
"""The changes that `diff` reports for the edit of each kind of mutant of a response's shape."""
MEANING = re.compile(
    r"listing\..*|effect\..*|request\.valid\.rejected|request\.invalid\.accepted"
    r"|response\.header\.wrong|response\.content-type\.undocumented|security\.rejection\.status"
)
"""Findings that no edit of a spec can settle; they are rejected and stay.

Drift of a list, an id or a sent field also loses rows or values, so that requests for them are
rejected. HTTP defines Retry-After. A 418 instead of 400 or 401 is not a rejection, and HTML instead
of JSON is the page of a proxy.
"""


def is_forced(mutant: Mutant) -> bool:
    """Return whether the mutant affects every request, so that the server does not work at all.

    The mock has no 404 without rows and no 429, and uses 400 where FastAPI uses 422, so mutants of
    these responses are always sent.
    """
    return mutant.clause.kind.startswith(("response.404.", "response.422.", "response.429."))


def find_kind(mutant: Mutant) -> str:
    return re.sub(r"^response\.(?:(?:\d\d\d|\dXX|default)\.)?", "", mutant.clause.kind)


def write_shop(folder: Path) -> None:
    """Write a hand-written document."""
    shutil.copy(SHOP, folder)


def write_service(folder: Path) -> None:
    """Add the document of a FastAPI service with an overlay."""
    from services import fastapi_tickets  # FastAPI takes a second to import

    source = folder.parent / "openapi.json"
    source.write_text(json.dumps(fastapi_tickets.get_document()))
    arguments = ["add", str(source), "--name", "tickets", "--no-check", "--own"]
    with chdir(folder.parent):
        result = CliRunner().invoke(driftline, arguments)
    assert result.exit_code == 0, result.output


def write_vendor(name: str) -> Callable[[Path], None]:
    """Return a function that copies a document of this repository."""

    def write(folder: Path) -> None:
        shutil.copy(SPECS / f"{name}.yaml", folder)

    return write


APIS: Mapping[str, tuple[Callable[[Path], None], int]] = {
    "shop": (write_shop, 4),
    "tickets": (write_service, 1),
    "roark": (write_vendor("roark"), 1),
    "revox": (write_vendor("revox"), 2),
    "zudu": (write_vendor("zudu"), 2),
}
"""The function that writes the spec into specs/, and the number of examples."""


@cache
def prepare(api: str) -> tuple[Project, Sequence[Mutant]]:
    """Return a project with its client, and the mutants that change the shape of a response."""
    project = Project(Path(mkdtemp(prefix="driftline-")) / "project")
    project.specs.mkdir(parents=True)
    APIS[api][0](project.specs)
    spec = load(project.specs / next(project.specs.glob(f"{api}.*")).name)
    generate(project, [spec])
    mutants = [
        mutant
        for operation in spec.operations
        for mutant in generate_response_mutants(spec, operation)
        if not mutant.equivalent and mutant.expected & EDITABLE and not is_forced(mutant)
    ]
    return project, mutants


@pytest.fixture(scope="module", autouse=True)
def _remove_projects() -> Iterator[None]:
    yield
    for api in APIS:
        shutil.rmtree(prepare(api)[0].root.parent)
    prepare.cache_clear()


class MutatedServer:
    """A server that drifts by several mutants and does not change when the spec is edited."""

    def __init__(self, spec: Spec, mutants: Sequence[Mutant]) -> None:
        self.spec, self.mock, self.mutants = spec, Mock(spec), mutants
        self.servers: list[Any] = [mutant.handle(self.mock) for mutant in mutants]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        operation = find_operation(self.spec, request)
        for server, mutant in zip(self.servers, self.mutants, strict=True):
            if operation is not None and operation.id in mutant.operations:
                response: HttpResponse = server(request)
                return response
        return self.mock.handle(request)

    def reset(self) -> None:
        for server in self.servers:
            server.reset()


def list_reached(document: Any, node: Any) -> set[str]:
    """Return the pointers of all components that a node of a document refers to."""
    pointers: set[str] = set()
    waiting = [node]
    while waiting:
        node_in_turn = waiting.pop()
        if is_object(node_in_turn):
            reference = node_in_turn.get("$ref")
            if isinstance(reference, str) and reference.removeprefix("#") not in pointers:
                pointers.add(reference.removeprefix("#"))
                waiting.append(load_pointer(document, reference))
            waiting += node_in_turn.values()
        elif is_array(node_in_turn):
            waiting += node_in_turn
    return pointers


def load_pointer(document: Any, reference: str) -> Any:
    for token in reference.removeprefix("#/").split("/"):
        document = document[token.replace("~1", "/").replace("~0", "~")]
    return document


def list_touchable(spec: Spec, outcome: Acceptance) -> set[str]:
    """Return the operations that contain an edited clause or refer to it."""
    pointers = [
        edit.pointer for accepted_edit in outcome.edits for edit in accepted_edit.proposal.edits
    ]
    document = json.loads(json.dumps(spec.document))
    operations: set[str] = set()
    for operation in spec.operations:
        reached_pointers = {operation.pointer}
        reached_pointers |= list_reached(document, load_pointer(document, f"#{operation.pointer}"))
        if any(
            pointer.startswith(f"{reached_pointer}/")
            for pointer in pointers
            for reached_pointer in reached_pointers
        ):
            operations.add(f"{operation.method} {operation.path}")
    return operations


def draw_mutants(mutants: Sequence[Mutant]) -> st.SearchStrategy[list[Mutant]]:
    """Draw one or two mutants of different operations, with all kinds equally often."""
    kinds: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        kinds.setdefault(find_kind(mutant), []).append(mutant)
    mutants_of_any_kind = st.sampled_from(sorted(kinds)).flatmap(
        lambda kind: st.sampled_from(kinds[kind])
    )
    return st.lists(
        mutants_of_any_kind,
        min_size=1,
        max_size=2,
        unique_by=lambda mutant: mutant.clause.operation.id,
    )


@pytest.mark.slow
def test_the_drawn_mutants_include_every_operator_on_shapes() -> None:
    """The drawn mutants include every operator that changes the shape of a response."""
    kinds = {find_kind(mutant) for api in APIS for mutant in prepare(api)[1]}
    assert kinds == DIFFERENCES.keys()


@pytest.mark.slow
@pytest.mark.parametrize("api", APIS)
def test_accept_fixes_drift_and_changes_nothing_else(
    api: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """After `accept --write`, the check finds only rejected findings. `diff` reports only expected
    kinds of changes, in operations that depend on the edited clauses.
    """
    origin, mutants = prepare(api)

    # An example takes two runs of the suite: a smaller one that fails too is not worth its time.
    @settings(
        max_examples=APIS[api][1],
        phases=[Phase.generate],
    )
    @given(draw_mutants(mutants))
    def accept(mutants: list[Mutant]) -> None:
        root = tmp_path_factory.mktemp("drift") / "project"
        shutil.copytree(origin.root, root)
        check_acceptance(Project(root), api, mutants)

    accept()


def list_errors(report: Report) -> list[str]:
    """Return the names and details of the checks that could not run."""
    return sorted({f"{error.name}: {error.detail}" for error in report.errors})


def check_acceptance(project: Project, api: str, mutants: Sequence[Mutant]) -> None:
    path = next(project.specs.glob(f"{api}.*"))
    spec = load(path)
    server: Any = MutatedServer(spec, mutants)
    shop = Shop(project, server)
    names = [mutant.id for mutant in mutants]
    before = path.read_bytes()
    report = shop.check()
    findings = report.findings
    outcome, result = shop.accept(findings)
    rejected_findings = [rejection.finding for rejection in outcome.rejections]
    assert [
        finding.id for finding in rejected_findings if not MEANING.fullmatch(finding.id)
    ] == [], names
    change_ids = {change.id for change in outcome.wire}
    remaining_ids = {finding.id for finding in result.report.findings} - {
        finding.id for finding in rejected_findings
    }
    if (
        "request.enum.value-added" in change_ids
    ):  # the enum is shared, and this server rejects its value
        remaining_ids -= {"request.valid.rejected"}
    assert remaining_ids == set(), names
    # A server that is not the mock itself gives no tokens, before or after.
    assert rejected_findings or list_errors(result.report) == list_errors(report), names
    kinds = {name for mutant in mutants for name in DIFFERENCES[find_kind(mutant)]}
    # Rules about rows follow the shape of the rows. A schema beside an alternative keeps its
    # `x-assumed`, which the place as a whole then has no more.
    is_row = re.compile(r"listing\..*|response\.assumption\..*")
    assert {
        change_id for change_id in change_ids - kinds if not is_row.fullmatch(change_id)
    } == set(), names
    operations = {operation for change in outcome.wire for operation in change.operations}
    assert operations <= list_touchable(spec, outcome), names
    if not findings:  # a field that the mock never sends: nothing drifts, and nothing is edited
        assert path.read_bytes() == before
    assert outcome.remaining_findings == ()
