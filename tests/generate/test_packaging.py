"""Clients as distributions: pyproject.toml, wheels and releases."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from installing import install_in, run

from driftline.generate import compare, generate
from driftline.openapi import load
from driftline.project import Project

ROOT = Path(__file__).parents[2]
CLIENTS = ("revox", "roark", "zudu")
USAGE = """
from revox_client import Revox
from roark_client import Roark
from zudu_client import Zudu

with Roark(bearer_token="t") as roark, Revox(api_key="k") as revox:
    reveal_type(roark.call.list(limit=3).pagination.total)
    print(type(revox.call).__name__)
print(Zudu.__name__)
"""
CALL = """
from driftline.mock import Mock, MockTransport
from driftline.testing.session import load_named
from roark_client import Roark

(spec,) = load_named(["roark"], [])
mock = Mock(spec)
token = mock.credentials["bearerToken"]
with Roark(bearer_token=token, transport=MockTransport(mock.handle)) as roark:
    print(spec.name, len(roark.call.list(limit=3).data))
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project with one API."""
    folder = tmp_path / "project"
    (folder / "specs").mkdir(parents=True)
    spec_text = (ROOT / "specs/zudu.yaml").read_text(encoding="utf-8")
    (folder / "specs/pet-store.yaml").write_text(spec_text, encoding="utf-8")
    return Project(folder)


def test_the_project_file_is_written_once_and_kept(project: Project) -> None:
    """Edits of the project file and changelog are kept when the client is regenerated."""
    specs = [load(project.specs / "pet-store.yaml")]
    client = project.generated / "pet_store_client"
    generate(project, specs)
    assert not (client / "pyproject.toml").exists()
    generate(project, specs, package=True)
    project_text = (client / "pyproject.toml").read_text(encoding="utf-8")
    data = tomllib.loads(project_text)["project"]
    assert (data["name"], data["version"]) == ("pet-store-client", "0.1.0")
    assert data["dependencies"] == ["driftline>=0.1,<0.2"]
    edited_text = project_text.replace("0.1.0", "3.1.4")
    (client / "pyproject.toml").write_text(edited_text, encoding="utf-8")
    (client / "CHANGELOG.md").write_text("# Changes\n", encoding="utf-8")
    (client / "client.py").unlink()
    assert [file.path for file in generate(project, specs)] == ["pet_store_client/client.py"]
    assert generate(project, specs, package=True) == []
    assert compare(project, specs) == []
    assert (client / "pyproject.toml").read_text(encoding="utf-8") == edited_text
    assert (client / "CHANGELOG.md").is_file()


def test_each_client_works_from_its_own_wheel(tmp_path: Path) -> None:
    """Each client works from its own wheel, and driftline's wheel contains no client or spec."""
    python = install_in(tmp_path / "wheels", *CLIENTS)
    names = {
        wheel.name.split("-")[0]: ZipFile(wheel).namelist()
        for wheel in (tmp_path / "wheels").glob("*.whl")
    }
    assert names.keys() == {"driftline", *(f"{name}_client" for name in CLIENTS)}
    tops = {name.split("/")[0] for name in names["driftline"] if ".dist-info" not in name}
    assert tops == {"driftline"}
    assert not [name for name in names["driftline"] if name.startswith("driftline/specs")]
    assert {name.split("/")[0] for name in names["zudu_client"]} == {
        "zudu_client",
        "zudu_client-0.1.0.dist-info",
    }
    call_process = run(python, "-c", CALL, cwd=tmp_path)
    assert call_process.stdout == "roark 3\n", call_process.stderr
    (tmp_path / "usage.py").write_text(USAGE, encoding="utf-8")
    checker = ("-m", "mypy", "--strict", "--python-executable", str(python))
    check_process = run(sys.executable, *checker, "usage.py", cwd=tmp_path)
    assert check_process.returncode == 0, check_process.stdout + check_process.stderr
    assert 'Revealed type is "int"' in check_process.stdout.replace("builtins.", "")
