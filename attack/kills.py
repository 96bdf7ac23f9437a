"""Kills: a command ends at a random moment, and the next run must find nothing in its way."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from attack.jobs import JOBS, check_out, run_here
from attack.processes import CONTEXT, Breach, watch
from driftline.mock import HttpRequest, Mock
from driftline.openapi import load

_EVENTS = frozenset(
    {
        *("os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod"),
        "subprocess.Popen",
    }
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_VARYING = ("report/", ".hypothesis/", "rows.db")
"""Files that are another at every run: they only have to be whole."""


@attrs.frozen
class _Expected:
    """The files before, during and after a complete run, its duration and its events."""

    folder: TemporaryDirectory[str]
    before: dict[str, bytes]
    between: dict[str, bytes]
    after: dict[str, bytes]
    seconds: float
    events: int
    outside: Any

    def copy(self, folder: Path) -> None:
        """Make the project as it is before the run."""
        shutil.copytree(Path(self.folder.name) / "before", folder)


@lru_cache
def _expect(name: str) -> _Expected:
    folder = TemporaryDirectory()
    before = Path(folder.name) / "before"
    before.mkdir()
    JOBS[name].prepare(before)
    shutil.rmtree(before / ".hypothesis", ignore_errors=True)
    between = Path(folder.name) / "between"
    shutil.copytree(before, between)
    if JOBS[name].first:
        run_here(between, *JOBS[name].first)
    after = Path(folder.name) / "after"
    shutil.copytree(before, after)
    (after / "tmp").mkdir()
    count, started = Path(folder.name) / "count", time.monotonic()
    _start(name, after, count=count).join()
    seconds = time.monotonic() - started
    events = len(count.read_bytes()) if count.is_file() else 0
    files = [_read(copy) for copy in (before, between, after)]
    outside = _read_outside(name, after)
    return _Expected(folder, files[0], files[1], files[2], seconds, events, outside)


def _read_outside(name: str, folder: Path) -> Any:
    read = JOBS[name].outside
    return read(folder) if read else None


def attack_with_kill(name: str, seed: int, folder: Path) -> Iterator[Breach]:
    """Kill a run at a random time or event, check the files, and run it again."""
    chosen, expected = random.Random(seed), _expect(name)  # noqa: S311
    expected.copy(folder)
    (folder / "tmp").mkdir()
    # git that is killed leaves locks in a remote beside it, as no server does: a step ends there.
    is_at_step = JOBS[name].outside is not None or chosen.random() < 0.7
    at = chosen.randint(1, expected.events) if expected.events and is_at_step else 0
    process = _start(name, folder, at=at)
    process.join(None if at else chosen.random() * expected.seconds)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.join()
    target = f"driftline {name}, killed (seed {seed})"
    for path, content in _read(folder).items():
        if not _is_whole(path, content, expected):
            yield Breach(target, f"{path} is half-written")
    again = watch(partial(_run_again, name, folder))
    if again.crash or again.exit_code not in JOBS[name].codes:
        output = (again.crash or again.output)[-300:]
        yield Breach(target, f"the next run ended with {again.exit_code}: {output}")
    if _read_outside(name, folder) != expected.outside:
        yield Breach(target, "the code host is not as it has to be")
    now = _read(folder)
    for path in sorted(now.keys() ^ expected.after.keys()):
        if not path.startswith(".hypothesis/"):
            yield Breach(target, f"{path} is {'left' if path in now else 'lost'}")
    for path in sorted(now.keys() & expected.after.keys()):
        if now[path] != expected.after[path] and not path.startswith(("input/", *_VARYING)):
            yield Breach(target, f"{path} is not what it has to be")


def _start(name: str, folder: Path, *, at: int = 0, count: Path | None = None) -> Any:
    """Start the job in a process group of its own, which dies at its step number `at`."""
    process = CONTEXT.Process(target=_work, args=(name, folder, at, count))
    process.start()
    return process


def _work(name: str, folder: Path, at: int, count: Path | None) -> None:
    os.setsid()
    with open(os.devnull, "w", encoding="utf-8") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
    done = 0

    def step(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal done
        is_writing = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
        if event in _EVENTS or is_writing:
            done += 1
            if done == at:
                os.killpg(0, signal.SIGKILL)

    sys.addaudithook(step)
    _do(name, folder)
    steps = done  # writing them down is none
    if count is not None:
        count.write_bytes(b"." * steps)


def _do(name: str, folder: Path) -> Any:
    os.environ["TMPDIR"] = str(folder / "tmp")
    import tempfile  # noqa: PLC0415

    tempfile.tempdir = None
    if name == "mock --db":
        _fill(folder)
        return None
    return run_here(folder, *JOBS[name].words)


def _fill(folder: Path) -> None:
    """Create rows, and note each that was answered."""
    mock = Mock(load(folder / "specs" / "shop.json"), rows=20, db=folder / "rows.db")
    with (folder / "input" / "answered").open("a") as file:
        for number in range(40):
            body = json.dumps({"title": str(number)}).encode()
            headers = (("Content-Type", "application/json"),)
            answer = mock.handle(HttpRequest("POST", "/orders", "", headers, body))
            file.write(f"{answer.parse_json()['id']}\n")
            file.flush()
    mock.close()


def _run_again(name: str, folder: Path) -> Any:
    if JOBS[name].outside is not None:
        check_out(folder)
    if name != "mock --db":
        return _do(name, folder)
    from attack.processes import RunOutcome  # noqa: PLC0415

    path, answered = folder / "rows.db", folder / "input" / "answered"
    mock = Mock(load(folder / "specs" / "shop.json"), rows=20, db=path)
    ids = answered.read_text().split() if answered.is_file() else []
    lost = [id_ for id_ in ids if mock.handle(HttpRequest("GET", f"/orders/{id_}")).status != 200]
    rows = len(mock.handle(HttpRequest("GET", "/orders")).parse_json()["orders"])
    mock.close()
    with closing(sqlite3.connect(path)) as connection:
        (state,) = connection.execute("PRAGMA integrity_check").fetchone()
    answered.write_text("")
    is_right = not lost and state == "ok" and 20 + len(ids) <= rows <= 21 + len(ids)
    return RunOutcome(
        f"{len(lost)} of {len(ids)} rows are lost, {rows} in all, {state}", not is_right
    )


def _read(folder: Path) -> dict[str, bytes]:
    """Return the files of a project, except caches and those of git."""
    skipped = {"__pycache__", ".git", ".ruff_cache", "remote.git"}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not skipped.intersection(path.relative_to(folder).parts)
    } | {
        f"{path.relative_to(folder).as_posix()}/": b""
        for path in folder.rglob(".driftline-*")
        if path.is_dir()
    }


def _is_whole(path: str, content: bytes, expected: _Expected) -> bool:
    """Return whether a file is as it was or as it has to be; a stage may hold anything."""
    if path.startswith((".driftline-", "tmp/", ".hypothesis/", "input/", "rows.db")):
        return True
    if "/.driftline-" in path:
        return True
    if content in (expected.before.get(path), expected.between.get(path)):
        return True
    if not path.startswith("report/"):
        return content == expected.after.get(path)
    if path.endswith(".jsonl"):
        return True  # a line that is cut off counts for nothing
    if path.endswith((".json", ".sarif")):
        with suppress(ValueError):
            json.loads(content)
            return True
        return False
    return content[-8:] == expected.after.get(path, b"")[-8:]
