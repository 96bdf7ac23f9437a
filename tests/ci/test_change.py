"""`driftline ci change` and `driftline ci live` run checks and report their results."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any

import attrs
import jsonschema_rs
import pytest
from click.testing import Result

from driftline.checks.finding import Finding
from driftline.ci import annotate, disable_commands
from driftline.cli.commands.ci.report import relativize_folder
from driftline.errors import Location
from driftline.generate import generate
from driftline.mock import Mock, run_server
from driftline.openapi import load
from driftline.project import Project

Run = Callable[..., Result]
# As tests/report reads it: one pattern in it is none to a strict reader.
SARIF = json.loads(
    (Path(__file__).parents[1] / "report" / "sarif-2.1.0-rtm.5.json").read_text("utf-8")
)
for name in ("run", "toolComponent"):
    del SARIF["definitions"][name]["properties"]["language"]["pattern"]
FINDING = Finding(
    id="spec.unsound",
    severity="additive",
    api="shop",
    operation="",
    location=Location(Path("specs/shop.yaml"), 4, ""),
    message="50%\n::add-mask::x",
    expected="e",
    got="g",
)


def run_git(folder: Path, *arguments: str) -> None:
    names = {
        f"GIT_{person}_{field}": "a@b"
        for person in ("AUTHOR", "COMMITTER")
        for field in ("NAME", "EMAIL")
    }
    command = ["git", *arguments]
    subprocess.run(command, cwd=folder, env=os.environ | names, check=True, capture_output=True)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a repository with a project of one API in services/, as a job of GitHub sees it."""
    project = tmp_path / "services"
    (project / "specs").mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("shop.yaml"), project / "specs")
    generate(Project(project), [load(project / "specs" / "shop.yaml")])
    run_git(tmp_path, "init", "--quiet")
    run_git(tmp_path, "commit", "--quiet", "--allow-empty", "-m", "zero")
    run_git(tmp_path, "add", "--all")
    run_git(tmp_path, "commit", "--quiet", "-m", "one")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.delenv("SHOP_KEY", raising=False)
    return project


def edit(project: Path, changes: Mapping[str, str]) -> None:
    path = project / "specs" / "shop.yaml"
    source = path.read_text()
    for old, new in changes.items():
        assert old in source
        source = source.replace(old, new)
    path.write_text(source)


def test_a_breaking_change_appears_in_every_output(shop: Path, run: Run) -> None:
    """A breaking change and an invalid example appear in the exit code, comment, summary,
    annotations and SARIF, with paths from the top of the repository.
    """
    edit(shop, {"[open, paid]": "[open, paid, sent]", "state: paid": "state: gone"})
    result = run("change", "--base", "HEAD", "--specs", "services/specs", "--report", "out")
    assert result.exit_code == 1
    comment = Path("out/comment.md").read_text()
    assert comment.startswith("## On the wire\n\n**Changes: 1 breaking. Client code breaks.**")
    assert "The changes in Python could not be determined" in comment  # the client is stale
    assert "the value &quot;sent&quot; may now be returned" in comment
    assert "- `driftline generate --check`: ✗\n" in comment
    assert re.search(r"- `driftline check`: ✗ Drift: \d findings", comment)
    summary = Path("summary.md").read_text()
    assert comment in summary
    assert Path("out/report.md").read_text() in summary
    output = result.output
    stop_token = re.search(r"^::stop-commands::(\w{32})$", output, re.MULTILINE)
    assert stop_token is not None
    active_output = output[output.index(f"::{stop_token[1]}::") :]
    lines = (shop / "specs" / "shop.yaml").read_text().splitlines()
    line = lines.index("                  state: {enum: [open, paid, sent]}")
    assert (
        f"::error file=services/specs/shop.yaml,line={line + 1},title=shop order.get"
        in active_output
    )
    log = json.loads(Path("out/report.sarif").read_text())
    jsonschema_rs.Draft4Validator(SARIF).validate(log)
    annotated_paths = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in log["runs"][0]["results"]
    }
    assert annotated_paths == {"services/specs/shop.yaml"}


