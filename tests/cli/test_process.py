"""The commands as processes: signals, pipes, imports and exit codes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from driftline.cli.group import COMMANDS

ROOT = Path(__file__).parents[2]
RUN = [sys.executable, "-c", "from driftline.cli import main; main()"]


def run(*arguments: str, before: str = "", cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, after the Python code in `before`."""
    code = f"{before}\nfrom driftline.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def start_command(*arguments: str) -> subprocess.Popen[str]:
    """Start a command that accepts interrupts even if this process ignores them."""
    return subprocess.Popen(
        [*RUN, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )


HEAVY = {
    "griffe",
    "httpx",
    "hypothesis",
    "jinja2",
    "openapi_python_client",
    "pytest",
    "ruamel",
    "schemathesis",
    "uvicorn",
}
SUBCOMMANDS = ("ci change", "ci live", "ci comment", "ci issue")


@pytest.mark.parametrize("name", ["", *COMMANDS, *SUBCOMMANDS])
def test_help_imports_nothing_heavy(name: str) -> None:
    """`--help` imports no heavy package and only a limited number of modules."""
    code = (
        "import atexit, sys\n"
        f"heavy = lambda: sorted({HEAVY!r} & sys.modules.keys())\n"
        "atexit.register(lambda: print(heavy(), len(sys.modules)))"
    )
    process = run(*name.split(), "--help", before=code)
    assert process.returncode == 0
    heavy, _, count = process.stdout.splitlines()[-1].rpartition(" ")
    assert heavy == "[]"
    assert int(count) < (600 if name else 160)


@pytest.mark.parametrize(
    ("missing", "arguments", "extra"),
    [
        ("click", ("--help",), "contract"),
        ("jinja2", ("check",), "contract"),
        ("openapi_python_client", ("generate",), "generate"),
        ("uvicorn", ("mock", "--port", "0"), "mock"),
        ("yaml", ("lint",), "spec"),
        ("rich", ("explain",), "spec"),
    ],
)
def test_a_missing_extra_is_one_error_with_a_hint(
    missing: str, arguments: tuple[str, ...], extra: str
) -> None:
    """A missing extra is one error line and a hint that names it."""
    process = run(*arguments, before=f"import sys; sys.modules[{missing!r}] = None")
    assert process.returncode == 2
    line, hint = process.stderr.splitlines()
    assert line.startswith("error: ")
    assert missing in line
    assert hint.startswith(f"  Install driftline again with the extra {extra!r}, ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that Linux has")
def test_output_that_cannot_be_written_is_one_error() -> None:
    """Output to a full disk gives exit code 2 and one error line."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
    }
    with Path("/dev/full").open("w") as full:
        process = subprocess.run(
            [*RUN, "lint"],
            cwd=ROOT,
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert process.returncode == 2
    assert process.stderr == "error: No space left on device\n  Free some disk space.\n"


def test_a_closed_pipe_is_not_an_error() -> None:
    """A closed pipe, as with `head`, prints nothing to stderr."""
    process = start_command("lint")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    process.wait(30)
    assert errors == ""


def test_an_interrupted_check_exits_130() -> None:
    """An interrupt during the suite gives exit code 130."""
    process = start_command("check", "zudu")
    assert process.stderr is not None
    for line in process.stderr:
        if "(3 of " in line:
            process.send_signal(signal.SIGINT)
            break
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert errors.splitlines()[-1] == "interrupted"
    assert "No drift" not in output


def test_the_mock_serves_until_interrupted() -> None:
    """The printed base URL and credentials work, and an interrupt ends the mock with 130."""
    process = start_command("mock", "roark", "--port", "0", "--rows", "3")
    assert process.stdout is not None
    values: dict[str, str] = {}
    while "ROARK_API_BEARER_TOKEN" not in values:
        fields = process.stdout.readline().split(maxsplit=1)
        if fields[:1] == ["export"]:
            name, _, value = fields[1].strip().partition("=")
            values[name] = value
    address, token = values["ROARK_BASE_URL"], values["ROARK_API_BEARER_TOKEN"]
    request = urllib.request.Request(  # noqa: S310 - our own mock
        f"{address}/v1/call", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        assert response.status == 200
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert "Traceback" not in errors
    assert process.returncode == 130


def test_the_mock_finishes_a_response_on_sigterm() -> None:
    """On SIGTERM the mock finishes a pending response and exits with 0."""
    process = start_command("mock", "zudu", "--port", "0", "--fault", "latency=1s", "--log", "json")
    assert process.stdout is not None
    assert process.stderr is not None
    line = next(line for line in process.stdout if line.startswith("export ZUDU_BASE_URL="))
    url = line.strip().partition("=")[2]
    with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port)) as client:
        client.sendall(b"GET /zudu/api/calls HTTP/1.1\r\nHost: mock\r\n\r\n")
        assert json.loads(process.stderr.readline())["delay_ms"] == 1000
        process.send_signal(signal.SIGTERM)
        assert client.makefile("rb").readline() == b"HTTP/1.1 401 Unauthorized\r\n"
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")


def test_a_port_in_use_is_reported() -> None:
    """A port in use gives exit code 2 and one error line that names it."""
    with socket.create_server(("127.0.0.1", 0)) as busy_socket:
        port = busy_socket.getsockname()[1]
        process = run("mock", "--port", str(port))
    assert process.returncode == 2
    assert process.stderr.count("error: ") == 1
    assert f"127.0.0.1:{port}" in process.stderr


def test_a_live_run_without_its_credential_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A live run without its credential gives exit code 2 and names the variable."""
    monkeypatch.delenv("ROARK_API_BEARER_TOKEN", raising=False)
    process = run("check", "roark", "--url", "roark=http://127.0.0.1:9")
    assert process.returncode == 2
    last = process.stderr.splitlines()[-2]
    assert last.startswith("error: ")
    assert "ROARK_API_BEARER_TOKEN" in last


def test_check_passes_and_fails_after_an_edit_of_the_spec(tmp_path: Path) -> None:
    """A project passes `driftline check`, and fails once its spec is edited."""
    (tmp_path / "specs").mkdir()
    spec = tmp_path / "specs" / "zudu.yaml"
    shutil.copy(ROOT / "specs" / "zudu.yaml", spec)
    shutil.copytree(ROOT / "generated" / "zudu_client", tmp_path / "generated" / "zudu_client")
    shutil.copytree(ROOT / "contract_tests", tmp_path / "contract_tests")
    process = run("check", "--report", "report", cwd=tmp_path)
    assert process.returncode == 0, process.stdout + process.stderr
    assert len(os.listdir(tmp_path / "report")) == 6  # noqa: PTH208
    spec.write_text(spec.read_text().replace("in_voicemail:", "in_voice_mail:"))
    process = run("check", cwd=tmp_path)
    assert process.returncode == 1, process.stdout + process.stderr
    assert "generated.stale" in process.stdout
    assert "specs/zudu.yaml:" in process.stdout


def test_a_check_leaves_nothing_in_the_folder(tmp_path: Path) -> None:
    """A check writes only to the user's cache and not to the project."""
    for part in ("specs/zudu.yaml", "generated/zudu_client"):
        (tmp_path / part).parent.mkdir(parents=True)
        (tmp_path / part).symlink_to(ROOT / part)
    command = [sys.executable, "-c", "from driftline.cli import main; main()", "check", "zudu"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment.pop("HYPOTHESIS_STORAGE_DIRECTORY", None)
    process = subprocess.run(
        command, cwd=tmp_path, env=environment, check=False, capture_output=True
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {"specs", "generated", "cache"}
