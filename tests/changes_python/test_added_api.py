"""The lifecycle of an API added with `driftline add`, in a git repository."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from changes_wire.repository import commit, start_repository
from click.testing import CliRunner, Result

from driftline.cli.group import driftline

TASK = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {
        "id": {"type": "string"},
        "title": {"type": "string", "maxLength": 80},
        "state": {"type": "string", "enum": ["open", "done"]},
    },
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Planner", "version": "1"},
    "servers": [{"url": "https://planner.example.com"}],
    "paths": {
        "/tasks": {
            "post": {
                "operationId": "tasks.create",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["title"],
                                "properties": {"title": {"type": "string", "maxLength": 80}},
                            }
                        }
                    },
                },
                "responses": {
                    "201": {
                        "description": "The task.",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Task"}}
                        },
                    },
                    "400": {"description": "The body is invalid."},
                },
            }
        }
    },
    "components": {"schemas": {"Task": TASK}},
}
ACTION = """\
  - target: $.components.schemas.Task.properties.state.enum
    description: The server sends it as well.
    update: [late]
"""


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(driftline, list(arguments))
    assert result.exit_code == code, result.output
    return result


def write(document: Any) -> None:
    Path("planner.json").write_text(json.dumps(document, indent=1), encoding="utf-8")


def edit_overlay(project: Path) -> None:
    overlay = project / "specs" / "planner.yaml"
    with overlay.open("a", encoding="utf-8") as file:
        file.write(ACTION)


def find_line(file: str, part: str) -> int:
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if part in line)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository in which the API was added and released as v1.0.0."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    write(DOCUMENT)
    Path("pyproject.toml").write_text('[project]\nname = "app"\nversion = "1.0.0"\n')
    start_repository(tmp_path)
    run("add", "planner.json", "--name", "planner", "--no-check")
    commit(tmp_path, "v1.0.0")
    return tmp_path


def test_every_command_reads_the_overlay_with_its_document(project: Path) -> None:
    """Every command reads the overlay together with the document it extends, now and as committed.

    Each change names the file of its clause: the overlay or the vendor's document.
    """
    edit_overlay(project)

    generate_output = run("generate").stdout
    overlay_line = find_line("specs/planner.yaml", "update: [late]")
    old_enum_line = find_line("specs/sources/planner.json", '"enum"')
    assert f"response.enum.value-added  specs/planner.yaml:{overlay_line}, " in generate_output
    assert f"was HEAD:specs/sources/planner.json:{old_enum_line}" in generate_output
    assert "python.value.added" in generate_output
    assert run("generate").stdout == "generated/ is up to date.\n"
    commit(project)

    new = deepcopy(DOCUMENT)
    new["components"]["schemas"]["Task"]["properties"]["title"]["maxLength"] = 120
    write(new)
    run("add", "planner.json", "--name", "planner", "--update", "--no-check")
    longer = find_line("specs/sources/planner.json", "120")
    diff_output = run("diff", code=1).stdout
    assert "HEAD:specs → specs" in diff_output
    assert f"response.bound.loosened  specs/sources/planner.json:{longer}, " in diff_output
    assert "enum" not in diff_output
    diff_since_release = run("diff", "v1.0.0", code=1).stdout
    assert "response.enum.value-added" in diff_since_release
    assert "response.bound.loosened" in diff_since_release

    release_output = run("release").stdout
    assert "Version: 1.0.0 → 2.0.0" in release_output
    assert f"was v1.0.0:specs/sources/planner.json:{old_enum_line}" in release_output
    assert "response.enum.value-added" in Path("CHANGELOG.md").read_text(encoding="utf-8")
    commit(project, "v2.0.0")
    assert "Nothing to write since v2.0.0." in run("release").stdout
    run("check", "planner")


def test_ci_change_compares_and_checks_an_added_api(project: Path) -> None:
    """`ci change` reports both comparisons and runs every check."""
    edit_overlay(project)
    run("generate")
    output = run("ci", "change", "--base", "v1.0.0").stdout
    assert "response.enum.value-added" in output
    assert "python.value.added" in output
    assert "not known" not in output.lower()


def test_a_lost_document_is_replaced_by_the_clients_copy(project: Path) -> None:
    """A lost document of a release is replaced by the copy inside the generated client."""
    run("diff", "v1.0.0:generated/planner_client/spec.json", "specs/planner.yaml")
    (project / "specs" / "sources" / "planner.json").rename(project / "lost.json")
    commit(project, "v1.1.0")
    (project / "lost.json").rename(project / "specs" / "sources" / "planner.json")
    edit_overlay(project)
    run("generate")
    output = run("release", "--since", "v1.1.0", "--dry-run").stdout
    assert "was v1.1.0:generated/planner_client/spec.json:" in output
    assert "not known" not in output