def test_a_breaking_change_fails_only_with_fail_on_change(
    shop: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A breaking change fails only with `--fail-on-change breaking`."""
    edit(shop, {"[open, paid]": "[open, paid, sent]"})
    monkeypatch.setattr(
        import_module("driftline.cli.commands.ci.change"), "run", lambda *arguments: 0
    )
    arguments = ("change", "--base", "HEAD", "--specs", "services/specs")
    assert run(*arguments).exit_code == 0
    assert run(*arguments, "--fail-on-change", "breaking").exit_code == 1


def test_the_comment_has_the_changes_in_python(
    shop: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the regenerated client, the comment and the log have the changes in Python, too."""
    edit(shop, {"[open, paid]": "[open, paid, sent]"})
    generate(Project(shop), [load(shop / "specs" / "shop.yaml")])
    monkeypatch.setattr(
        import_module("driftline.cli.commands.ci.change"), "run", lambda *arguments: 0
    )
    result = run("change", "--base", "HEAD", "--specs", "services/specs", "--report", "out")
    comment = Path("out/comment.md").read_text()
    _, wire, python = re.split("^## ", comment, flags=re.MULTILINE)
    assert wire.startswith("On the wire")
    assert python.startswith("In Python")
    assert "response.enum.value-added" in wire
    assert "python.value.added" in python
    assert "python.value.added" in result.stdout


@pytest.mark.parametrize(
    ("base", "code", "expected_start"),
    [
        ("HEAD^1", 0, "The specs are new: there are no clients yet."),
        ("nothing", 2, "The changes on the wire could not be determined"),
    ],
)
def test_a_base_without_specs_passes(  # noqa: PLR0917
    base: str, code: int, expected_start: str, shop: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A base without specs passes; a base that cannot be read exits with 2."""
    monkeypatch.setattr(
        import_module("driftline.cli.commands.ci.change"), "run", lambda *arguments: 0
    )
    result = run("change", "--base", base, "--specs", "services/specs")
    assert result.exit_code == code
    assert Path("report/comment.md").read_text().startswith(expected_start)


def test_missing_credentials_are_an_error(shop: Path, run: Run) -> None:
    """Missing credentials exit with 2 and an error that names the variable and the option."""
    result = run("live", "--specs", "services/specs")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: missing credentials for shop: SHOP_KEY not set\n"
        "  Set the environment variables, or pass --skip-missing-credentials.\n"
    )


def test_an_api_without_credentials_may_be_skipped(shop: Path, run: Run) -> None:
    """A skipped API is named in the log and the summary, and no earlier report is left."""
    (shop.parent / "report").mkdir()
    (shop.parent / "report" / "report.json").write_text("of another night")
    result = run("live", "--specs", "services/specs", "--skip-missing-credentials")
    assert result.exit_code == 0
    assert result.output == "Skipped shop: SHOP_KEY not set.\nNo live server was checked.\n"
    assert "SHOP&#95;KEY not set" in Path("summary.md").read_text()
    assert not Path("report/report.json").exists()


def test_a_live_server_is_checked_within_a_budget(
    shop: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live run uses the spec's variables and the budget, only reads, and shows no credential."""
    mock = Mock(load(shop / "specs" / "shop.yaml"))
    secret = mock.credentials["key"]
    requests: list[Any] = []

    def handle(request: Any) -> Any:
        requests.append(request)
        return mock.handle(request)

    with run_server({"shop": handle}) as url:
        monkeypatch.setenv("SHOP_KEY", secret)
        monkeypatch.setenv("SHOP_BASE_URL", f"{url}/shop")
        limits = ("--max-requests", "500", "--rate", "1000")
        result = run("live", "--specs", "services/specs", *limits)
    assert result.exit_code == 0, result.output
    assert {request.method for request in requests} <= {"GET", "HEAD", "OPTIONS"}
    usage = json.loads(Path("report/report.json").read_text())["apis"][0]["usage"]
    assert (usage["max_requests"], usage["rate"]) == (500, 1000)
    outputs = result.output + "".join(
        path.read_text() for path in (*Path("report").iterdir(), Path("summary.md"))
    )
    assert secret not in outputs


def test_no_string_becomes_a_workflow_command(capsys: pytest.CaptureFixture[str]) -> None:
    """No string becomes a command of GitHub Actions in annotations or between stop tokens."""
    finding_with_odd_path = attrs.evolve(
        FINDING, location=Location(Path("specs/a,b:c.yaml"), 4, "")
    )
    annotate([finding_with_odd_path], PurePosixPath(), {"GITHUB_ACTIONS": "true"})
    assert capsys.readouterr().out == (
        "::warning file=specs/a%2Cb%3Ac.yaml,line=4,title=shop spec.unsound::"
        "50%25%0A::add-mask::x%0AExpected: e%0AGot: g\n"
    )
    stop_tokens: list[str] = []
    for _ in range(2):
        with disable_commands({"GITHUB_ACTIONS": "true"}):
            pass
        first, last = capsys.readouterr().out.splitlines()
        assert last == f"::{first.removeprefix('::stop-commands::')}::"
        stop_tokens.append(last)
    assert stop_tokens[0] != stop_tokens[1]


def test_outside_of_github_actions_no_commands_are_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Outside of GitHub Actions, no annotations or commands are printed."""
    annotate([FINDING], PurePosixPath(), {})
    with disable_commands({}):
        pass
    assert capsys.readouterr().out == ""


def test_a_project_is_located_in_its_workspace_or_repository(tmp_path: Path) -> None:
    """A project is located below the workspace or the nearest folder with .git."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert relativize_folder(inner, {}) == PurePosixPath()
    assert relativize_folder(inner, {"GITHUB_WORKSPACE": str(tmp_path)}) == PurePosixPath("a/b")
    (tmp_path / "a" / ".git").mkdir()
    assert relativize_folder(inner, {}) == PurePosixPath("b")
    assert relativize_folder(tmp_path, {"GITHUB_WORKSPACE": str(inner)}) == PurePosixPath()
