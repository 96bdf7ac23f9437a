"""The suite against four services that are right, and with each of twenty bugs."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, chdir, contextmanager
from types import ModuleType

import attrs
import pytest
from click.testing import CliRunner

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
# Which finding names each bug; the others that it may show as well are parts of the same cause.
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

# What a bug may show besides the finding that names it.
BESIDES: Mapping[str, tuple[str, ...]] = {
    "filter": ("request.invalid.accepted",),
    "sort": ("request.invalid.accepted",),
    "order": ("request.invalid.accepted",),
    "enum added": ("listing.filter.ignored", "effect.field.changed"),
    "null": ("effect.field.changed",),
    # Django REST framework then refuses requests for the documented type.
    "content type": ("request.valid.rejected",),
    # The row is gone all the same, so that what comes after it fails.
    "500 on DELETE": ("request.valid.rejected", "effect.not-deleted", "effect.not-found"),
}
# Bugs that the document says nothing of, or that are not noticed yet.
NOT_NOTICED: Mapping[str, tuple[str, ...]] = {
    # Its document has no 404, and so no body of one.
    "Django": ("error body",),
}


@attrs.define
class Service:
    """A service on loopback, in a project that has added its document; a bug is switched on."""

    project: Project
    module: ModuleType
    url: str
    handle: Handle | None = None

    @property
    def shape(self) -> Shape:
        shape: Shape = self.module.SHAPE
        return shape

    @contextmanager
    def break_by(self, bug: str = "") -> Iterator[None]:
        """Serve an application with rows of its own, and with a bug."""
        bridge = bridge_wsgi if getattr(self.module, "WSGI", False) else bridge_asgi
        with bridge(self.module.build()) as handle:
            self.handle = BUGS[bug](self.shape, handle) if bug else handle
            yield

    def check(self, *operations: str) -> Report:
        """The report of a live run that may write."""
        spec = load(self.project.specs / "svc.yaml")
        return check(
            self.project,
            ["svc"],
            urls={"svc": f"{self.url}/svc"},
            allow_writes=[each.id for each in spec.operations if not each.is_read],
            selection=OperationFilter(operations=operations),
            rate=1_000_000,
            max_requests=1_000_000,
        )


@pytest.fixture(scope="module", params=SERVICES, autouse=True)
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Each service once for all tests."""
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
            added = CliRunner().invoke(
                driftline, ["add", source, "--name", "svc", "--no-check", "--own"]
            )
        assert added.exit_code == 0, added.output
        found = Service(Project(root), module, "")

        def answer(asked: HttpRequest) -> HttpResponse:
            assert found.handle is not None
            return found.handle(asked)

        found.url = stack.enter_context(run_server({"svc": answer}))
        yield found


def list_alarms(report: Report) -> list[str]:
    """What a report says against a server: findings and checks that could not be made."""
    findings = [f"{each.operation} {each.id}: {each.message}" for each in report.findings]
    errors = [each for each in report.checks if each.outcome == "error"]
    return [*findings, *(f"{each.operation} {each.name}: {each.detail}" for each in errors)]


def test_a_right_service_is_right(service: Service) -> None:
    """Exit code 0, no finding, and no check that could not be made."""
    with service.break_by():
        report = service.check()
    assert (list_alarms(report), report.exit_code) == ([], 0)


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_is_named(bug: str, service: Service, request: pytest.FixtureRequest) -> None:
    """By a finding of its kind; no finding is about anything else."""
    path = service.shape.path.rstrip("/")
    with service.break_by(bug):
        report = service.check(f"* {path}", f"* {path}/", f"* {path}/{{*}}", f"* {path}/{{*}}/")
    ids = {each.id for each in report.findings}
    if bug in NOT_NOTICED.get(name_of(request), ()):
        assert not ids & set(NAMES[bug]), "noticed now: take it off the table"
        return
    assert ids & set(NAMES[bug]), list_alarms(report)
    assert report.exit_code == 1
    assert ids <= {*NAMES[bug], *BESIDES.get(bug, ())}, list_alarms(report)


def name_of(request: pytest.FixtureRequest) -> str:
    """The service of a test."""
    return next(name for name in SERVICES if f"[{name}" in request.node.name)
