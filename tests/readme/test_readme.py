"""What the README tells people to type does what it says."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from driftline.contract.catalogue import CATALOGUE
from driftline.drift.baseline_file import read_baseline
from driftline.drift.files import FORMATS
from driftline.mock import Mock, running
from driftline.spec import find, load

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
REPORTS = (ROOT / "docs" / "reports.md").read_text()
REPORT_BLOCKS = re.findall(r"```(\w+)\n(.*?)```", REPORTS, re.DOTALL)
COMMANDS = [
    line.partition("#")[0].strip()
    for language, block in BLOCKS
    if language == "sh"
    for line in block.splitlines()
]
SHOWN = [
    line.removeprefix("$ ")
    for language, block in BLOCKS
    if language == "console"
    for line in block.splitlines()
    if line.startswith("$ ")
]
PYTHON = [block for language, block in BLOCKS if language == "python"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the commands read and write."""
    for name in ("specs", "generated", "contract_tests"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def driftline(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, started in `folder`."""
    return subprocess.run(
        [sys.executable, "-c", "from driftline.cli import main; main()", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@cache
def help_of(command: str) -> str:
    """What a command says of itself."""
    done = driftline([command, "--help"], ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("driftline")])
def test_a_command_to_type_succeeds(command: str, checkout: Path) -> None:
    """Each `driftline` command of an sh block exits with 0 in a checkout."""
    words = shlex.split(command)[1:]
    done = driftline(words, checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    if "--report" in words:
        assert {path.name for path in (checkout / "report").iterdir()} >= {"report.json"}


def test_the_two_commands_are_scripts_that_can_be_run() -> None:
    """Every scripts/… that the README names is there and executable."""
    named = set(re.findall(r"scripts/[a-z-]+", README))
    assert {"scripts/drift", "scripts/test", "scripts/check", "scripts/generate"} <= named
    for name in named:
        assert os.access(ROOT / name, os.X_OK), name


def test_commands_that_are_only_shown_are_understood() -> None:
    """Options and subcommands of console blocks exist; nothing is sent."""
    for command in SHOWN:
        if not command.startswith("driftline"):
            continue
        words = shlex.split(command)[1:]
        shown = help_of(words[0])
        for option in (word for word in words if word.startswith("--")):
            assert option in shown, command


@pytest.mark.parametrize("block", PYTHON, ids=range(len(PYTHON)))
def test_python_runs_as_it_stands(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each Python block runs, its environment pointing to the mock."""
    mocks = {path.stem: Mock(load(path)) for path in find(ROOT / "specs")}
    with running({name: mock.handle for name, mock in mocks.items()}) as url:
        for name, mock in mocks.items() if "MockTransport" not in block else ():
            for scheme in mock.spec.security_schemes.values():
                assert scheme.env is not None
                monkeypatch.setenv(scheme.env, mock.credentials[scheme.name])
            for server in mock.spec.servers:
                if server.env is not None:
                    monkeypatch.setenv(server.env, f"{url}/{name}")
        monkeypatch.chdir(ROOT)
        exec(compile(block, "README.md", "exec"), {})  # noqa: S102 (our own README)


def test_the_page_on_clients_runs_from_top_to_bottom(monkeypatch: pytest.MonkeyPatch) -> None:
    """All Python blocks of docs/clients.md, one after the other, against the mock."""
    page = ROOT / "docs" / "clients.md"
    mock = Mock(load(ROOT / "specs" / "roark.yaml"))
    names = {"mock_token": mock.credentials["bearerToken"]}
    with running({"roark": mock.handle}) as url:
        monkeypatch.setenv("ROARK_API_BEARER_TOKEN", mock.credentials["bearerToken"])
        monkeypatch.setenv("ROARK_BASE_URL", f"{url}/roark")
        blocks = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
        assert len(blocks) > 5
        for block in blocks:
            exec(compile(block, page.name, "exec"), names)  # noqa: S102 (our own page)


def test_the_first_screen_shows_a_real_run() -> None:
    """The table at the top names all operations, as a run prints them."""
    first = README[: README.index("## Two commands")]
    for path in find(ROOT / "specs"):
        for operation in load(path).operations:
            assert operation.id in first
    assert "No drift" in first


def test_the_baseline_that_is_shown_is_one(tmp_path: Path) -> None:
    """The YAML block is read as `--baseline` reads it, and its API and operation exist."""
    (block,) = [text for language, text in BLOCKS if language == "yaml"]
    path = tmp_path / "accepted.yaml"
    path.write_text(block)
    (entry,) = read_baseline(path).entries
    assert load(ROOT / "specs" / f"{entry.api}.yaml").operation(entry.operation) is not None
    assert entry.id in CATALOGUE


def test_the_page_on_reports_runs_from_top_to_bottom(checkout: Path) -> None:
    """The commands of its sh block, one after the other: each needs what came before."""
    (block,) = [text for language, text in REPORT_BLOCKS if language == "sh"]
    for line in block.splitlines():
        command, _, file = line.partition(" > ")
        if command in COMMANDS:  # the README has it, too: it is run above
            continue
        done = driftline(shlex.split(command)[1:], checkout)
        assert done.returncode == 0, done.stdout + done.stderr
        if file:
            (checkout / file).write_text(done.stdout)
    assert json.loads((checkout / "driftline.sarif").read_text())["version"] == "2.1.0"
    assert (checkout / "comment.md").read_text().startswith("No drift: ")


def test_the_page_on_reports_names_every_format_and_file() -> None:
    """In its table; and the steps for CI use files that are written."""
    rows = re.findall(r"^\| `(\w+)` \| (?:`([\w.]+)`)? ?\|", REPORTS, re.MULTILINE)
    files = {form: name for form, (name, _) in FORMATS.items()}
    assert dict(rows) == {"terminal": "", **files}
    (block,) = [text for language, text in REPORT_BLOCKS if language == "yaml"]
    steps = YAML(typ="safe").load(block)["steps"]
    assert "driftline check --report report" in [step.get("run") for step in steps]
    assert set(re.findall(r"report/([\w.]+)", block)) <= set(files.values())
