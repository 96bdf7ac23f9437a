"""A project with one hand-written API, and a server that drifts from it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest

from driftline.accept import (
    Acceptance,
    AcceptancePlan,
    AcceptanceResult,
    apply_plan,
    build_plan,
    measure_effects,
    stage_plan,
)
from driftline.check import check
from driftline.generate import generate
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.mutation.mutants import replace_json
from driftline.openapi import Spec, load
from driftline.project import Project
from driftline.report import Report

SHOP = Path(__file__).with_name("shop.yaml")
DAY = date(2030, 1, 2)
Change = Callable[[HttpRequest, HttpResponse], HttpResponse]


class DriftingServer:
    """A mock with changed responses that does not change when the spec is edited."""

    def __init__(self, spec: Spec, change: Change) -> None:
        self.mock, self.change = Mock(spec), change

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.change(request, self.mock.handle(request))

    def reset(self) -> None:
        self.mock.reset()


def change_body(path: str, edit: Callable[[Any], Any], status: int = 200) -> Change:
    """Return a change of the JSON bodies of one path."""

    def change(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if not request.path.startswith(path) or response.status != status or not response.body:
            return response
        return replace_json(response, edit(json.loads(response.body)))

    return change


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-step", action="store_true", help="replay all of the real history")


@attrs.frozen
class Shop:
    """The project and the server that it is checked against."""

    project: Project
    server: DriftingServer

    @property
    def spec(self) -> Spec:
        return load(next(path for path in self.project.specs.iterdir() if path.is_file()))

    def check(self) -> Report:
        return check(self.project, [self.spec.name], handles={self.spec.name: self.server})

    def plan(self, findings: Any) -> AcceptancePlan:
        return build_plan([self.spec], findings, day=DAY)

    def accept(self, findings: Any) -> tuple[Acceptance, AcceptanceResult]:
        """Run `driftline accept --write` in this process."""
        plan = self.plan(findings)
        with stage_plan(self.project, self.project.specs, plan) as staged_project:
            effects = measure_effects(self.project, self.project.specs, staged_project)
            result = apply_plan(self.project, self.project.specs, plan, staged_project, self.check)
        return Acceptance.build(self.project.root, plan, effects, result), result


def make_shop(root: Path, change: Change, write: Callable[[Path], Path] | None = None) -> Shop:
    """Create a project with its client; `write` writes the spec into specs/ in another form."""
    project = Project(root)
    project.specs.mkdir(parents=True)
    path = write(project.specs) if write else Path(shutil.copy(SHOP, project.specs))
    spec = load(path)
    generate(project, [spec])
    return Shop(project, DriftingServer(spec, change))


@pytest.fixture
def build_shop(tmp_path: Path) -> Callable[..., Shop]:
    """Return a function that creates the project."""

    def make(change: Change, write: Callable[[Path], Path] | None = None) -> Shop:
        return make_shop(tmp_path / "project", change, write)

    return make
