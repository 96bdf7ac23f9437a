"""The suite passes four correct services and names each of twenty bugs in them.

Each bug is planted in one of the services, beside others that hide nothing of it. With ``pytest
tests/services --every-bug``, each is planted alone in every service.
"""

from __future__ import annotations

import importlib
import json
import logging
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, chdir, contextmanager
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest
from click.testing import CliRunner

from driftline.accept import apply_plan, build_plan, stage_plan
from driftline.check import check
from driftline.cli.group import driftline
from driftline.mock import HttpRequest, HttpResponse
from driftline.mock.server.serve import run_server
from driftline.openapi import load
from driftline.project import Project
from driftline.report import Report
from driftline.suite.operation_filter import OperationFilter

from . import apiflask_library, django_shop, fastapi_tickets, litestar_tasks
from .bridges import bridge_asgi, bridge_wsgi
from .bugs import BUGS, Handle, Shape

pytestmark = [
    pytest.mark.slow,
    # APIFlask warns of each schema that two operations share.
    pytest.mark.filterwarnings("ignore:.*has already been added to the spec"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # what people write is not the latest
]
SERVICES: Mapping[str, ModuleType] = {
    "FastAPI": fastapi_tickets,
    "Django": django_shop,
    "APIFlask": apiflask_library,
    "Litestar": litestar_tasks,
}
# Which finding names each bug; the others that it shows as well are parts of the same cause.
NAMES: Mapping[str, tuple[str, ...]] = {
    "field renamed": ("response.required.missing", "response.field.undocumented"),
    "null": ("response.type.wrong",),
    "error body": ("response.required.missing", "response.field.undocumented"),
    "wrong status": ("response.status.undocumented",),
    "filter": ("listing.filter.ignored",),
    "sort": ("listing.order.wrong",),
    "order": ("listing.order.wrong",),
    "paging": ("listing.page.repeats", "listing.page.endless", "request.invalid.accepted"),
    "total": ("listing.total.wrong",),
    "auth missing": ("security.not-enforced", "security.rejection.status"),
    "enum added": ("response.enum.undocumented",),
    "naive datetime": ("response.format.wrong",),
    "content type": ("response.content-type.undocumented",),
    "500 on odd input": ("response.server-error",),
    "500 on PATCH": ("response.server-error",),
    "500 on DELETE": ("response.server-error",),
    "extra field": ("response.field.undocumented",),
    "limit": ("listing.size.ignored", "listing.size.short", "request.invalid.accepted"),
    "delete does nothing": ("effect.not-deleted",),
    "PATCH resets": ("effect.field.reset",),
}

# The bugs that are in a service at the same time.
TOGETHER: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "FastAPI": (("field renamed", "total"), ("filter", "extra field"), ("content type",)),
    "Django": (("wrong status", "paging", "naive datetime", "500 on DELETE", "PATCH resets"),),
    "APIFlask": (("error body", "order", "enum added", "500 on PATCH", "delete does nothing"),),
    "Litestar": (("null", "sort", "auth missing"), ("500 on odd input",), ("limit",)),
}
assert {bug for rows in TOGETHER.values() for bugs in rows for bug in bugs} == set(BUGS)

# Bugs that the document says nothing of, or that are not noticed yet.
NOT_NOTICED: Mapping[str, tuple[str, ...]] = {
    # Its document has no 404, and so no body of one.
    "Django": ("error body",),
}


@attrs.define
class Service:
    """A service on the loopback interface in a project that added its document, with an optional
    bug.
    """

    project: Project
    module: ModuleType
    url: str
    handle: Handle | None = None

    @property
    def shape(self) -> Shape:
        shape: Shape = self.module.SHAPE
        return shape

    @contextmanager
    def break_by(self, *bugs: str) -> Iterator[None]:
        """Serve a new application with these bugs."""
        bridge = bridge_wsgi if getattr(self.module, "WSGI", False) else bridge_asgi
        with bridge(self.module.build()) as handle:
            self.handle = handle
            for bug in bugs:
                self.handle = BUGS[bug](self.shape, self.handle)
            yield

    def check(self, *operations: str) -> Report:
        """Return the report of a live run that may write."""
        spec = load(self.project.specs / "svc.yaml")
        return check(
            self.project,
            ["svc"],
            urls={"svc": f"{self.url}/svc"},
            allow_writes=[operation.id for operation in spec.operations if not operation.is_read],
            selection=OperationFilter(operations=operations),
            rate=1_000_000,
            max_requests=1_000_000,
        )


