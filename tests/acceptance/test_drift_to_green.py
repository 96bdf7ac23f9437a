"""Commands alone lead from drift to a clean check, for a service and for a recording."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from accept.conftest import change_body, make_shop
from accept.terminal_user import User
from observe.recordings import build_entry, build_har
from services.bridges import bridge_asgi

from driftline.mock import HttpRequest, HttpResponse, run_server

from .jobs_service import build_service

SETTINGS = """\
[api.jobs]
url = "{url}/desk"
rate = 1000
max-requests = 100000
allow-writes = ["*"]
"""
JOBS_CALLER = """\
from typing import assert_never

from jobs_client import Jobs


def describe(client: Jobs, number: int) -> str:
    match client.job.get(number).state:
        case "open":
            return "to do"
        case "done":
            return "finished"
        case other:
            assert_never(other)
"""
SHOP_CALLER = JOBS_CALLER.replace("jobs_client import Jobs", "shop_client import Shop").replace(
    "client: Jobs, number: int", "client: Shop"
)
SHOP_CALLER = SHOP_CALLER.replace("job.get(number)", "health.get()")
SHOP_CALLER = SHOP_CALLER.replace('"open"', '"up"').replace('"done"', '"down"')


class Deployment:
    """A server whose deployed version can change."""

    def __init__(self) -> None:
        self.handle: Any = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.handle(request)
        return response

    @contextmanager
    def deploy(self, *states: str) -> Iterator[None]:
        with bridge_asgi(build_service(states)) as self.handle:
            yield


def write_caller(root: Path, source: str) -> int:
    """Write code that mypy accepts, and return the line that a third state breaks."""
    (root / "caller.py").write_text(source)
    (root / "mypy.ini").write_text("[mypy]\nstrict = true\n")
    return source.splitlines().index("            assert_never(other)") + 1


def test_drift_of_a_service_added_from_its_framework_is_fixed(tmp_path: Path) -> None:
    """`add` reads the document that FastAPI serves. When the next version has another state,
    `check` finds it, and `accept` writes it into the overlay and names the broken line.
    """
    deployment, root = Deployment(), tmp_path / "project"
    (root / "specs").mkdir(parents=True)
    with run_server({"desk": deployment}) as url:
        user = User(root, {})
        (root / "driftline.toml").write_text(SETTINGS.format(url=url))
        with deployment.deploy("open", "done"):
            options = ("--name", "jobs", "--own", "--no-check")
            code, output = user.run("add", f"{url}/desk/openapi.json", *options)
            assert code == 0, output
            code, findings = user.check("jobs")
            assert (code, len(findings)) == (0, 0)
        line = write_caller(root, JOBS_CALLER)
        sources = {path: path.read_bytes() for path in (root / "specs" / "sources").iterdir()}
        with deployment.deploy("open", "done", "paused"):
            code, findings = user.check("jobs")
            assert code == 1
            assert {finding.id for finding in findings} == {"response.enum.undocumented"}
            code, output = user.run("accept", "--callers", "caller.py", "--write", "--url", "jobs")
            assert code == 0, output
            assert f"caller.py:{line}: " in output
            assert "The check afterwards: no drift." in output
            code, _ = user.check("jobs")
            assert code == 0
    assert sources == {path: path.read_bytes() for path in sources}
    assert any("paused" in path.read_text() for path in (root / "generated").rglob("*.py"))


def test_drift_in_the_recording_of_a_browser_is_fixed(tmp_path: Path) -> None:
    """`observe` finds another state in a HAR file, `accept` edits spec and client and names the
    broken line, and the same recording is clean afterwards.
    """
    drift = change_body("/health", lambda body: {**body, "state": "draining"})
    shop = make_shop(tmp_path / "project", drift)
    root = shop.project.root
    request = HttpRequest("GET", "/health")
    recording = build_har([build_entry(request, shop.server(request), "https://shop.example")])
    (root / "session.har").write_bytes(recording)
    line = write_caller(root, SHOP_CALLER)
    user = User(root, {})
    code, _ = user.run("observe", "session.har", "--report", "recorded")
    assert code == 1
    options = ("--callers", "caller.py", "--write")
    code, output = user.run("accept", "recorded/report.json", *options)
    assert code == 0, output
    assert f"caller.py:{line}: " in output
    code, output = user.run("observe", "session.har")
    assert code == 0, output
