"""The tests of an application, with driftline and a client installed from wheels."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from installing import install_in, run

ROOT = Path(__file__).parents[2]
WRONG_TEST = '''
import driftline
import sys
from callwatch import report
from pathlib import Path

def test_installed():
    """It is the wheel's."""
    assert Path(driftline.__file__).is_relative_to(sys.prefix)

def test_wrong(driftline_mock):
    """It expects what the program does not do."""
    report()
    assert driftline_mock.received_once("call.create").json["externalId"] == "a.wav"
'''


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create an environment with the wheels and this environment's other packages."""
    return install_in(tmp_path_factory.mktemp("installed"), "roark", "zudu")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return shutil.copytree(
        ROOT / "tests/example_project",
        tmp_path / "project",
        ignore=shutil.ignore_patterns("__pycache__"),
    )


OPTIONS = ("-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest")


def test_the_tests_of_the_application_pass(python: Path, project: Path) -> None:
    """The application's tests pass in two processes, each with its own rows and port."""
    process = run(python, "-m", "pytest", *OPTIONS, "-n", "2", cwd=project)
    assert process.returncode == 0, process.stdout + process.stderr
    assert "10 passed" in process.stdout


def test_a_failing_test_shows_expected_and_received_requests(python: Path, project: Path) -> None:
    """A failing test shows the expected and received requests in its message."""
    (project / "tests/test_wrong.py").write_text(WRONG_TEST)
    process = run(python, "-m", "pytest", *OPTIONS, cwd=project)
    assert process.returncode == 1, process.stdout + process.stderr
    assert "1 failed, 11 passed" in process.stdout
    lines = [line.rstrip() for line in process.stdout.splitlines() if line.startswith("E  ")]
    assert (
        lines[0] == "E       AssertionError: expected call.create once, but it was never received"
    )
    assert lines[1].startswith("E       Received, ")
    assert lines[2].startswith("E         1. GET /v1/call?limit=5&status=ENDED -> 200 (roark/call")