@pytest.fixture(scope="module")
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Create each service once for all tests."""
    module, root = SERVICES[request.param], tmp_path_factory.mktemp("service")
    (root / "specs").mkdir()
    (root / "document.json").write_text(json.dumps(module.get_document()))
    logging.getLogger("django.request").disabled = True
    logging.getLogger("python_multipart").disabled = True
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        for name, value in module.VARIABLES.items():
            patch.setenv(name, value)
        source = str(root / "document.json")
        with chdir(root):
            add_result = CliRunner().invoke(
                driftline, ["add", source, "--name", "svc", "--no-check", "--own"]
            )
        assert add_result.exit_code == 0, add_result.output
        service = Service(Project(root), module, "")

        def respond(http_request: HttpRequest) -> HttpResponse:
            assert service.handle is not None
            return service.handle(http_request)

        service.url = stack.enter_context(run_server({"svc": respond}))
        yield service


def list_alarms(report: Report) -> list[str]:
    """Return the findings of a report and the checks that could not run."""
    findings = [
        f"{finding.operation} {finding.id}: {finding.message}" for finding in report.findings
    ]
    errors = [check for check in report.checks if check.outcome == "error"]
    return [*findings, *(f"{error.operation} {error.name}: {error.detail}" for error in errors)]


def test_a_correct_service_has_no_findings(service: Service) -> None:
    """A correct service has no findings, every check runs, and the exit code is 0."""
    with service.break_by():
        report = service.check()
    assert (list_alarms(report), report.exit_code) == ([], 0)


def test_the_client_calls_every_operation(service: Service) -> None:
    """Every operation has a method, a file can be uploaded and downloaded, and a stream ends."""
    spec = load(service.project.specs / "svc.yaml")
    with service.break_by(), open_client(service) as client:
        for operation in spec.operations:
            assert callable(getattr(getattr(client, operation.resource), operation.name))
        file, events = service.module.use(client)
    assert file == b"smoke"
    assert len(events) == 3


@contextmanager
def open_client(service: Service) -> Iterator[Any]:
    """Open the client of a service with its credential from the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(service.project.generated))
        package: Any = importlib.import_module("svc_client")
        try:
            with package.Svc(base_url=f"{service.url}/svc") as client:
                yield client
        finally:
            for module in [name for name in sys.modules if name.split(".")[0] == "svc_client"]:
                del sys.modules[module]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Plant the bugs in the services, as the docstring of this module says."""
    names = [name for name in metafunc.fixturenames if name in {"bug", "bugs"}]
    if not names:
        metafunc.parametrize("service", list(SERVICES), indirect=True, scope="module")
        return
    runs_every_bug = metafunc.config.getoption("--every-bug", default=False)
    pairs: list[tuple[str, Any]] = [("FastAPI", "extra field")]
    if runs_every_bug:
        pairs.append(("Django", "naive datetime"))
    if names == ["bugs"]:
        alone = [(bug,) for bug in BUGS]
        pairs = [
            (service, bugs)
            for service, together in TOGETHER.items()
            for bugs in (alone if runs_every_bug else together)
        ]
    metafunc.parametrize(
        ("service", *names), pairs, indirect=["service"], scope="module", ids=name_pair
    )


def name_pair(value: Any) -> str:
    """Return the name of a service or of its bugs in the id of a test."""
    return " and ".join(value) if isinstance(value, tuple) else str(value)


def test_each_bug_is_one_cause_of_the_expected_kind(
    bugs: tuple[str, ...], service: Service, request: pytest.FixtureRequest
) -> None:
    """Each bug is reported as one cause, led by a finding of the expected kind."""
    with service.break_by(*bugs):
        report = check_rows(service)
    unnoticed = set(bugs) & set(NOT_NOTICED.get(find_service_name(request), ()))
    leads = sorted(cause.lead.id for cause in report.causes)
    for bug in bugs:
        is_named = any(lead in NAMES[bug] for lead in leads)
        assert is_named == (bug not in unnoticed), (bug, list_alarms(report))
    assert {*leads} <= {name for bug in bugs for name in NAMES[bug]}, list_alarms(report)
    assert len(leads) == len(bugs) - len(unnoticed), list_alarms(report)
    assert report.exit_code == (len(unnoticed) < len(bugs))


def test_accepting_a_drift_edits_only_the_overlay(
    bug: str, service: Service, tmp_path: Path
) -> None:
    """The edit is in the overlay of the framework's document, which is unchanged, and the check of
    the same service afterwards is clean.
    """
    project = Project(Path(shutil.copytree(service.project.root, tmp_path / "project")))
    drifted_service = attrs.evolve(service, project=project)
    sources = {path: path.read_bytes() for path in (project.specs / "sources").iterdir()}
    with service.break_by(bug):
        findings = check_rows(drifted_service).findings
        plan = build_plan([load(project.specs / "svc.yaml")], findings, day=date(2030, 1, 2))
        with stage_plan(project, project.specs, plan) as staged_project:
            result = apply_plan(
                project, project.specs, plan, staged_project, lambda: check_rows(drifted_service)
            )
    assert findings
    assert plan.rejections == ()
    assert (list_alarms(result.report), result.report.exit_code) == ([], 0)
    assert list(plan.contents) == [project.specs / "svc.yaml"]
    assert {path: path.read_bytes() for path in sources} == sources


def check_rows(service: Service) -> Report:
    """Return the report of the operations on the rows that the bugs affect."""
    path = service.shape.path.rstrip("/")
    return service.check(f"* {path}", f"* {path}/", f"* {path}/{{*}}", f"* {path}/{{*}}/")


def find_service_name(request: pytest.FixtureRequest) -> str:
    """Return the name of the service that the test uses."""
    return next(name for name in SERVICES if f"[{name}" in request.node.name)
