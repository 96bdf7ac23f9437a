"""Commands have exit codes, print one clear error, and leave no partial files."""

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


def run_driftline(
    *arguments: str, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command with no vendor credentials but those in `environment`."""
    inherited = {
        k: v for k, v in os.environ.items() if not k.startswith(("ROARK", "REVOX", "ZUDU"))
    }
    return subprocess.run(
        [sys.executable, "-c", "from driftline.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=inherited | environment,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Create a copy of this project's specs and clients."""
    for name in ("specs", "generated"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def replace_in_spec(old: str, new: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        path = project / "specs" / "roark.yaml"
        source = path.read_text()
        assert old in source
        path.write_text(source.replace(old, new, 1))

    return change


def assert_unchanged(project: Path) -> None:
    """Leave the files unchanged."""


Case = tuple[Callable[[Path], None], tuple[str, ...], tuple[str, ...]]
BAD_INPUTS: Mapping[str, Case] = {
    "an unknown version": (
        replace_in_spec("openapi: 3.1.0", "openapi: 4.0.0"),
        ("generate",),
        ("roark.yaml:", "4.0.0"),
    ),
    "invalid YAML": (
        replace_in_spec("openapi: 3.1.0", "openapi: [3.1.0"),
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


@pytest.mark.parametrize(
    ("change", "arguments", "expected_parts"), BAD_INPUTS.values(), ids=BAD_INPUTS.keys()
)
def test_invalid_input_is_one_error_and_changes_no_file(
    project: Path,
    change: Callable[[Path], None],
    arguments: tuple[str, ...],
    expected_parts: tuple[str, ...],
) -> None:
    """Bad input exits with 2 and one error with its reason and location, and no file changes."""
    change(project)
    before = {p: p.read_bytes() for p in project.rglob("*") if p.is_file()}
    process = run_driftline(*arguments, cwd=project)
    assert process.returncode == 2, process.stdout + process.stderr
    lines = [line for line in process.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, process.stderr
    for expected_part in expected_parts:
        assert expected_part in process.stderr
    assert "Traceback" not in process.stderr
    after = {p: p.read_bytes() for p in project.rglob("*") if p.is_file()}
    assert after == before


@pytest.mark.parametrize(
    ("change", "expected_message"),
    [
        (replace_in_spec("/CallListResponse", "/Nothing"), "has no target"),
        (replace_in_spec("      operationId: call.list\n", ""), "no operationId"),
    ],
    ids=["a broken $ref", "a missing operationId"],
)
def test_a_slip_is_reported_and_the_client_is_generated(
    project: Path, change: Callable[[Path], None], expected_message: str
) -> None:
    """A slip in a spec is reported by `lint` with its line, and the client is still generated."""
    change(project)
    lint_process = run_driftline("lint", "roark", cwd=project)
    assert any(
        "roark.yaml:" in line and expected_message in line
        for line in lint_process.stdout.splitlines()
    )
    generate_process = run_driftline("generate", "roark", cwd=project)
    assert generate_process.returncode == 0, generate_process.stdout + generate_process.stderr
    assert "Traceback" not in generate_process.stderr


def test_a_port_in_use_is_one_error() -> None:
    """`driftline mock` with a port in use exits with 2 and names the port."""
    with socket.socket() as busy_socket:
        busy_socket.bind(("127.0.0.1", 0))
        busy_socket.listen()
        port = busy_socket.getsockname()[1]
        process = run_driftline("mock", "--port", str(port))
    assert process.returncode == 2
    assert f":{port}" in process.stderr
    assert "Traceback" not in process.stderr


def test_an_unreachable_server_exits_with_2() -> None:
    """An unreachable server exits with 2."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"roark=http://127.0.0.1:{port}"
    process = run_driftline("check", "roark", "--url", url, ROARK_API_BEARER_TOKEN="t")
    assert process.returncode == 2, process.stdout + process.stderr
    assert "Traceback" not in process.stderr


def test_a_live_run_sends_no_writes_and_hides_the_token(tmp_path: Path) -> None:
    """A live run sends no writes unless they are allowed by id, and no output has the token."""
    mock = Mock(load(ROOT / "specs" / "roark.yaml"))
    token = mock.credentials["bearerToken"]
    methods: list[str] = []

    def handle(request: HttpRequest) -> HttpResponse:
        methods.append(request.method)
        return mock.handle(request)

    with run_server({"roark": handle}) as url:
        live = ("check", "roark", "--url", f"roark={url}/roark", "--report", str(tmp_path / "r"))
        check_process = run_driftline(*live, "--rate", "1000", ROARK_API_BEARER_TOKEN=token)
        assert check_process.returncode == 0, check_process.stdout + check_process.stderr
        assert "POST" not in methods
        assert "skipped: roark call.create (" in check_process.stdout
        report_process = run_driftline(
            *live,
            "--rate",
            "1000",
            "--operation",
            "call.create",
            "--allow-writes",
            "call.create",
            ROARK_API_BEARER_TOKEN=token,
        )
        assert report_process.returncode == 0, report_process.stdout + report_process.stderr
        assert "POST" in methods
    output = check_process.stdout + check_process.stderr
    output += "".join(path.read_text() for path in (tmp_path / "r").iterdir())
    assert token not in output
    report = json.loads((tmp_path / "r" / "report.json").read_text())
    assert report["findings"] == []


def test_generate_check_names_missing_and_extra_files(project: Path) -> None:
    """`generate --check` exits with 1 and names missing and extra files; `generate` fixes them."""
    client = project / "generated" / "zudu_client"
    (client / "models" / "call.py").unlink()
    (client / "stray.py").write_text("")
    process = run_driftline("generate", "--check", cwd=project)
    assert process.returncode == 1
    for name in ("zudu_client/models/call.py", "zudu_client/stray.py"):
        assert name in process.stdout
    assert run_driftline("generate", cwd=project).returncode == 0
    assert run_driftline("generate", "--check", cwd=project).returncode == 0
