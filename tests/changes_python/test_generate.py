"""The summary of `driftline generate`: what changed, for whom, and the next version."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from changes_wire.repository import commit, start_repository
from click.testing import CliRunner, Result

from driftline.checks.finding import Check, Outcome
from driftline.cli.group import driftline
from driftline.report import Report

SPEC = Path(__file__).parents[1] / "openapi" / "shop.yaml"
FRESH = "generated/ is up to date.\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(driftline, list(arguments))


@pytest.fixture
def shop(client: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with a spec and its client, without a git repository."""
    shutil.copytree(client, tmp_path / "generated", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "specs").mkdir()
    shutil.copy(SPEC, tmp_path / "specs")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edit(project: Path, old: str, new: str) -> None:
    path = project / "specs" / "shop.yaml"
    source = path.read_text(encoding="utf-8")
    assert old in source
    path.write_text(source.replace(old, new), encoding="utf-8")


def add_state(project: Path) -> None:
    edit(project, "enum: [NEW, PAID, SENT]", "enum: [NEW, PAID, SENT, LOST]")


def run_for_json(*arguments: str) -> Any:
    """Return the JSON output of a command after validating it against its schema."""
    data = json.loads(run(*arguments, "--format", "json").stdout)
    schema = json.loads((files("driftline.changes.release") / "release.schema.json").read_text())
    referenced_schema = json.loads(
        (files("driftline.changes.wire") / "diff.schema.json").read_text()
    )
    validator = jsonschema_rs.validator_for(schema, retriever=lambda _: referenced_schema)
    assert list(validator.iter_errors(data)) == []
    return data


PAGE = (Path(__file__).parents[2] / "docs" / "release.md").read_text(encoding="utf-8")


def test_changes_are_reported_without_git(shop: Path) -> None:
    """Without git the old document is read from the
    client, and the output is that of docs/release.md.
    """
    add_state(shop)
    page_output = PAGE.partition("$ driftline generate\n")[2].partition("```")[0]
    assert run("generate").stdout == page_output
    assert run("generate").stdout == FRESH


