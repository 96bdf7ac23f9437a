"""Whenever a transaction fails or the process is killed, the project is the old or the new one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from driftline.errors import UsageError
from driftline.transaction import PREFIX, Move, commit, open_stage, recover

MOVES = (
    Move("specs/sources/shop.json", "specs/sources/shop.json"),
    Move("", "specs/sources/shop.yaml"),
    Move("generated/shop_client", "generated/shop_client"),
    Move("specs/shop.yaml", "specs/shop.yaml"),
)
OLD = {
    "specs/sources/shop.yaml": "old document",
    "specs/shop.yaml": "old overlay",
    "generated/shop_client/client.py": "old client",
    "generated/shop_client/gone.py": "gone",
}
NEW = {
    "specs/sources/shop.json": "new document",
    "specs/shop.yaml": "new overlay",
    "generated/shop_client/client.py": "new client",
}
BEFORE: dict[str, dict[str, str]] = {"a new API": {}, "an update": OLD}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def read_files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def run(folder: Path) -> None:
    with open_stage(folder) as stage:
        write(stage, NEW)
        commit(stage, MOVES)


@pytest.fixture(params=BEFORE.values(), ids=BEFORE)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    write(tmp_path, request.param)
    yield tmp_path
    assert not list(tmp_path.glob(PREFIX + "*"))


def test_a_commit_replaces_and_removes_files(project: Path) -> None:
    """A commit replaces existing files and removes those without a successor."""
    run(project)
    assert read_files(project) == NEW


def fail_at(step: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Make the file system operation number `step` fail once."""
    count = [0]

    def guard(original: object) -> object:
        def call(*arguments: object, **options: object) -> object:
            count[0] += 1
            if count[0] == step:
                raise OSError(28, "no space left on device")
            return original(*arguments, **options)  # type: ignore[operator]

        return call

    for name in ("rename", "replace", "mkdir"):
        monkeypatch.setattr(Path, name, guard(getattr(Path, name)))
    monkeypatch.setattr(os, "fsync", guard(os.fsync))
    return count


def test_a_failure_at_any_step_changes_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure of any rename, folder, or write of the journal leaves the project unchanged."""
    before = read_files(project)
    folders = {path for path in project.rglob("*") if path.is_dir()}
    for step in range(1, 100):
        with monkeypatch.context() as patch, open_stage(project) as stage:
            write(stage, NEW)
            count = fail_at(step, patch)
            try:
                commit(stage, MOVES)
            except OSError:
                count[0] = -1
        if count[0] != -1:
            break
        assert read_files(project) == before
        assert {path for path in project.rglob("*") if path.is_dir()} == folders
    assert step > 5
    assert read_files(project) == NEW


KILLED_PROGRAM = """
import os, signal, sys
from pathlib import Path
from add import test_transaction as here
from driftline import transaction
step, root = int(sys.argv[1]), Path(sys.argv[2])
count = 0
def guard(original):
    def call(*arguments, **options):
        global count
        count += 1
        if count == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **options)
    return call
with transaction.open_stage(root) as stage:
    here.write(stage, here.NEW)
    for name in ("rename", "replace", "mkdir", "unlink"):
        setattr(Path, name, guard(getattr(Path, name)))
    transaction.commit(stage, here.MOVES)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("step", [1, 2, 4, 6, 8])
def test_recover_completes_or_removes_a_killed_run(project: Path, step: int) -> None:
    """`recover` completes or removes a killed run, and can run twice."""
    before = read_files(project)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-c", KILLED_PROGRAM, str(step), str(project)]
    process = subprocess.run(command, env=environment, check=False, capture_output=True)
    assert process.returncode in {0, -signal.SIGKILL}, process.stderr
    has_journal = any((stage / "journal.json").exists() for stage in project.glob(PREFIX + "*"))
    recover(project)
    is_finished = has_journal or process.returncode == 0
    assert read_files(project) == (NEW if is_finished else before)
    recover(project)


def test_recover_keeps_the_stage_of_a_running_process(tmp_path: Path) -> None:
    """`recover` does not touch the stage of a running process."""
    with open_stage(tmp_path) as stage:
        write(stage, NEW)
        recover(tmp_path)
        assert read_files(stage).keys() >= NEW.keys()


@pytest.mark.parametrize("moves", [[["x", ".git/hooks/pre-push"]], [["x", "../out"]], [["x"]], 1])
@pytest.mark.parametrize("lock", [None, 0, 1_700_000_000_000_000_000])
def test_a_journal_of_a_checkout_is_not_followed(tmp_path: Path, moves: Any, lock: Any) -> None:
    """A journal that a repository contains is removed and moves no files."""
    root, journal = tmp_path / "project", json.dumps({"lock": lock, "moves": moves})
    write(root, {f"{PREFIX}x/x": "x", f"{PREFIX}x/lock": "", f"{PREFIX}x/journal.json": journal})
    recover(root)
    assert read_files(tmp_path) == {}


@pytest.mark.parametrize("journal", ["[" * 100_000, "{}", "[]", '{"moves": [["x", "y"]]}', "\0"])
def test_a_broken_journal_is_removed(tmp_path: Path, journal: str) -> None:
    """A broken journal is removed."""
    write(tmp_path, {f"{PREFIX}x/x": "x", f"{PREFIX}x/journal.json": journal})
    recover(tmp_path)
    assert read_files(tmp_path) == {}


def test_nothing_is_written_through_a_link(project: Path, tmp_path_factory: Any) -> None:
    """A transaction through a symbolic link raises UsageError and writes nothing."""
    target = tmp_path_factory.mktemp("elsewhere")
    write(target, {"shop_client/client.py": "theirs"})
    shutil.rmtree(project / "generated", ignore_errors=True)
    (project / "generated").symlink_to(target)
    before = read_files(project)
    with pytest.raises(UsageError, match="generated is a symbolic link"):
        run(project)
    assert read_files(target) == {"shop_client/client.py": "theirs"}
    assert read_files(project) == before


def test_a_stage_that_another_run_removes_is_created_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stage that another run removes before it is locked is created again."""
    make_directory, removed_stages = tempfile.mkdtemp, list[str]()

    def make_and_lose(**options: Any) -> str:
        stage = make_directory(**options)
        if not removed_stages:
            removed_stages.append(stage)
            recover(tmp_path)
        return stage

    monkeypatch.setattr(tempfile, "mkdtemp", make_and_lose)
    with open_stage(tmp_path) as stage:
        assert stage.is_dir()
        assert str(stage) not in removed_stages
        recover(tmp_path)
        assert stage.is_dir()
    assert removed_stages
    assert not list(tmp_path.glob(PREFIX + "*"))
