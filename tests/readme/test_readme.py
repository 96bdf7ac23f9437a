"""The commands and code of the README work."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from driftline.changes import RULES
from driftline.checks import CATALOGUE, CHECKS
from driftline.cli.group import driftline
from driftline.mock import Mock, run_server
from driftline.openapi import find, load
from driftline.report.baseline import read_baseline
from driftline.report.files import FORMATS, name_file

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
REPORTS = (ROOT / "docs" / "reports.md").read_text()
PYTHON = [block for language, block in BLOCKS if language == "python"]


def test_every_script_of_the_readme_is_executable() -> None:
    """Every script that the README names exists and is executable."""
    scripts = set(re.findall(r"scripts/[a-z-]+", README))
    assert {"scripts/drift", "scripts/test", "scripts/check", "scripts/generate"} <= scripts
    for name in scripts:
        assert os.access(ROOT / name, os.X_OK), name


@pytest.mark.parametrize("block", PYTHON, ids=range(len(PYTHON)))
def test_the_python_blocks_of_the_readme_run(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each Python block of the README runs against the mock."""
    mocks = {path.stem: Mock(load(path)) for path in find(ROOT / "specs")}
    with run_server({name: mock.handle for name, mock in mocks.items()}) as url:
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
    """All Python blocks of docs/clients.md run in order against the mock."""
    page = ROOT / "docs" / "clients.md"
    mock = Mock(load(ROOT / "specs" / "roark.yaml"))
    names = {"read_from_vault": lambda: mock.credentials["bearerToken"]}
    with run_server({"roark": mock.handle}) as url:
        monkeypatch.setenv("ROARK_API_BEARER_TOKEN", mock.credentials["bearerToken"])
        monkeypatch.setenv("ROARK_BASE_URL", f"{url}/roark")
        blocks = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
        assert len(blocks) > 5
        for block in blocks:
            exec(compile(block, page.name, "exec"), names)  # noqa: S102 (our own page)


def read_session(start: str) -> tuple[list[str], str]:
    """Return the commands of the session that starts with `start`, and its final output."""
    (block,) = [
        block_text
        for language, block_text in BLOCKS
        if language == "console" and block_text.startswith(f"$ {start}")
    ]
    commands = [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]
    return commands, block.partition(f"{commands[-1]}\n")[2]


def assert_shows(output: str, shown_output: str) -> None:
    """Check that each piece between two `…` is in the output, in order, ignoring numbers."""
    remaining_output = normalize(output)
    for piece in filter(None, map(normalize, re.split(r"^…$", shown_output, flags=re.MULTILINE))):
        _, separator, remaining_output = remaining_output.partition(piece)
        assert separator == piece, output


def normalize(output: str) -> str:
    """Return the output without numbers, line breaks and rules."""
    return " ".join(re.sub(r"\d[\d,.]*", "N", output).replace("─", "").split())


@pytest.mark.slow
def test_the_commands_of_the_first_screen_report_the_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands of the first screen run as shown and report the drift."""
    assert README.index("$ driftline mock") < README.index("\n## ")
    (mock, export, check), shown_output = read_session("driftline mock")
    _, _, variable = export.partition(" ")
    monkeypatch.setenv(*variable.split("="))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(ROOT)
    outputs: list[str] = []

    def serve(site: Any, host: str, port: int, ready: Any) -> None:
        with run_server(site) as url:
            typed_command = check.replace(f"http://{host}:{port}", url)
            check_result = CliRunner().invoke(
                driftline, [*shlex.split(typed_command)[1:], "--rate", "1000"]
            )
            assert check_result.exit_code == 1, check_result.output
            outputs.append(check_result.stdout.replace(url, f"http://{host}:{port}"))

    monkeypatch.setattr("driftline.cli.commands.mock.serve", serve)
    mock_result = CliRunner().invoke(driftline, shlex.split(mock.removesuffix(" &"))[1:])
    assert mock_result.exit_code == 0, mock_result.output
    (output,) = outputs
    assert_shows(output, shown_output)


@pytest.mark.slow
def test_the_output_of_the_main_job_matches_the_readme(monkeypatch: pytest.MonkeyPatch) -> None:
    """The output of the main job matches the README, without drift."""
    _, shown_output = read_session("scripts/drift")
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    result = CliRunner().invoke(driftline, ["check"])
    assert result.exit_code == 0, result.output
    assert_shows(result.stdout, shown_output)


def test_no_page_installs_a_bare_name_from_an_index() -> None:
    """No page installs driftline by a bare name from a package index."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    bad_installs = [
        f"{page.relative_to(ROOT)}: {command}"
        for page in pages
        for command in re.findall(r"pip install [^`#\n]*", page.read_text())
        if re.search(r"(^|[\s'\"])driftline(\[[\w,]+\])?(?! @ git\+https)([\s'\"]|$|=)", command)
    ]
    assert bad_installs == []


def test_the_baseline_of_the_page_is_valid(tmp_path: Path) -> None:
    """The baseline in docs/accept.md can be read, and its IDs exist."""
    page = (ROOT / "docs" / "accept.md").read_text()
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    path = tmp_path / "accepted.yaml"
    path.write_text(block)
    baseline = read_baseline(path)
    (finding,), (change,) = baseline.entries, baseline.changes
    assert finding.id in CATALOGUE
    assert change.id in RULES


def test_the_page_on_reports_names_every_format_and_file() -> None:
    """docs/reports.md lists every format with its file name."""
    rows = re.findall(r"^\| `(\w+)` \| (?:`([\w.-]+)`)? ?\|", REPORTS, re.MULTILINE)
    files = {form: name_file(form) for form in FORMATS}
    assert dict(rows) == {"terminal": "", **files}


def test_the_page_on_reports_names_every_check() -> None:
    """docs/reports.md lists every check under its column, in order."""
    table = REPORTS.partition("## Columns\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\w+) \| ([a-z, ]+) \|", table, re.MULTILINE)
    documented_columns = {
        column: names for column, names in rows if column not in {"column", "covered"}
    }
    columns = {check.column for check in CHECKS}
    assert documented_columns == {
        column: ", ".join(check.name for check in CHECKS if check.column == column)
        for column in columns
    }
