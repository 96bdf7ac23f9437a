"""An application's own tests, with driftline installed from its wheel and nothing of the source."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WRONG = '''
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


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "PYTHON", "COV_"))}
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, env=kept, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel, and with what this one has but for driftline itself."""
    folder = tmp_path_factory.mktemp("installed")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=False, symlinks=True)
    found = folder / "env/bin/python"
    place = run(
        found, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"
    ).stdout.strip()
    # The other's own .pth files, by which an editable install is found, are not read by this.
    Path(place, "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = ("-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-compile")
    installed = run(sys.executable, *pip, "--target", place, wheel)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return shutil.copytree(
        ROOT / "tests/example_project",
        tmp_path / "project",
        ignore=shutil.ignore_patterns("__pycache__"),
    )


OPTIONS = ("-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest")


def test_its_tests_pass(python: Path, project: Path) -> None:
    """In two processes, each with rows and a port of its own."""
    done = run(python, "-m", "pytest", *OPTIONS, "-n", "2", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 passed" in done.stdout


def test_a_wrong_one_fails_with_its_reason(python: Path, project: Path) -> None:
    """In one process, among the right ones: expected and received, in the failure itself."""
    (project / "tests/test_wrong.py").write_text(WRONG)
    done = run(python, "-m", "pytest", *OPTIONS, cwd=project)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 11 passed" in done.stdout
    lines = [line.rstrip() for line in done.stdout.splitlines() if line.startswith("E  ")]
    assert lines[0] == "E       AssertionError: expected call.create once, received it never."
    assert lines[1].startswith("E       Received, ")
    assert lines[2].startswith("E         1. GET /v1/call?limit=5&status=ENDED -> 200 (roark/call")
