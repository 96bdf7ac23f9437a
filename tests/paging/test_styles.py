"""Mock, clients, suite and mutation tests agree on each page style."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from accept.conftest import Shop
from generate.minimal import import_generated

import driftline.runtime
from driftline import openapi as specs
from driftline.mock import HttpRequest, HttpResponse, Mock, MockTransport
from driftline.mutation.clauses import generate_mutants
from driftline.mutation.trial import try_mutant
from driftline.openapi.extensions import page_styles
from driftline.openapi.lint.rules import lint
from driftline.project import Project
from driftline.runtime.paging.styles import Paging
from driftline.suite.run import run_suite
from driftline.suite.run_state import explain

SPEC = specs.load(Path(__file__).parent / "styles.yaml")
ROWS = 120
LISTINGS = [operation.id for operation in SPEC.operations if operation.listing]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, ModuleType]]:
    """Create a project with the document and import its generated package."""
    root = tmp_path_factory.mktemp("styles")
    (root / "specs").mkdir()
    (root / "generated").mkdir()
    shutil.copy(SPEC.path, root / "specs")
    with import_generated(SPEC, root / "generated") as (package, problems):
        assert problems == ()
        yield Project(root), package


def get_method(client: Any, name: str) -> Any:
    resource, _, action = name.partition(".")
    return getattr(getattr(client, resource), action)


def test_the_document_is_sound() -> None:
    """Lint has no problems with the document, which uses every style."""
    assert [str(problem) for problem in lint(SPEC)] == []


@pytest.mark.parametrize("name", LISTINGS)
@pytest.mark.parametrize("size", [None, 1, 7, 50])
def test_a_client_reaches_every_row_once(
    project: tuple[Project, ModuleType], name: str, size: int | None
) -> None:
    """A client reads every row once, with pages of any size and page by page."""
    mock = Mock(SPEC, rows=ROWS if size != 1 else 5)
    with project[1].Styles(
        key=mock.credentials["key"], transport=MockTransport(mock.handle, "/v1")
    ) as client:
        arguments = {} if size is None else {"limit": size}
        page = get_method(client, name)(**arguments)
        ids = [str(row.id) for row in page]
        lengths = [len(page_read._list_rows()) for page_read in page.pages()]
    assert ids == [row["id"] for row in mock.list_rows(name)]
    assert max(lengths) <= (size or 50)
    assert sum(lengths) == mock.rows


@pytest.mark.parametrize("name", LISTINGS)
def test_an_async_client_reaches_every_row_once(
    project: tuple[Project, ModuleType], name: str
) -> None:
    """An async client reads the same rows in the same order."""
    mock = Mock(SPEC, rows=ROWS)

    async def walk() -> list[str]:
        async with project[1].AsyncStyles(
            key=mock.credentials["key"], transport=MockTransport(mock.handle, "/v1")
        ) as client:
            return [str(row.id) async for row in await get_method(client, name)(limit=50)]

    assert asyncio.run(walk()) == [row["id"] for row in mock.list_rows(name)]


@pytest.mark.parametrize("seed", [0, 1])
def test_the_suite_has_no_findings_for_the_mock(
    project: tuple[Project, ModuleType], seed: int
) -> None:
    """The suite has no findings for the mock or the client, and every check runs."""
    spec = specs.load(project[0].root / "specs" / SPEC.path.name)
    checks = run_suite(project[0], [spec], seed=seed)
    findings = [finding for check in checks for finding in check.findings]
    assert explain(findings).strip() == ""
    assert [check.name for check in checks if check.outcome != "passed"] == []


@pytest.mark.parametrize(
    "mutant",
    [
        mutant
        for mutant in generate_mutants(SPEC)
        if "/listing.page" in mutant.id or "totalHeader" in mutant.clause.pointer
    ],
    ids=lambda mutant: mutant.id,
)
def test_every_mutant_of_the_pages_is_killed(
    project: tuple[Project, ModuleType], mutant: Any
) -> None:
    """Every mutant of the pages is killed."""
    assert try_mutant(project[0], SPEC, mutant).verdict == "killed"


def test_every_style_has_a_class_for_clients() -> None:
    """Every style has a class in the runtime with the name that generated code imports."""
    styles = {
        style.name: page_styles.parse_page_style({"style": style.name}).name
        for style in vars(page_styles).values()
        if isinstance(style, type)
        and issubclass(style, page_styles.PageStyle)
        and hasattr(style, "name")
    }
    assert len(styles) >= 7
    for name in styles:
        style_name = "".join(part.capitalize() for part in name.split("-"))
        assert issubclass(getattr(driftline.runtime, f"{style_name}Paging"), Paging)


class OtherDefault:
    """A server with another default page size."""

    def __init__(self, folder: Path, default: int) -> None:
        path = folder / SPEC.path.name
        path.write_text(SPEC.path.read_text().replace("default: 50", f"default: {default}"))
        self.mock = Mock(specs.load(path), rows=ROWS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.mock.handle(request)

    def reset(self) -> None:
        self.mock.reset()


@pytest.mark.slow
@pytest.mark.parametrize("default", [70])
def test_another_default_page_size_is_one_finding_and_one_edit(
    project: tuple[Project, ModuleType], tmp_path: Path, default: int
) -> None:
    """With another default page size, only the default is a finding in every style, and `accept`
    writes the server's default at each place.
    """
    origin, _ = project
    root = tmp_path / "project"
    shutil.copytree(origin.root, root)
    (tmp_path / "vendor").mkdir()
    server: Any = OtherDefault(tmp_path / "vendor", default)
    shop = Shop(Project(root), server)
    report = shop.check()
    finding_keys = {(finding.id, finding.location.pointer) for finding in report.findings}
    body = "/paths/~1by-token/post/requestBody/content/application~1json/schema/properties/limit"
    pointers = {f"{body}/default", "/components/parameters/limit/schema/default"}
    assert finding_keys == {("parameter.default.wrong", pointer) for pointer in pointers}
    outcome, result = shop.accept(report.findings)
    summary = f"change the default to {default}"
    assert [edit.proposal.summary for edit in outcome.edits] == [summary, summary]
    assert outcome.rejections == ()
    assert not result.report.findings