def test_a_project_with_a_version_gets_a_suggested_one(shop: Path) -> None:
    """A project with a version gets a suggested one;
    old lines are those in git if the client matches it.
    """
    (shop / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1.4.0"\n')
    start_repository(shop)
    commit(shop)
    add_state(shop)
    output = run("generate").stdout
    assert "was HEAD:specs/shop.yaml:112" in output
    assert "Version: 1.4.0 → 2.0.0 (major: changes that break client code)" in output
    edit(shop, "default: asc", "default: desc")  # the client was made from what is not committed
    output = run("generate").stdout
    assert (
        "request.default.changed  specs/shop.yaml:20, was before/shop_client/spec.json:" in output
    )
    assert "LOST" not in output


def test_an_invalid_version_does_not_prevent_generation(shop: Path) -> None:
    """An invalid version is reported, and the clients are still generated."""
    (shop / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "latest"\n')
    add_state(shop)
    result = run("generate")
    assert result.exit_code == 0
    assert "could not compare: the next version: 'latest' is not a valid version" in result.stdout


def test_a_change_without_effect_on_client_code_is_one_line(shop: Path) -> None:
    """A change without effect for client code is summarized in one line."""
    edit(shop, "description: The order.", "description: An order.")
    output = run("generate").stdout
    assert "Nothing changes for client code, on the wire or in Python." in output
    assert "changelog" not in output


def test_a_new_client_is_reported_as_added(shop: Path) -> None:
    """A new client is reported as added and compared with nothing."""
    shutil.rmtree(shop / "generated")
    data = run_for_json("generate")
    ids = [change["id"] for side in ("wire", "python") for change in data[side]["changes"]]
    assert ids == ["api.added", "python.client.added", "python.client.added"]
    assert {file["done"] for file in data["files"]} == {"added"}


def test_a_client_that_cannot_be_compared_is_reported(shop: Path) -> None:
    """A client without a readable document or Python code is reported as not comparable."""
    (shop / "generated" / "shop_client" / "spec.json").unlink()
    (shop / "generated" / "shop_client" / "models" / "__init__.py").write_text("def")
    add_state(shop)
    result = run("generate")
    assert result.exit_code == 0
    assert (
        "could not compare: shop: the previous document of its client is unknown" in result.stdout
    )
    assert "could not compare: shop, in Python: " in result.stdout
    assert run("generate").stdout == FRESH


def test_json_and_markdown_have_both_comparisons(shop: Path) -> None:
    """The JSON output satisfies its schema, and the Markdown output has both comparisons."""
    add_state(shop)
    page = run("generate", "--format", "markdown").stdout
    for part in ("## On the wire", "## In Python", "python.value.added", "For the changelog"):
        assert part in page
    edit(shop, ", LOST]", "]")
    data = run_for_json("generate")
    assert [change["id"] for change in data["python"]["changes"]] == ["python.value.removed"]
    assert data["changelog"].startswith("### Removed")
    assert run_for_json("generate")["apis"] == []


def test_an_unchanged_project_imports_no_heavy_package(shop: Path) -> None:
    """If nothing changes, no heavy package is imported."""
    code = (
        "import sys; from driftline.cli.group import driftline\n"
        "driftline(['generate'], standalone_mode=False)\n"
        "assert not {'griffe', 'schemathesis', 'tomlkit', 'pydantic_settings'} & {*sys.modules}\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (process.returncode, process.stdout) == (0, FRESH), process.stderr


@pytest.mark.parametrize(
    ("arguments", "expected_error"),
    [
        (("--check", "--verify"), "--check cannot be combined"),
        (("--check", "--format", "json"), "--check cannot be combined"),
        (("--callers", "specs"), "--callers needs --verify"),
    ],
)
def test_incompatible_options_are_rejected(
    arguments: tuple[str, ...], expected_error: str, shop: Path
) -> None:
    """Incompatible options are an error, and nothing is generated."""
    result = run("generate", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert expected_error in result.stderr


CALLER = """\
from typing import assert_never

from shop_client import models


def tell(state: models.State) -> str:
    match state:
        case "NEW" | "PAID" | "SENT":
            return "known"
        case other:
            assert_never(other)
"""


def fake_check(outcome: Outcome) -> Callable[..., Report]:
    """Return a replacement of the contract suite with this outcome."""
    check = Check(
        api="shop", operation="order.list", name="fuzzing", outcome=outcome, detail="too late"
    )
    report = Report(apis=(), checks=(check,), started=datetime.now(UTC), seconds=1.0, version="1")
    return lambda *_, **__: report


def test_verify_checks_types_and_runs_the_suite(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--verify` reports type errors of callers and
    the suite's result, and skips types without mypy.
    """
    monkeypatch.setattr("driftline.cli.commands.verify.check", fake_check("passed"))
    (shop / "caller.py").write_text(CALLER)
    add_state(shop)
    data = run_for_json("generate", "--verify", "--callers", "caller.py")
    types, contract = data["steps"]
    assert data["exit_code"] == 1
    assert types["outcome"] == "failed"
    assert 'caller.py:11: error: Argument 1 to "assert_never"' in types["detail"]
    assert "Literal['LOST']" in types["detail"]
    assert (contract["outcome"], contract["detail"][:8]) == ("passed", "No drift")
    monkeypatch.setattr("driftline.cli.commands.verify.find_spec", lambda _: None)
    result = run("generate", "--verify")
    assert result.exit_code == 0
    assert "skipped types of the clients\nmypy is not installed" in result.stdout
    monkeypatch.setattr("driftline.cli.commands.verify.check", fake_check("error"))
    result = run("generate", "--verify", "--format", "markdown")
    assert result.exit_code == 2
    assert "- contract suite against the mock: error" in result.stdout
