"""Generation: deterministic, atomic, and safe against code injection."""

from __future__ import annotations

import ast
import importlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, strategies as st
from openapi_python_client.config import Config
from ruamel.yaml import YAML

from driftline.errors import GenerationError
from driftline.generate import PROJECT_FILES, compare, generate, render
from driftline.generate.annotations import format_docstring
from driftline.generate.parsing import ParsedInput, parse
from driftline.openapi import Spec, find, load
from driftline.project import Project

ROOT = Path(__file__).parents[2]
HOSTILE = Path(__file__).parent / "hostile.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project with the specs of this repository."""
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    return Project(tmp_path)


def load_specs(project: Project, *names: str) -> list[Spec]:
    return [load(path) for path in find(project.specs, names)]


def read_files(folder: Path) -> dict[str, bytes]:
    """Return the generated files of a directory, without the project files of a client."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.name not in PROJECT_FILES
    }


def edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    yaml = YAML()
    document = yaml.load(path)
    change(document)
    yaml.dump(document, path)


def test_committed_clients_match_the_specs() -> None:
    """The committed clients in generated/ match the specs."""
    project = Project(ROOT)
    assert compare(project, load_specs(project)) == []


def test_folder_and_order_do_not_change_the_output(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directory, its linter settings and the order of the APIs do not change the output."""
    (project.root / "pyproject.toml").write_text("[tool.ruff]\nline-length = 40\n")
    monkeypatch.chdir(project.root)
    generate(project, load_specs(project)[::-1])
    assert read_files(project.generated) == read_files(ROOT / "generated")


def test_every_file_has_the_do_not_edit_header(project: Project) -> None:
    """Every Python file starts with the do-not-edit header, and `py.typed` exists."""
    generate(project, load_specs(project, "roark"))
    files = read_files(project.generated / "roark_client")
    assert "py.typed" in files
    for name, content in files.items():
        if name.endswith(".py"):
            assert content.startswith(b"# Made by `driftline generate roark`. Do not edit"), name


def test_comparing_finds_missing_extra_and_different_files(project: Project) -> None:
    """`compare` finds missing, extra and different files."""
    generate(project, load_specs(project, "roark"))
    client = project.generated / "roark_client"
    (client / "models" / "call.py").unlink()
    (client / "stray.py").write_text("")
    (client / "client.py").write_text("# edited by hand\n")
    differences = {(d.kind, d.path) for d in compare(project, load_specs(project, "roark"))}
    assert differences == {
        ("missing", "roark_client/models/call.py"),
        ("extra", "roark_client/stray.py"),
        ("different", "roark_client/client.py"),
    }
    generate(project, load_specs(project, "roark"))
    assert read_files(client) == read_files(ROOT / "generated" / "roark_client")


def test_a_failed_generation_leaves_the_old_tree(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If generation fails for one API, no file of any client is changed."""
    generate(project, load_specs(project))
    before = read_files(project.root / "generated")
    edit(project.specs / "roark.yaml", lambda document: document["paths"].pop("/v1/call"))
    edit(project.specs / "zudu.yaml", lambda document: document["info"].update(title="Other"))

    def fail(api: str, document: dict[str, Any], config: Config) -> ParsedInput:
        if api == "zudu":
            raise GenerationError(api, "the generator fails", "Install it again.")
        return parse(api, document, config)

    monkeypatch.setattr(render, "parse", fail)
    with pytest.raises(GenerationError, match="the generator fails"):
        generate(project, load_specs(project))
    assert read_files(project.root / "generated") == before
    assert [path.name for path in project.generated.iterdir() if path.name.startswith(".")] == []


def test_a_spec_without_a_valid_package_name_is_rejected(tmp_path: Path) -> None:
    """A spec whose file name is not a valid package name is rejected."""
    (tmp_path / "specs").mkdir()
    shutil.copy(ROOT / "specs" / "zudu.yaml", tmp_path / "specs" / "Zu du.yaml")
    project = Project(tmp_path)
    with pytest.raises(GenerationError, match="Use lowercase letters"):
        generate(project, load_specs(project))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Generate the client of a spec with hostile strings, and return its directory."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "specs").mkdir()
    shutil.copy(HOSTILE, root / "specs" / "hostile.yaml")
    project = Project(root)
    generate(project, load_specs(project))
    sys.path.insert(0, str(project.generated))
    yield project.generated
    sys.path.remove(str(project.generated))


def test_no_string_of_a_hostile_spec_becomes_code(hostile: Path) -> None:
    """No string of the spec becomes a call, import or name in the generated code."""
    for path in hostile.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Name):
                assert node.id not in {"os", "evil"}, path
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                assert "os" not in {alias.name for alias in node.names}, path
    assert {path.parent.name for path in hostile.rglob("thing_get.py")} == {"thing"}
    # Windows allows no file with the name of a device, whatever its suffix.
    names = {path.stem for path in hostile.rglob("*")}
    assert names >= {"aux_2", "com1_2", "prn_2", "nul_2"}
    assert not names & {"aux", "com1", "prn", "nul"}


def test_a_hostile_spec_type_checks_and_runs(hostile: Path) -> None:
    """A client with conflicting names and unusual values passes mypy and works."""
    process = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(hostile)],
        capture_output=True,
        text=True,
        check=False,
        cwd=hostile.parent,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    client_module = importlib.import_module("hostile_client")
    body = {"id": 1, 'we"ird\\': "x", "kind": 'fixed"', "parent": None, "either": {"field": 2}}

    def respond(request: httpx.Request) -> httpx.Response:
        assert request.url.raw_path.startswith(b"/base/things/7/")
        assert request.url.params.get_list("list") == ["a", "b,c"]
        return httpx.Response(200, json=body)

    client = client_module.Hostile(
        base_url="https://example.com/base", transport=httpx.MockTransport(respond)
    )
    thing = client.thing.get(7, list_=["a", "b,c"], class_="import")
    assert thing.to_dict() == body
    assert type(thing.either).__name__ == "ModelSchema"


@given(st.text())
def test_a_docstring_holds_any_text(string: str) -> None:
    """Any string becomes a docstring of one string literal."""
    module = ast.parse(f"def f():\n    {format_docstring(string, string)}\n")
    (function,) = module.body
    assert isinstance(function, ast.FunctionDef)
    assert len(function.body) == 1
    assert isinstance(function.body[0], ast.Expr)
    assert isinstance(function.body[0].value, ast.Constant)


def test_generating_a_hostile_spec_again_gives_the_same_bytes(hostile: Path) -> None:
    """Generating the hostile client again gives the same bytes."""
    project = Project(hostile.parent)
    assert compare(project, load_specs(project)) == []
