"""`scripts/outside faults`: which faults in foreign servers driftline and schemathesis notice.

Each server is started twice from a snapshot of its repository, on a port of this machine: once for
`driftline add --own` and `driftline check`, once for `schemathesis run`, each with its defaults
and with the same credentials.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import attrs
import httpx

from bench.figures import CannotMeasure

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
API = "outside"
PATIENCE = 600
START = 20
"""Seconds that a server may take to start."""
ANY_OPERATION = "Stateful tests"
"""What schemathesis names where several operations led to a failure."""


@attrs.frozen
class Fault:
    """A planted fault: which app has it, at which operation, and of which kind it is."""

    app: str
    operation: str
    kind: str


@attrs.frozen
class Snapshot:
    """A repository with faulty servers."""

    name: str
    source: str
    has: str
    command: tuple[str, ...]
    document: str
    faults: tuple[Fault, ...]
    copy: str = ""


@attrs.frozen
class Notice:
    """The findings of a tool about an app, as operation and kind, and its number of requests."""

    seen: frozenset[tuple[str, str]]
    requests: int

    def has(self, operation: str, names: list[str]) -> bool:
        """Return whether the tool says something of this kind about the operation."""
        return any(
            fnmatchcase(name, glob)
            and (fnmatchcase(where, operation) or where in (ANY_OPERATION, operation))
            for where, name in self.seen
            for glob in names
        )


@attrs.frozen
class AppResult:
    """What both tools notice of the faults of an app: (fault, by driftline, by schemathesis)."""

    app: str
    faults: tuple[tuple[Fault, bool, bool], ...]
    ours: int
    theirs: int
    seconds: float


def load_snapshots(file: Path = HERE / "faulty.toml") -> tuple[dict[str, Any], list[Snapshot]]:
    """Return the kinds of faults, and the snapshots that are known."""
    data = tomllib.loads(file.read_text())
    return data["kinds"], [_build_snapshot(**snapshot) for snapshot in data["snapshots"]]


def _build_snapshot(command: list[str], faults: list[list[str]], **rest: Any) -> Snapshot:
    return Snapshot(command=tuple(command), faults=tuple(Fault(*f) for f in faults), **rest)


def find_snapshot(folder: Path) -> Snapshot:
    """Return the snapshot in a folder.

    Raises:
        CannotMeasure: it is not a known snapshot.
    """
    _, snapshots = load_snapshots()
    for snapshot in snapshots:
        if (folder / snapshot.has).exists():
            return snapshot
    sources = ", ".join(snapshot.source for snapshot in snapshots)
    raise CannotMeasure(f"{folder} is not a snapshot of {sources}")


def measure_faults(
    snapshot: Snapshot, folder: Path, python: str, only: str = "*"
) -> Iterator[AppResult]:
    """Yield what both tools notice of each app of a snapshot."""
    kinds, _ = load_snapshots()
    for app in dict.fromkeys(f.app for f in snapshot.faults if fnmatchcase(f.app, only)):
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as work:
            with run_app(snapshot, folder, python, app) as url:
                ours = check_by_driftline(Path(work), url + snapshot.document, url)
            with run_app(snapshot, folder, python, app) as url:
                theirs = check_by_schemathesis(Path(work), url + snapshot.document)
        faults = tuple(
            (
                fault,
                ours.has(fault.operation, kinds[fault.kind]["ours"]),
                theirs.has(fault.operation, kinds[fault.kind]["theirs"]),
            )
            for fault in snapshot.faults
            if fault.app == app
        )
        seconds = time.perf_counter() - started
        yield AppResult(app, faults, ours.requests, theirs.requests, seconds)


@contextmanager
def run_app(snapshot: Snapshot, folder: Path, python: str, app: str) -> Generator[str]:
    """Serve an app while the block lasts; `copy` is served from a copy, for it writes files.

    Raises:
        CannotMeasure: it does not start.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as work:
        cwd = Path(work) / "app"
        shutil.copytree(folder / snapshot.copy, cwd) if snapshot.copy else cwd.mkdir()
        names = {"python": python, "bench": HERE, "folder": folder.absolute(), "port": port}
        command = [part.format(**names, app=app) for part in snapshot.command]
        with (cwd / "output.txt").open("wb") as output:
            server = subprocess.Popen(command, cwd=cwd, stdout=output, stderr=output)  # noqa: S603
        try:
            url = f"http://127.0.0.1:{port}"
            if not _responds(url + snapshot.document, server):
                reason = (cwd / "output.txt").read_text().strip().splitlines() or ["no output"]
                raise CannotMeasure(f"{app} does not start: {reason[-1]}")
            yield url
        finally:
            server.kill()
            server.wait()


