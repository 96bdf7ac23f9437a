"""The commands that are killed while they write files, and their projects."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import attrs

from attack.processes import run
from attack.servers import SPEC

HOST = "input/host.json"
_REMOTE = "input/remote.git"


@attrs.frozen
class Job:
    """A command, the project that it runs in, and the exit codes of a second run.

    `first` is the command that it begins with: what that one writes is whole, too. `outside` reads
    what the command changes on a code host.
    """

    words: tuple[str, ...]
    prepare: Callable[[Path], None]
    codes: frozenset[int] = frozenset({0})
    first: tuple[str, ...] = ()
    outside: Callable[[Path], Any] | None = None


def _describe_shop(*fields: str) -> dict[str, Any]:
    """Return a document with rows that are listed, created and read."""
    order = {
        "type": "object",
        "required": ["id"],
        "properties": {name: {"type": "string"} for name in ("id", "title", *fields)},
    }
    one = {"200": _answer(order), "404": {"description": "None."}}
    path = {"name": "orderId", "in": "path", "required": True, "schema": {"type": "string"}}
    body = {"type": "object", "properties": {"title": {"type": "string"}}}
    listed = {"type": "object", "properties": {"orders": {"type": "array", "items": order}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "http://127.0.0.1:9"}],
        "paths": {
            "/orders": {
                "get": {
                    "operationId": "order.list",
                    "x-listing": {"items": "/orders", "id": "/id", "page": {"style": "single"}},
                    "responses": {"200": _answer({**listed, "required": ["orders"]})},
                },
                "post": {
                    "operationId": "order.create",
                    "x-effect": {"kind": "create", "of": "order.list", "item": ""},
                    "requestBody": {"content": {"application/json": {"schema": body}}},
                    "responses": {"201": _answer(order)},
                },
            },
            "/orders/{orderId}": {
                "get": {"operationId": "order.get", "parameters": [path], "responses": one}
            },
        },
    }


def _answer(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "Done.", "content": {"application/json": {"schema": schema}}}


def run_here(folder: Path, *words: str) -> Any:
    programs = f"{folder / 'input' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    host = {"FAKE_GH": str(folder / HOST), "GH_TOKEN": "ghp_secret", "GH_REPO": "acme/shop"}
    with chdir(folder):
        return run(*words, environ={"PATH": programs, "HOME": str(folder / "tmp"), **host})


def _write(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data), "utf-8")


def _prepare_specs(folder: Path) -> None:
    _write(folder / "specs" / "hotel.json", SPEC)
    _write(folder / "input" / "shop.json", _describe_shop())


def _prepare_added(folder: Path) -> None:
    _prepare_specs(folder)
    run_here(folder, *JOBS["add"].words)
    _write(folder / "input" / "shop.json", _describe_shop("status"))


def _prepare_stale(folder: Path) -> None:
    _write(folder / "specs" / "shop.json", _describe_shop())
    _write(folder / "specs" / "hotel.json", SPEC)
    run_here(folder, "generate")
    _write(folder / "specs" / "shop.json", _describe_shop("status"))


def _prepare_release(folder: Path) -> None:
    _write(folder / "specs" / "shop.json", _describe_shop())
    (folder / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1.0.0"\n')
    (folder / "CHANGELOG.md").write_text("# Changelog\n\n## 1.0.0\n\n- First.\n")
    run_here(folder, "generate")
    _commit(folder)
    _write(folder / "specs" / "shop.json", _describe_shop("status"))
    run_here(folder, "generate")


def _commit(folder: Path) -> None:
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b.example")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "a"), ("tag", "v1.0.0")):
        subprocess.run([*git, *words], cwd=folder, check=True)  # noqa: S603


def _prepare_report(folder: Path) -> None:
    _write(folder / "specs" / "shop.json", _describe_shop())
    run_here(folder, "generate")
    run_here(folder, *JOBS["check --report"].words)


def _prepare_drift(folder: Path) -> None:
    """Prepare a report of recorded traffic that has drifted."""
    _write(folder / "specs" / "shop.json", _describe_shop())
    run_here(folder, "generate")
    _write(folder / "input" / "traffic.har", _record({"orders": [{"id": "1", "title": None}]}))
    run_here(folder, "observe", "input/traffic.har", "--report", "report")


def _record(body: Any) -> dict[str, Any]:
    request = {"method": "GET", "url": "http://127.0.0.1:9/orders", "headers": []}
    content = {"mimeType": "application/json", "text": json.dumps(body)}
    response = {"status": 200, "headers": [], "content": content}
    return {"log": {"version": "1.2", "entries": [{"request": request, "response": response}]}}


def _prepare_watch(folder: Path) -> None:
    """Prepare a released project whose vendor and whose server have changed."""
    (folder / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1.0.0"\n')
    _prepare_drift(folder)
    shutil.rmtree(folder / "specs")
    shutil.rmtree(folder / "report")
    (folder / "specs").mkdir()
    _write(folder / "input" / "shop.json", _describe_shop())
    run_here(folder, *JOBS["add"].words)
    _commit(folder)
    _write(folder / "input" / "shop.json", _describe_shop("status"))


def _prepare_hosted(folder: Path) -> None:
    """Prepare a project to be watched, its remote, and a code host without issues."""
    _prepare_watch(folder)
    subprocess.run(["git", "init", "-q", "--bare", _REMOTE], cwd=folder, check=True)  # noqa: S603, S607
    for words in (("remote", "add", "origin", _REMOTE), ("push", "-q", "origin", "HEAD:main")):
        subprocess.run(["git", *words], cwd=folder, check=True)  # noqa: S603, S607
    start: dict[str, Any] = {
        "issues": [],
        "comments": [],
        "labels": [],
        "calls": [],
        "read_only": False,
    }
    _write(folder / HOST, start)
    program = Path(__file__).parents[1] / "tests" / "ci" / "fake_gh.py"
    link = folder / "input" / "bin" / "gh"
    link.parent.mkdir()
    link.write_text(f'#!/bin/sh\nexec "{sys.executable}" -ISE "{program}" "$@"\n')
    link.chmod(0o755)


def check_out(folder: Path) -> None:
    """Check out again, as the next job of a CI system does."""
    checkout = ("checkout", "-qf", "HEAD", "--", ".", ":!input")
    for words in (checkout, ("clean", "-qffd", "--exclude=input", "--exclude=tmp")):
        subprocess.run(["git", *words], cwd=folder, check=True)  # noqa: S603, S607


def _read_host(folder: Path) -> Any:
    """Return the issues and pull requests of the code host, and the proposed files."""
    state = json.loads((folder / HOST).read_text())
    issues = [(issue["title"], issue["state"], "head" in issue) for issue in state["issues"]]
    git = ("git", "--git-dir", _REMOTE, "ls-tree", "-r", "driftline/watch")
    files = subprocess.run(git, cwd=folder, check=False, capture_output=True, text=True)  # noqa: S603
    return sorted(issues), state["labels"], len(state["comments"]), files.stdout


def _prepare_mock(folder: Path) -> None:
    _write(folder / "specs" / "shop.json", _describe_shop())
    (folder / "input").mkdir()


_WATCH = ("ci", "watch", "--no-live", "--recorded", "input/traffic.har")
_UPDATE = ("add", "--name", "shop", "--update", "--no-check")
_ADD = ("add", "input/shop.json", "--name", "shop", "--no-check")
JOBS: dict[str, Job] = {
    "add": Job(_ADD, _prepare_specs, frozenset({0, 2})),
    "add --update": Job(_UPDATE, _prepare_added),
    "generate": Job(("generate",), _prepare_stale),
    "release": Job(("release", "--bump", "minor"), _prepare_release),
    "check --report": Job(("check", "--report", "report"), _prepare_report, frozenset({0, 1})),
    "accept --write": Job(("accept", "--write"), _prepare_drift, frozenset({0, 1})),
    "ci watch": Job(
        _WATCH,
        _prepare_watch,
        frozenset({0, 1}),
        _UPDATE,
    ),
    "ci watch --host": Job(
        (*_WATCH, "--host", "github"),
        _prepare_hosted,
        frozenset({0, 1}),
        _UPDATE,
        _read_host,
    ),
    "mock --db": Job((), _prepare_mock),
}
