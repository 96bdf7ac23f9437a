"""One seed gives byte-identical reports in every format and process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from driftline.report.files import FORMATS, name_file

ROOT = Path(__file__).parents[2]
# A run against a mock that leaves out fields and adds some; then the times are taken out.
RUN = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
import attrs
from driftline.check import check
from driftline.report import write
from driftline.report import terminal
from driftline.mock import HttpResponse, Mock
from driftline.project import Project
from driftline.openapi import load

root, folder, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
mock = Mock(load(root / "specs" / "zudu.yaml"), rows=60, seed=seed)

def changed(value):
    if isinstance(value, list):
        return [changed(item) for item in value]
    if isinstance(value, dict):
        kept = {name: changed(item) for name, item in value.items() if name != "status"}
        return {**kept, "more": sorted(value)}
    return value

def handle(request):
    response = mock.handle(request)
    try:
        body = response.parse_json()
    except ValueError:
        return response
    kept = [pair for pair in response.headers if pair[0].lower() != "content-length"]
    return HttpResponse(response.status, tuple(kept), json.dumps(changed(body)).encode())

report = check(Project(root), ["zudu"], seed=seed, handles={"zudu": handle})
checks = tuple(attrs.evolve(made, seconds=0.0) for made in report.checks)
started = datetime(2025, 1, 31, tzinfo=UTC)
report = attrs.evolve(report, checks=checks, started=started, seconds=0.0)
write(report, folder)
(folder / "terminal.txt").write_text(terminal.render(report))
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the directories of two concurrent runs with different hash seeds."""
    run_folders = [tmp_path_factory.mktemp(name) for name in ("one", "other")]
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", RUN, ROOT, folder, "7"],
            env={**os.environ, "PYTHONHASHSEED": str(number)},
            cwd=folder,
        )
        for number, folder in enumerate(run_folders, 1)
    ]
    assert [run.wait() for run in runs] == [0, 0]
    return run_folders[0], run_folders[1]


@pytest.mark.parametrize("name", ["terminal.txt", *map(name_file, FORMATS)])
def test_two_runs_give_the_same_bytes(name: str, folders: tuple[Path, Path]) -> None:
    """Two runs write the same bytes, apart from times, and report a finding."""
    first_file, second_file = (folder / name for folder in folders)
    assert first_file.read_bytes() == second_file.read_bytes()
    assert "response.required.missing" in first_file.read_text()
