"""The contract suite run from the console: how it starts and what it reports."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from driftline.checks.finding import Finding
from driftline.cli import check_service
from driftline.cli.check_service import CheckService
from driftline.errors import Location
from driftline.mock import HttpRequest, HttpResponse, Mock, Site
from driftline.openapi import Spec, load

ROOT = Path(__file__).parents[2]
A, B = (
    Finding(
        id=id_,
        severity="breaking",
        api="roark",
        operation="call.list",
        location=Location(Path("roark.yaml"), 1, ""),
        message="",
        expected="",
        got="",
    ).to_dict()
    for id_ in ("a", "b")
)
STAND_IN = f"""
import json, os, sys, time
arguments = sys.argv[1:]
option = dict(zip(arguments, arguments[1:]))
check = dict(api="roark", outcome="drift", detail="", findings={[A, B, A]!r})
print(json.dumps(dict(done=0, total=2, check=None)), file=sys.stderr)
print(json.dumps(dict(done=1, total=2, check=check)), file=sys.stderr, flush=True)
told = dict(arguments=arguments, token=os.environ["ROARK_API_BEARER_TOKEN"])
assert option["--format"] == "html"
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def spec() -> Spec:
    return load(ROOT / "specs" / "roark.yaml")


@pytest.fixture
def site(spec: Spec) -> Site:
    return Site({"roark": Mock(spec, rows=1)})


class Console:
    """A client of the check service that can wait for the end of a run."""

    def __init__(self, site: Site, program: str, specs: Path | None = None) -> None:
        mocks = [mock for mock in site.control.mocks.values() if mock is not None]
        command = (sys.executable, "-c", program)
        self.service = CheckService(site, mocks, specs, "http://0.0.0.0:80", command=command)
        self.site = site

    def ask(self, method: str, body: Any = None, path: str = "") -> HttpResponse:
        path, _, query = f"/_driftline/check{path}".partition("?")
        content = b"" if body is None else json.dumps(body).encode()
        return self.site.handle(HttpRequest(method, path, query, (), content))

    def wait_for_end(self) -> dict[str, Any]:
        for thread in threading.enumerate():
            if thread.name == check_service.THREAD:
                thread.join(60)
        state: dict[str, Any] = self.ask("GET").parse_json()
        return state


@pytest.fixture
def console(site: Site, tmp_path: Path) -> Iterator[Console]:
    """Return a console with a fake command that reports two findings and exits with 1."""
    console = Console(site, f"{STAND_IN}\nsys.exit(1)", tmp_path)
    yield console
    console.service.close()


def test_the_progress_of_a_run_is_reported(console: Console, tmp_path: Path) -> None:
    """The console reports the findings as they come,
    the result, the report and the command line.
    """
    assert console.ask("GET").parse_json()["state"] == "idle"
    assert console.ask("GET", path="/report").status == 400
    assert (
        console.ask("POST", {"apis": ["roark"], "writes": True}).parse_json()["state"] == "running"
    )
    state = console.wait_for_end()
    assert (state["state"], state["done"], state["total"], state["report"]) == ("drift", 1, 2, True)
    commands = [finding.pop("commands") for finding in state["findings"]]
    assert state["findings"] == [A, B]
    url = "roark=http://127.0.0.1:80/roark"
    check_command = f"driftline check roark --url {url} --operation call.list --report report"
    assert [by_label["After a fix of the server, check again"] for by_label in commands] == [
        check_command,
        check_command,
    ]
    assert all("--until DATE" in by_label["To add it to a baseline"] for by_label in commands)
    assert [
        finding["id"] for finding in console.ask("GET", path="?after=1").parse_json()["findings"]
    ] == ["b"]
    report = console.ask("GET", path="/report")
    assert report.get_header("Content-Security-Policy") == "sandbox allow-scripts allow-popups"
    invocation = report.parse_json()
    assert invocation["token"] == "mock-roark-bearer-token"
    command_line = " ".join(invocation["arguments"])
    assert command_line.startswith("check roark --progress json")
    assert "--url roark=http://127.0.0.1:80/roark" in command_line
    assert "--allow-writes call.create" in command_line
    assert f"--specs {tmp_path}" in command_line
    assert console.ask("POST").status == 200
    assert console.wait_for_end()["run"] != state["run"]
    assert "--allow-writes" not in console.ask("GET", path="/report").parse_json()["arguments"]


def test_a_failed_run_reports_its_last_error_line(site: Site) -> None:
    """A failed run reports the last line of standard error."""
    console = Console(site, "import sys; print('error: no port', file=sys.stderr); sys.exit(2)")
    console.ask("POST")
    state = console.wait_for_end()
    assert (state["state"], state["error"], state["report"]) == ("error", "error: no port", False)
    console.service.close()


def test_only_one_run_is_active_and_it_can_be_canceled(site: Site) -> None:
    """A second run is rejected while one is active; a canceled run can be followed by another."""
    console = Console(site, f"{STAND_IN}\nimport threading; threading.Event().wait()")
    console.ask("POST")
    assert "a check is already running" in console.ask("POST").parse_json()["detail"]
    assert console.ask("DELETE").parse_json()["state"] == "canceled"
    assert console.wait_for_end()["state"] == "canceled"
    assert console.ask("POST").status == 200
    console.service.close()
    assert console.wait_for_end()["state"] == "canceled"


@pytest.mark.parametrize(
    ("body", "expected_detail"),
    [
        ([], "invalid body: expected apis and writes"),
        ({"apis": "roark"}, "invalid body: expected apis and writes"),
        ({"writes": 1}, "invalid body: expected apis and writes"),
        ({"apis": ["--url"]}, "unknown API '--url'"),
        ({"apis": [["roark"]]}, "unknown API"),
        ({"apis": []}, "no API selected"),
    ],
)
def test_an_invalid_check_request_is_a_400(
    console: Console, body: Any, expected_detail: str
) -> None:
    """An invalid request is a 400 and starts no run."""
    response = console.ask("POST", body)
    assert response.status == 400
    assert expected_detail in response.parse_json()["detail"]
    assert console.ask("GET").parse_json()["state"] == "idle"
    assert console.ask("GET", path="?after=-1").status == 400


def test_a_missing_suite_is_reported_with_its_extra(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the suite is not installed, the response names the extra to install."""
    monkeypatch.setattr(check_service, "find_spec", lambda name: None)
    console = Console(site, "")
    assert console.ask("GET").parse_json()["missing"].count("with the extra 'contract'") == 1
    response = console.ask("POST")
    assert response.status == 400
    assert "with the extra 'contract'" in response.parse_json()["detail"]
