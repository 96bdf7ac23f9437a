"""The steps that a document goes through, each a process of its own with a bound on its time."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import attrs

STEPS = ("add", "lint", "calls", "types", "check")
SECONDS = 600
_PYTHON = Path(sys.executable)
_CACHE = str(Path(tempfile.gettempdir()) / "driftline-corpus-mypy")
"""Of mypy, for all documents: they have the runtime and its dependencies in common."""


@attrs.frozen
class Outcome:
    """How one step ended: exit code (-1 if it was stopped), CPU seconds, peak MiB, last output."""

    step: str
    code: int
    cpu: float
    peak: float
    output: str


def run_step(step: str, command: Sequence[str], folder: Path, seconds: int = SECONDS) -> Outcome:
    """Run one command in `folder`, and measure the process and its children."""
    log = folder / f"{step}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603 (our own commands)
            command,
            cwd=folder,
            stdout=stream,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "COLUMNS": "160", "NO_COLOR": "1"},
            start_new_session=True,
        )
        code, usage = _wait(process.pid, seconds)
    output = log.read_bytes().decode("utf-8", "replace")
    cpu = usage.ru_utime + usage.ru_stime
    return Outcome(step, code, round(cpu, 2), round(usage.ru_maxrss / 1024, 1), output)


def _wait(pid: int, seconds: int) -> tuple[int, resource.struct_rusage]:
    """Wait for a process; one that takes longer is killed with all that it started."""
    end = time.monotonic() + seconds
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), usage
        if time.monotonic() > end:
            os.killpg(pid, signal.SIGKILL)
            _, _, usage = os.wait4(pid, 0)
            return -1, usage
        time.sleep(0.02)


def build_command(step: str, document: Path, name: str) -> list[str]:
    """Return the command of a step, to be run in a project of its own."""
    driftline = str(_PYTHON.with_name("driftline"))
    return {
        "add": [driftline, "add", str(document), "--name", name, "--no-check"],
        "lint": [driftline, "lint", name],
        "calls": [str(_PYTHON), "-m", "bench.corpus.calls", name],
        "types": [str(_PYTHON), "-m", "mypy", "--strict", "--cache-dir", _CACHE, "generated"],
        "check": [str(_PYTHON), "-m", "bench.corpus.checking", name],
    }[step]
