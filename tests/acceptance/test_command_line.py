"""The commands as a person types them: exit codes, one clear line, nothing half-written."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from driftline.mock import HttpRequest, HttpResponse, Mock, run_server
from driftline.openapi import load

ROOT = Path(__file__).parents[2]


def driftline(
    *arguments: str, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs the command; its credentials are those of `environment` alone."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ROARK", "REVOX", "ZUDU"))}
    return subprocess.run(
        [sys.executable, "-c", "from driftline.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=kept | environment,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of this project's specs and clients."""
    for name in ("specs", "generated"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def spec_with(old: str, new: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        path = project / "specs" / "roark.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return change


def assert_unchanged(project: Path) -> None:
    """Nothing is wrong with the files."""


Case = tuple[Callable[[Path], None], tuple[str, ...], tuple[str, ...]]
BAD: Mapping[str, Case] = {
    "an unknown version": (
        spec_with("openapi: 3.1.0", "openapi: 4.0.0"),
        ("generate",),
        ("roark.yaml:", "4.0.0"),
    ),
    "invalid YAML": (
        spec_with("openapi: 3.1.0", "openapi: [3.1.0"),
        ("check",),
        ("roark.yaml:", "YAML"),
    ),
    "an unknown API": (assert_unchanged, ("check", "roarrk"), ("roarrk", "roark")),
    "no credential for a live run": (
        assert_unchanged,
        ("check", "roark", "--url", "roark=http://127.0.0.1:9"),
        ("ROARK_API_BEARER_TOKEN",),
    ),
    "an unknown write": (
        assert_unchanged,
        ("check", "roark", "--allow-writes", "call.crate"),
        ("call.crate",),
    ),
}


@pytest.mark.parametrize(("change", "arguments", "said"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_clear_line(
    project: Path,
    change: Callable[[Path], None],
    arguments: tuple[str, ...],
    said: tuple[str, ...],
) -> None:
    """Exit code 2, the reason and where, no traceback, and generated/ as it was."""
    change(project)
    before = {p: p.read_bytes() for p in project.rglob("*") if p.is_file()}
    done = driftline(*arguments, cwd=project)
    assert done.returncode == 2, done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, done.stderr
    for text in said:
        assert text in done.stderr
    assert "Traceback" not in done.stderr
    after = {p: p.read_bytes() for p in project.rglob("*") if p.is_file()}
    assert after == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (spec_with("/CallListResponse", "/Nothing"), "has no target"),
        (spec_with("      operationId: call.list\n", ""), "no operationId"),
    ],
    ids=["a broken $ref", "a missing operationId"],
)
def test_a_slip_costs_no_operation(
    project: Path, change: Callable[[Path], None], said: str
) -> None:
    """The spec is read all the same: `lint` names the line, and a client is generated."""
    change(project)
    told = driftline("lint", "roark", cwd=project)
    assert any("roark.yaml:" in line and said in line for line in told.stdout.splitlines())
    done = driftline("generate", "roark", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_one_clear_line() -> None:
    """`driftline mock` names the port and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = driftline("mock", "--port", str(port))
    assert done.returncode == 2
    assert f":{port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_that_is_not_there_is_exit_code_2() -> None:
    """Without a response, there is no verdict."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"roark=http://127.0.0.1:{port}"
    done = driftline("check", "roark", "--url", url, ROARK_API_BEARER_TOKEN="t")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_live_run_reads_only_and_hides_the_credential(tmp_path: Path) -> None:
    """Against a URL: no write arrives unless allowed by name, the token is in no output."""
    mock = Mock(load(ROOT / "specs" / "roark.yaml"))
    token = mock.credentials["bearerToken"]
    methods: list[str] = []

    def handle(request: HttpRequest) -> HttpResponse:
        methods.append(request.method)
        return mock.handle(request)

    with run_server({"roark": handle}) as url:
        live = ("check", "roark", "--url", f"roark={url}/roark", "--report", str(tmp_path / "r"))
        done = driftline(*live, "--rate", "1000", ROARK_API_BEARER_TOKEN=token)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "POST" not in methods
        assert "skipped: roark call.create (" in done.stdout
        written = driftline(
            *live,
            "--rate",
            "1000",
            "--operation",
            "call.create",
            "--allow-writes",
            "call.create",
            ROARK_API_BEARER_TOKEN=token,
        )
        assert written.returncode == 0, written.stdout + written.stderr
        assert "POST" in methods
    output = done.stdout + done.stderr
    output += "".join(path.read_text() for path in (tmp_path / "r").iterdir())
    assert token not in output
    report = json.loads((tmp_path / "r" / "report.json").read_text())
    assert report["findings"] == []


def test_generate_check_names_the_files(project: Path) -> None:
    """Exit code 1 and every file that is missing, extra or different; then generate mends it."""
    client = project / "generated" / "zudu_client"
    (client / "models" / "call.py").unlink()
    (client / "stray.py").write_text("")
    done = driftline("generate", "--check", cwd=project)
    assert done.returncode == 1
    for name in ("zudu_client/models/call.py", "zudu_client/stray.py"):
        assert name in done.stdout
    assert driftline("generate", cwd=project).returncode == 0
    assert driftline("generate", "--check", cwd=project).returncode == 0