def _responds(url: str, server: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + START
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return True
        except httpx.HTTPError:
            time.sleep(0.05)
    return False


def check_by_driftline(work: Path, document: str, url: str) -> Notice:
    """Add the document as one's own, and check the server with all writes allowed.

    Raises:
        CannotMeasure: there is no report.
    """
    (work / "specs").mkdir()
    added = _run(work, BIN / "driftline", "add", document, "--name", API, "--own", "--no-check")
    options = ("--url", f"{API}={url}", "--allow-writes", "*", "--rate", "1000", "--report", ".")
    done = _run(work, BIN / "driftline", "check", API, *options)
    file = work / "report.json"
    if not file.is_file():
        raise CannotMeasure((added.stderr + done.stderr).strip())
    report = json.loads(file.read_text())
    names = {
        operation["id"]: f"{operation['method']} {operation['path']}"
        for api in report["apis"]
        for operation in api["operations"]
    }
    fault_names = (
        (names.get(finding["operation"], ""), finding["id"]) for finding in report["findings"]
    )
    requests = sum(api["usage"]["requests"] for api in report["apis"] if api["usage"])
    return Notice(frozenset(fault_names), requests)


def check_by_schemathesis(work: Path, document: str) -> Notice:
    """Run schemathesis; its requests are the test cases that it counts.

    Raises:
        CannotMeasure: there is no report.
    """
    file = work / "schemathesis.json"
    options = ("--seed", "1", "--generation-database", "none")
    report = ("--report", "json", "--report-json-path", file.name)
    done = _run(work, BIN / "schemathesis", "run", document, *options, *report)
    if not file.is_file():
        raise CannotMeasure((done.stdout + done.stderr).strip())
    document_report = json.loads(file.read_text())
    fault_names = (
        (where, failure["title"])
        for failure in document_report["failures"]
        for where in failure["operations"]
    )
    return Notice(frozenset(fault_names), document_report["test_cases"]["generated"])


def _run(work: Path, *command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [str(word) for word in command],
        cwd=work,
        env={**os.environ, **CREDENTIALS},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


CREDENTIALS: Mapping[str, str] = {
    "OUTSIDE_BASIC_AUTH": "test:test",
    "OUTSIDE_HEISEN_AUTH": "test:test",
    "OUTSIDE_API_KEY": "token",
    "OUTSIDE_BEARER_AUTH": "real-token",
}
"""What the servers take, by the variables that `add` proposes."""


def format_results(results: Sequence[AppResult]) -> str:
    """Return a table of the faults, and the sums."""
    lines = ["| app | operation | fault | driftline | schemathesis |", "| --- " * 5 + "|"]
    noticed = [0, 0]
    for result in results:
        for fault, *tools in result.faults:
            marks = " | ".join("yes" if is_noticed else "-" for is_noticed in tools)
            lines.append(f"| {result.app} | {fault.operation} | {fault.kind} | {marks} |")
            noticed = [
                count + bool(is_noticed) for count, is_noticed in zip(noticed, tools, strict=True)
            ]
    total = sum(len(result.faults) for result in results)
    lines.append(f"| {total} faults | | | {noticed[0]} | {noticed[1]} |")
    ours, theirs = (sum(getattr(result, side) for result in results) for side in ("ours", "theirs"))
    return "\n".join([*lines, f"| requests | | | {ours} | {theirs} |"])
